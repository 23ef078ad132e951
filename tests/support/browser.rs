//! What does a person's browser do?
//!
//! It keeps cookies by host, sends forms as they stand in the page, and follows
//! redirects when told.

use super::{
    call::{Call, Reply},
    site::Site,
    socket::TestSocket,
};
use scraper::{Html, Selector};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

type Jar = BTreeMap<String, BTreeMap<String, String>>;

/// A browser with its cookies.
pub(crate) struct Browser<'a> {
    site: &'a Site,
    jar: RefCell<Jar>,
    /// Its address, when it is not that of every other browser.
    address: Option<String>,
}

/// A form as it stands in a page.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        Self {
            site,
            jar: RefCell::default(),
            address: None,
        }
    }

    /// A browser in a network of its own, which no other's attempts exhaust.
    pub(crate) fn elsewhere(site: &'a Site) -> Self {
        static NETWORKS: AtomicU32 = AtomicU32::new(0);
        let [_, a, b, c] = NETWORKS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let address = Some(format!("10.{a}.{b}.{c}"));
        Self {
            address,
            ..Self::new(site)
        }
    }

    /// Sends a request with this browser's cookies, and keeps those it gets.
    pub(crate) fn send(&self, call: Call) -> Reply {
        let host = call.authority().to_owned();
        let reply = self.site.send(&self.own(call));
        for line in reply.headers.get_all("set-cookie") {
            self.keep(&host, line.to_str().unwrap());
        }
        reply
    }

    /// Asks for a socket with this browser's cookies.
    ///
    /// # Errors
    /// With the answer, when that is another than a socket.
    pub(crate) fn connect(&self, call: Call) -> Result<TestSocket, Box<Reply>> {
        self.site.connect(&self.own(call))
    }

    /// The call with what this browser adds to each.
    fn own(&self, call: Call) -> Call {
        let cookies = self.cookies(call.authority());
        let call = if cookies.is_empty() {
            call
        } else {
            call.header("cookie", &cookies)
        };
        self.placed(call)
    }

    /// The same call from this browser's network, without its cookies.
    pub(crate) fn placed(&self, call: Call) -> Call {
        match &self.address {
            Some(address) => call.header("cf-connecting-ip", address),
            None => call,
        }
    }

    pub(crate) fn get(&self, url: &str) -> Reply {
        self.send(Call::new("GET", url).header("accept", "text/html"))
    }

    /// Follows redirects as long as they stay on the site.
    pub(crate) fn follow(&self, url: &str, reply: Reply) -> (String, Reply) {
        let (mut url, mut reply) = (url.to_owned(), reply);
        for _ in 0..10 {
            if !(300..400).contains(&reply.status) {
                return (url, reply);
            }
            let base = url::Url::parse(&url).unwrap();
            url = base.join(reply.location()).unwrap().to_string();
            if !url.contains(&self.site.domain) {
                return (url, reply);
            }
            reply = self.get(&url);
        }
        panic!("redirected in circles at {url}");
    }

    /// Opens a page, following redirects.
    pub(crate) fn open(&self, url: &str) -> (String, Reply) {
        let reply = self.get(url);
        self.follow(url, reply)
    }

    /// Fills in the page's form that has all of `fields` and sends it, following
    /// redirects.
    pub(crate) fn submit(
        &self,
        url: &str,
        page: &Reply,
        fields: &[(&str, &str)],
    ) -> (String, Reply) {
        let reply = self.submit_only(url, page, fields);
        self.follow(url, reply)
    }

    /// The same, following nothing.
    pub(crate) fn submit_only(&self, url: &str, page: &Reply, fields: &[(&str, &str)]) -> Reply {
        let form = form_with(page.text(), fields);
        let action = url::Url::parse(url).unwrap().join(&form.action).unwrap();
        let origin = action.origin().ascii_serialization();
        let mut sent = form.fields;
        for (name, value) in fields {
            sent.retain(|(other, _)| other != name);
            sent.push(((*name).to_owned(), (*value).to_owned()));
        }
        let sent: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let call = Call::new("POST", action.as_str())
            .header("accept", "text/html")
            .header("origin", &origin)
            .form(&sent);
        self.send(call)
    }

    /// The value of a cookie at a host.
    pub(crate) fn cookie(&self, host: &str, name: &str) -> Option<String> {
        self.jar.borrow().get(host)?.get(name).cloned()
    }

    /// Puts a cookie into the jar, as a thief would.
    pub(crate) fn plant(&self, host: &str, name: &str, value: &str) {
        let mut jar = self.jar.borrow_mut();
        let cookies = jar.entry(host.to_owned()).or_default();
        cookies.insert(name.to_owned(), value.to_owned());
    }

    fn cookies(&self, host: &str) -> String {
        let jar = self.jar.borrow();
        let cookies = jar.get(host).into_iter().flatten();
        cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&self, host: &str, line: &str) {
        let cookie = cookie::Cookie::parse(line.to_owned()).unwrap();
        let mut jar = self.jar.borrow_mut();
        let cookies = jar.entry(host.to_owned()).or_default();
        if cookie.max_age().is_some_and(time::Duration::is_zero) {
            cookies.remove(cookie.name());
        } else {
            cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
        }
    }
}

/// The form of a page that has a field or button for each of `fields`.
pub(crate) fn form_with(html: &str, fields: &[(&str, &str)]) -> Form {
    let document = Html::parse_document(html);
    let controls =
        Selector::parse("input[name], button[name], select[name], textarea[name]").unwrap();
    for form in document.select(&Selector::parse("form").unwrap()) {
        let named: Vec<_> = form.select(&controls).collect();
        let has = |name: &str| {
            named
                .iter()
                .any(|control| control.attr("name") == Some(name))
        };
        if !fields.iter().all(|(name, _)| has(name)) {
            continue;
        }
        let value = |control: &scraper::ElementRef<'_>| {
            let is_button = control.value().name() == "button";
            let is_unset = matches!(control.attr("type"), Some("checkbox" | "radio" | "submit"))
                && control.attr("checked").is_none();
            let pair = || {
                let value = control.attr("value").unwrap_or_default();
                (
                    control.attr("name").unwrap_or_default().to_owned(),
                    value.to_owned(),
                )
            };
            (!is_button && !is_unset).then(pair)
        };
        return Form {
            action: form.attr("action").unwrap_or_default().to_owned(),
            fields: named.iter().filter_map(value).collect(),
        };
    }
    panic!("no form with {fields:?} in {html}");
}
