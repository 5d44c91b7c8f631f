//! A headless chromium that does what a reader of a page would do, and says what it showed.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use libtest_mimic::Failed;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Chromium takes its time on a busy machine.
const AT_MOST: Duration = Duration::from_secs(60);

/// How often a page is looked at until it shows what it shall: for at least 5 s.
const LOOKS: u32 = 100;
/// Between two looks: a page says nothing by itself.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// One browser with one page.
pub struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    /// Goes last: the session ends before its driver.
    _driver: Driver,
}

/// The process that drives it, in a process group of its own.
struct Driver {
    child: Child,
    port: u16,
    /// What the browser writes vanishes with it.
    profile: tempfile::TempDir,
}

/// Why no browser can be driven here, if none can.
pub fn absent() -> Option<String> {
    ["chromium", "chromedriver"].into_iter().find_map(|program| {
        let error = Command::new(program).arg("--version").output().err()?;
        Some(format!("{program}: {error}; the packages are chromium and chromium-driver"))
    })
}

impl Browser {
    /// A browser with a window of this size.
    pub fn start(width: u32, height: u32) -> Result<Browser, Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let driver = Driver::start()?;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--no-first-run".to_owned(),
            // Nothing but the page itself may be asked for.
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1".to_owned(),
            format!("--user-data-dir={}", driver.profile.path().display()),
            format!("--window-size={width},{height}"),
        ];
        if std::fs::metadata("/proc/self")?.uid() == 0 {
            // Its sandbox refuses to run as root.
            arguments.push("--no-sandbox".to_owned());
        }
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        });
        let capabilities: Capabilities = serde_json::from_value(wanted)?;
        let address = format!("http://127.0.0.1:{}", driver.port);
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            let connecting = builder.capabilities(capabilities);
            tokio::time::timeout(AT_MOST, connecting.connect(&address)).await
        });
        let client = client.map_err(|_| "chromium did not start in time")??;
        let browser = Browser { runtime, client: Some(client), _driver: driver };
        // What a new window shows is no part of any trial.
        browser.wait(async |client| client.goto("about:blank").await)?;
        browser.requests()?;
        Ok(browser)
    }

    /// Opens a page from its file.
    pub fn open(&self, page: &Path) -> Result<(), Failed> {
        let address = format!("file://{}", page.display());
        self.wait(async |client| client.goto(&address).await)
    }

    /// Does nothing but what a person could: reads with a script what the page shows.
    pub fn read(&self, script: &str) -> Result<Value, Failed> {
        self.wait(async |client| client.execute(&format!("return {script};"), Vec::new()).await)
    }

    /// Fails unless the page comes to show that, which is waited for.
    pub fn expect(&self, script: &str, expected: Value) -> Result<(), Failed> {
        let mut seen = Value::Null;
        for _ in 0..LOOKS {
            seen = self.read(script)?;
            if seen == expected {
                return Ok(());
            }
            self.runtime.block_on(async { tokio::time::sleep(BETWEEN_LOOKS).await });
        }
        Err(format!("{script}: {seen}, not {expected}").into())
    }

    /// Clicks what the selector finds first.
    pub fn click(&self, selector: &str) -> Result<(), Failed> {
        self.wait(async |client| client.find(Locator::Css(selector)).await?.click().await)
    }

    /// Types where the focus is.
    pub fn press(&self, keys: &str) -> Result<(), Failed> {
        self.wait(async |client| {
            let focused: Element = client.active_element().await?;
            focused.send_keys(keys).await
        })
    }

    /// A command of the browser's own protocol.
    pub fn devtools(&self, command: &str, parameters: Value) -> Result<Value, Failed> {
        let body = json!({"cmd": command, "params": parameters});
        self.issue("goog/cdp/execute", body)
    }

    /// The messages of the console since they were last asked for.
    pub fn messages(&self) -> Result<Vec<String>, Failed> {
        let log = self.issue("se/log", json!({"type": "browser"}))?;
        Ok(log.as_array().into_iter().flatten().map(Value::to_string).collect())
    }

    /// The addresses that the page asked for, its own among them.
    pub fn requests(&self) -> Result<Vec<String>, Failed> {
        let log = self.issue("se/log", json!({"type": "performance"}))?;
        let mut addresses = Vec::new();
        for entry in log.as_array().into_iter().flatten() {
            let event: Value = serde_json::from_str(entry["message"].as_str().unwrap_or_default())?;
            if event["message"]["method"] == "Network.requestWillBeSent" {
                let address = &event["message"]["params"]["request"]["url"];
                addresses.push(address.as_str().unwrap_or_default().to_owned());
            }
        }
        Ok(addresses)
    }

    /// The size of what is seen, smaller than any window where it has to be.
    pub fn resize(&self, width: u32, height: u32) -> Result<(), Failed> {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).map(drop)
    }

    /// Keeps what is seen, for people.
    pub fn screenshot(&self, path: &Path) -> Result<(), Failed> {
        let picture = self.wait(async |client| client.screenshot().await)?;
        Ok(std::fs::write(path, picture)?)
    }

    fn issue(&self, path: &'static str, body: Value) -> Result<Value, Failed> {
        self.wait(async |client| client.issue_cmd(Extension { path, body: body.clone() }).await)
    }

    fn wait<T>(
        &self,
        ask: impl AsyncFnOnce(&Client) -> Result<T, fantoccini::error::CmdError>,
    ) -> Result<T, Failed> {
        let client = self.client.as_ref().ok_or("the browser is closed")?;
        let answer =
            self.runtime.block_on(async { tokio::time::timeout(AT_MOST, ask(client)).await });
        Ok(answer.map_err(|_| "chromium did not answer in time")??)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            // A browser that does not end in time is ended with its driver.
            let _ = self.runtime.block_on(async {
                tokio::time::timeout(Duration::from_secs(10), client.close()).await
            });
        }
    }
}

impl Driver {
    fn start() -> Result<Driver, Failed> {
        let profile = tempfile::tempdir()?;
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.process_group(0).spawn()?;
        let stdout = child.stdout.take();
        let mut driver = Driver { child, port: 0, profile };
        let (sender, port) = mpsc::channel();
        // It tells its port, and more later: somebody has to read that.
        std::thread::spawn(move || {
            for line in stdout.map(BufReader::new).into_iter().flat_map(BufReader::lines) {
                let Ok(line) = line else { break };
                let told = line.split_once("started successfully on port ");
                if let Some(port) =
                    told.and_then(|(_, port)| port.trim_end_matches('.').parse().ok())
                {
                    let _ = sender.send(port);
                }
            }
        });
        driver.port = port.recv_timeout(AT_MOST).map_err(|_| "chromedriver told no port")?;
        Ok(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The group, for a browser that outlives its session.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}

/// A command that the standard does not have.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
