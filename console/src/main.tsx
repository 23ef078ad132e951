// Where does the console begin?

import { render } from "preact";
import { start } from "./app.ts";
import { Shell } from "./ui/shell.tsx";
import "./style.css";

render(<Shell />, document.getElementById("console")!);
await start();
