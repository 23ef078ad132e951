import { render } from "preact";
import "./style.css";
render(<p>…</p>, document.getElementById("console")!);
