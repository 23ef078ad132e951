//! How does a test drive a real browser?
//!
//! Headless Chromium by its `ChromeDriver`, over [W3C WebDriver]: JSON over
//! HTTP. Chromium resolves `*.localhost` by itself.
//!
//! [W3C WebDriver]: https://www.w3.org/TR/webdriver2/

use super::http::Client;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// The member in which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long a script waits for what it polls for, in milliseconds.
const WAIT_MS: u32 = 15_000;

/// A browser with a window of its own and no memory of others.
pub(crate) struct Chromium {
    driver: Child,
    session: String,
    http: Client,
    profile: PathBuf,
    width: u32,
}

impl Chromium {
    /// Starts one whose pages are `width` CSS pixels wide.
    pub(crate) fn start(width: u32) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let (driver, port) = start_driver();
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("chromium-{}-{number}", std::process::id());
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let mut browser = Self {
            driver,
            session: format!("http://localhost:{port}/session"),
            http: Client::default(),
            profile,
            width,
        };
        let wanted = json!({ "capabilities": { "alwaysMatch": browser.capabilities() } });
        let started = browser.ask("POST", "", &wanted);
        let id = started["sessionId"].as_str().unwrap();
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    fn capabilities(&self) -> Value {
        let binary = program("CHROMIUM", "/usr/bin/chromium");
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
            &format!("--user-data-dir={}", self.profile.display()),
        ];
        let mut options = json!({ "binary": binary, "args": arguments });
        // No window is as narrow as a telephone, so that is emulated.
        if self.width < 600 {
            let screen =
                json!({ "width": self.width, "height": 740, "pixelRatio": 2.0, "touch": false });
            options["mobileEmulation"] = json!({ "deviceMetrics": screen });
        }
        json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        })
    }

    /// Which tab is shown.
    pub(crate) fn tab(&self) -> String {
        let tab = self.ask("GET", "/window", &Value::Null);
        tab.as_str().unwrap().to_owned()
    }

    /// Opens another tab, and shows it.
    pub(crate) fn new_tab(&self) -> String {
        let opened = self.ask("POST", "/window/new", &json!({ "type": "tab" }));
        let tab = opened["handle"].as_str().unwrap().to_owned();
        self.show(&tab);
        tab
    }

    /// Shows a tab.
    pub(crate) fn show(&self, tab: &str) {
        self.ask("POST", "/window", &json!({ "handle": tab }));
    }

    /// Opens an address and waits until it is loaded.
    pub(crate) fn open(&self, address: &str) {
        self.ask("POST", "/url", &json!({ "url": address }));
    }

    /// Where the browser is.
    pub(crate) fn address(&self) -> String {
        let address = self.ask("GET", "/url", &Value::Null);
        address.as_str().unwrap().to_owned()
    }

    /// What a person can read.
    pub(crate) fn text(&self) -> String {
        let text = self.run("return document.body.innerText");
        text.as_str().unwrap().to_owned()
    }

    /// Types into the field of that name.
    pub(crate) fn fill(&self, name: &str, text: &str) {
        self.fill_in(&format!("[name={name}]"), text);
    }

    /// Types into what the selector finds, instead of what is there.
    pub(crate) fn fill_in(&self, selector: &str, text: &str) {
        let element = self.find(selector);
        self.ask("POST", &format!("/element/{element}/clear"), &json!({}));
        self.ask(
            "POST",
            &format!("/element/{element}/value"),
            &json!({ "text": text }),
        );
    }

    /// Clicks what the selector finds, and waits for the page it leads to.
    pub(crate) fn click(&self, selector: &str) {
        // The old document is marked: whatever has no mark is the next one.
        self.run("document.leaving = true");
        let element = self.find(selector);
        self.ask("POST", &format!("/element/{element}/click"), &json!({}));
        self.wait("!document.leaving && document.readyState === 'complete'");
    }

    /// Clicks what the selector finds once it is there, which leads to no other
    /// page.
    pub(crate) fn tap(&self, selector: &str) {
        self.wait(&format!("document.querySelector({})", json!(selector)));
        let element = self.find(selector);
        self.ask("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// Presses keys one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let events = |key: char| {
            ["keyDown", "keyUp"].map(|what| json!({ "type": what, "value": key.to_string() }))
        };
        let actions: Vec<Value> = keys.chars().flat_map(events).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.ask("POST", "/actions", &json!({ "actions": [keyboard] }));
    }

    /// What axe finds wrong that keeps somebody out, in light and in dark: how
    /// grave it is, which rule, and where.
    ///
    /// It is run by the debugger, and so whatever the page's policy is.
    pub(crate) fn barriers(&self) -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(path).unwrap();
        let script = format!(
            "{axe}; const done = arguments[0]; axe.run(document, {{ resultTypes: ['violations'] }}).then(
                ({{ violations }}) => done(violations.flatMap(({{ id, impact, nodes }}) =>
                    nodes.map(({{ html }}) => `${{impact}} ${{id}}: ${{html}}`))),
                (error) => done([`critical ${{error}}`]))"
        );
        let mut found = Vec::new();
        for scheme in ["light", "dark"] {
            self.see(scheme);
            let script = json!({ "script": script, "args": [] });
            let told = self.ask("POST", "/execute/async", &script);
            let told = told.as_array().unwrap().iter();
            let told = told.map(|line| line.as_str().unwrap());
            let grave = |line: &&str| line.starts_with("serious") || line.starts_with("critical");
            found.extend(told.filter(grave).map(|line| format!("{scheme} {line}")));
        }
        found
    }

    /// Shows the page by day or by night, at once: half a transition is neither.
    fn see(&self, scheme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
    }

    /// Answers what a script returns.
    pub(crate) fn run(&self, script: &str) -> Value {
        let script = json!({ "script": script, "args": [] });
        self.ask("POST", "/execute/sync", &script)
    }

    /// Waits until an expression holds in whichever page is there.
    pub(crate) fn wait(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        for _ in 0..WAIT_MS / 50 {
            if self.run(&script) == json!(true) {
                return;
            }
            std::thread::sleep(core::time::Duration::from_millis(50));
        }
        panic!("{expression} never held at {}", self.address());
    }

    /// Saves what is seen, whole, in light and in dark, to `target/screenshots`
    /// for the eye.
    pub(crate) fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        for scheme in ["light", "dark"] {
            self.see(scheme);
            let shot = self.devtools(
                "Page.captureScreenshot",
                &json!({ "captureBeyondViewport": true }),
            );
            let png = data_encoding::BASE64.decode(shot["data"].as_str().unwrap().as_bytes());
            let file = format!("{}-{name}-{scheme}.png", self.width);
            std::fs::write(folder.join(file), png.unwrap()).unwrap();
        }
    }

    /// What the browser complained of since the last time: blocked styles,
    /// scripts, forms, or missing files.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", &json!({ "type": "browser" }));
        let lines = log.as_array().unwrap().iter();
        let lines = lines.filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING");
        lines.map(|line| line["message"].to_string()).collect()
    }

    fn find(&self, selector: &str) -> String {
        let by = json!({ "using": "css selector", "value": selector });
        let found = self.ask("POST", "/element", &by);
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    fn devtools(&self, command: &str, params: &Value) -> Value {
        let body = json!({ "cmd": command, "params": params });
        self.ask("POST", "/goog/cdp/execute", &body)
    }

    /// Sends one WebDriver command; answers its value.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.session))
            .header("content-type", "application/json");
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let answer = self.http.send(request.body(body).unwrap());
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
        answer.json()["value"].take()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let ended = http::Request::delete(&self.session).body(Vec::new());
        drop(self.http.try_send(ended.unwrap()));
        drop(self.driver.kill());
        drop(self.driver.wait());
        drop(std::fs::remove_dir_all(&self.profile));
    }
}

/// What `npm test` found, or where Debian puts it.
fn program(variable: &str, otherwise: &str) -> String {
    let named = std::env::var(variable).ok().filter(|path| !path.is_empty());
    let path = named.unwrap_or_else(|| otherwise.to_owned());
    assert!(
        Path::new(&path).exists(),
        "{path} is missing: node scripts/setup.mjs --browser installs it"
    );
    path
}

fn start_driver() -> (Child, u16) {
    let mut driver = Command::new(program("CHROMEDRIVER", "/usr/bin/chromedriver"))
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| {
        let line = line.unwrap();
        let port = line.split_once("started successfully on port ")?.1;
        port.trim_end_matches('.').parse().ok()
    });
    // Whoever stops reading what it says would stop it.
    std::thread::spawn(move || lines.for_each(drop));
    (driver, port.unwrap())
}
