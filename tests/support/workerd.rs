//! How does a test get a Worker to talk to?
//!
//! By the protocol of `scripts/serve.mjs`: it prints one line once workerd is
//! healthy, and ends when we do. `npm test` builds the Worker and names the
//! script and its node.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test program uses its part"
)]

use super::http::{Answer, Client};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{
    Mutex, Once, PoisonError,
    atomic::{AtomicU32, Ordering},
};

/// The header that says that a request is for the second isolate of a
/// [`Variant::Pair`].
pub(crate) const FAR: (&str, &str) = ("x-isolate", "far");

/// Which build of the Worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// What is deployed.
    Release,
    /// The same with the routes under `/__test/`.
    Test,
    /// What is deployed, in two isolates over the same objects: requests with
    /// [`FAR`] go to the second.
    Pair,
}

/// One workerd on a data folder of its own; it ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    script: Child,
    workerd: u32,
    port: u16,
    variant: Variant,
    vars: Vec<String>,
    without: Vec<&'static str>,
    data: PathBuf,
    client: Client,
}

impl Server {
    /// Starts one on an empty data folder.
    pub(crate) fn start(variant: Variant) -> Self {
        Self::start_with(variant, &[])
    }

    /// Starts one with other settings than the local ones.
    pub(crate) fn start_with(variant: Variant, vars: &[(&str, &str)]) -> Self {
        Self::start_without(variant, vars, &[])
    }

    /// Starts one without parts of `wrangler.json`.
    pub(crate) fn start_without(
        variant: Variant,
        vars: &[(&str, &str)],
        without: &[&'static str],
    ) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        Self::start_in(folder, variant, vars, without)
    }

    /// Starts one on a data folder in memory, where there is one: for thousands of
    /// small databases, which a disk takes a hundred milliseconds each to keep.
    pub(crate) fn start_in_memory(variant: Variant) -> Self {
        let memory = Path::new("/dev/shm");
        let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = if memory.is_dir() { memory } else { disk };
        Self::start_in(folder, variant, &[], &[])
    }

    fn start_in(
        folder: &Path,
        variant: Variant,
        vars: &[(&str, &str)],
        without: &[&'static str],
    ) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        static SWEPT: Once = Once::new();
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("workerd-{}-{number}", std::process::id());
        let data = folder.join(name);
        SWEPT.call_once(sweep);
        let vars: Vec<String> = vars
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let (script, port, workerd) = serve(variant, 0, &data, (&vars, without));
        Self {
            script,
            workerd,
            port,
            variant,
            vars,
            without: without.to_vec(),
            data,
            client: Client::default(),
        }
    }

    /// The port, the same after a restart.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The client every request goes through.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// A URL at the platform, which is `localhost`.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://localhost:{}{target}", self.port)
    }

    /// A URL at a tenant.
    pub(crate) fn tenant_url(&self, slug: &str, target: &str) -> String {
        format!("http://{slug}.localhost:{}{target}", self.port)
    }

    /// Gets a target at the platform.
    pub(crate) fn get(&self, target: &str) -> Answer {
        self.client.get(&self.url(target))
    }

    /// Asks a test hook; the test build only.
    pub(crate) fn hook(&self, target: &str) -> serde_json::Value {
        self.get(&format!("/__test/{target}")).json()
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(log_path(&self.data)).unwrap()
    }

    /// The process to kill.
    pub(crate) fn pid(&self) -> u32 {
        self.workerd
    }

    /// Waits until a workerd that was killed is gone.
    pub(crate) fn wait_dead(&mut self) {
        self.script.wait().unwrap();
    }

    /// Kills workerd at once, as a power cut would, and waits until it is gone.
    pub(crate) fn crash(&mut self) {
        kill(self.workerd);
        self.wait_dead();
    }

    /// The same with other parts of `wrangler.json` missing.
    pub(crate) fn restart_without(&mut self, without: &[&'static str]) {
        self.without = without.to_vec();
        self.restart();
    }

    /// Starts workerd again on the same data and port.
    pub(crate) fn restart(&mut self) {
        let settings = (self.vars.as_slice(), self.without.as_slice());
        let (script, port, workerd) = serve(self.variant, self.port, &self.data, settings);
        assert_eq!(port, self.port);
        (self.script, self.workerd) = (script, workerd);
        // Connections to the old one are no use.
        self.client = Client::default();
    }
}

/// Kills workerd at once, while others may be speaking to it.
pub(crate) fn kill(workerd: u32) {
    let killed = Command::new("kill")
        .args(["-9", &workerd.to_string()])
        .status();
    assert!(killed.unwrap().success(), "workerd had ended by itself");
}

impl Drop for Server {
    fn drop(&mut self) {
        // The script's workerd is on its leash: the kernel ends it too.
        drop(self.script.kill());
        drop(self.script.wait());
        drop(std::fs::remove_dir_all(&self.data));
    }
}

/// A Worker that all tests of this program share, for those that need no
/// settings, no crash and no empty database of their own.
pub(crate) fn with_shared<T>(variant: Variant, test: impl FnOnce(&Server) -> T) -> T {
    static SHARED: Mutex<Vec<&'static Server>> = Mutex::new(Vec::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = shared.iter().find(|server| server.variant == variant);
    let server = found.copied().unwrap_or_else(|| {
        // Never dropped: the script ends when this program does.
        let server: &Server = Box::leak(Box::new(Server::start(variant)));
        shared.push(server);
        server
    });
    drop(shared);
    test(server)
}

fn serve(
    variant: Variant,
    port: u16,
    data: &Path,
    (vars, without): (&[String], &[&str]),
) -> (Child, u16, u32) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = |name, fallback: &str| {
        std::env::var_os(name).map_or_else(|| root.join(fallback), PathBuf::from)
    };
    let mut command = Command::new(named("AERO2_NODE", "node_modules/.bin/node"));
    command.arg(named("AERO2_SERVE", "scripts/serve.mjs"));
    let name = match variant {
        Variant::Release | Variant::Pair => "release",
        Variant::Test => "test",
    };
    command
        .args(["--variant", name, "--port", &port.to_string(), "--data"])
        .arg(data);
    if variant == Variant::Pair {
        command.args(["--isolates", "2"]);
    }
    for var in vars {
        command.args(["--var", var]);
    }
    for part in without {
        command.args(["--without", part]);
    }
    let mut script = command
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log(data))
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = script.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let ready = parse(&line);
    let (port, workerd) = ready.unwrap_or_else(|| {
        let log = std::fs::read_to_string(log_path(data)).unwrap_or_default();
        panic!("workerd did not start (npm run build -- --variant {name}):\n{log}")
    });
    (script, port, workerd)
}

/// Removes the data of shared servers of earlier runs: nobody drops those. In
/// a container an earlier run may well have had our process number.
fn sweep() {
    let ours = std::process::id().to_string();
    let folders = std::fs::read_dir(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for folder in folders.flatten() {
        let name = folder.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix("workerd-"));
        let program = rest.and_then(|rest| rest.split_once('-'));
        let is_over = |(pid, _): (&str, _)| pid == ours || !Path::new("/proc").join(pid).exists();
        if program.is_some_and(is_over) {
            drop(std::fs::remove_dir_all(folder.path()));
        }
    }
}

fn log_path(data: &Path) -> PathBuf {
    data.join("log")
}

/// What workerd and the script say, for whoever looks into a failure.
fn log(data: &Path) -> std::fs::File {
    std::fs::create_dir_all(data).unwrap();
    let mut options = std::fs::OpenOptions::new();
    options
        .create(true)
        .append(true)
        .open(log_path(data))
        .unwrap()
}

/// Reads `ready http://127.0.0.1:PORT pid PID`.
fn parse(line: &str) -> Option<(u16, u32)> {
    let rest = line.trim().strip_prefix("ready http://127.0.0.1:")?;
    let (port, pid) = rest.split_once(" pid ")?;
    Some((port.parse().ok()?, pid.parse().ok()?))
}
