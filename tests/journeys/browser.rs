//! One tab of headless Chromium, spoken to over WebDriver.

use crate::journey::Look;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use thirtyfour::{
    Capabilities, ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel, WebDriver,
    WebElement, error::WebDriverResult,
};
use tokio::runtime::{Builder, Runtime};

/// The arguments that every browser of the tests starts with.
const OPTIONS: &str = include_str!("../../webdriver.json");

/// A browser that answers one call at a time.
pub struct Browser {
    runtime: Runtime,
    driver: WebDriver,
}

impl Browser {
    /// Starts a browser that shows pages as `look` says.
    pub fn start(look: Look) -> WebDriverResult<Browser> {
        let address = from_xtask("PLAYGROUND_WEBDRIVER");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let driver = runtime.block_on(async {
            let driver = WebDriver::new(address, capabilities()?).await?;
            dress(&driver, look).await?;
            WebDriverResult::Ok(driver)
        })?;
        Ok(Browser { runtime, driver })
    }

    /// Goes to an address and waits until the document is loaded.
    pub fn go(&self, address: &str) -> WebDriverResult<()> {
        self.runtime.block_on(self.driver.goto(address))
    }

    /// Loads the page anew.
    pub fn reload(&self) -> WebDriverResult<()> {
        self.runtime.block_on(self.driver.refresh())
    }

    /// Runs a script in the page and returns what it returns.
    pub fn run(&self, script: &str, args: Vec<Value>) -> WebDriverResult<Value> {
        let ran = self.runtime.block_on(self.driver.execute(script, args))?;
        Ok(ran.json().clone())
    }

    /// Runs a script that returns an element of the page, or nothing.
    pub fn find(&self, script: &str, args: Vec<Value>) -> WebDriverResult<Option<WebElement>> {
        let ran = self.runtime.block_on(self.driver.execute(script, args))?;
        if ran.json().is_null() {
            Ok(None)
        } else {
            ran.element().map(Some)
        }
    }

    /// Clicks where a person would click: in the middle of what is visible of an element.
    pub fn click(&self, element: &WebElement) -> WebDriverResult<()> {
        self.runtime.block_on(element.click())
    }

    /// Presses keys while an element has the focus.
    pub fn type_into(&self, element: &WebElement, text: &str) -> WebDriverResult<()> {
        self.runtime.block_on(element.send_keys(text))
    }

    /// Presses keys wherever the focus is.
    pub fn type_keys(&self, text: &str) -> WebDriverResult<()> {
        self.runtime
            .block_on(self.driver.action_chain().send_keys(text).perform())
    }

    /// Presses one key while others are held.
    pub fn chord(&self, held: &[char], key: char) -> WebDriverResult<()> {
        let keys = held
            .iter()
            .fold(self.driver.action_chain(), |keys, key| keys.key_down(*key));
        let keys = keys.key_down(key).key_up(key);
        let keys = held.iter().fold(keys, |keys, key| keys.key_up(*key));
        self.runtime.block_on(keys.perform())
    }

    /// Sends a command of Chromium's own protocol.
    pub fn devtools(&self, method: &str, params: Value) -> WebDriverResult<Value> {
        self.runtime
            .block_on(self.driver.cdp().send_raw(method, params))
    }

    /// Takes a picture of what the window shows.
    pub fn picture(&self, path: &Path) -> WebDriverResult<()> {
        self.runtime.block_on(self.driver.screenshot(path))
    }

    /// What went wrong in the console since the last look.
    pub fn mistakes(&self) -> WebDriverResult<Vec<String>> {
        let entries = self.runtime.block_on(self.driver.browser_log())?;
        let grave = entries.into_iter().filter(|entry| entry.level == "SEVERE");
        Ok(grave.map(|entry| entry.message).collect())
    }

    /// Lets time pass.
    pub fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// Ends the browser.
    pub fn quit(self) -> WebDriverResult<()> {
        self.runtime.block_on(self.driver.quit())
    }
}

/// Where something is that `cargo xtask test` starts before the journeys.
pub fn from_xtask(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: journeys need the page served; run cargo xtask test --only journeys"
        )
    })
}

fn capabilities() -> WebDriverResult<Capabilities> {
    let mut capabilities = ChromeCapabilities::new();
    let options: Value = serde_json::from_str(OPTIONS).expect("webdriver.json is JSON");
    for argument in options["goog:chromeOptions"]["args"]
        .as_array()
        .into_iter()
        .flatten()
    {
        capabilities.add_arg(argument.as_str().expect("an argument is text"))?;
    }
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    Ok(capabilities.into())
}

async fn dress(driver: &WebDriver, look: Look) -> WebDriverResult<()> {
    let (width, height) = look.screen.size();
    let phone = look.screen.is_phone();
    let metrics =
        json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
    let scheme = if look.dark { "dark" } else { "light" };
    let motion = if look.still {
        "reduce"
    } else {
        "no-preference"
    };
    let media = json!({"features": [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": motion},
    ]});
    driver
        .cdp()
        .send_raw("Emulation.setDeviceMetricsOverride", metrics)
        .await?;
    driver
        .cdp()
        .send_raw(
            "Emulation.setTouchEmulationEnabled",
            json!({"enabled": phone}),
        )
        .await?;
    driver
        .cdp()
        .send_raw("Emulation.setEmulatedMedia", media)
        .await?;
    Ok(())
}
