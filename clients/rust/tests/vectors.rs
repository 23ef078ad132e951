//! Does the crate answer as the shared vectors say?

#![cfg(test)]

use aero2_verifier::{
    Now,
    feed::{Facts, Feed, Limits, Output, Received, Reconnect},
    token::{AccessToken, Expectations, Keys, TokenRefusal, open_security_event},
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

const ORIGIN_MS: u64 = 1_800_000_000_000;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

fn read(name: &str) -> Value {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn keys() -> Keys {
    Keys::parse(&fs::read(folder().join("keys.json")).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn every_token_is_judged_alike() {
    let (keys, file) = (keys(), read("tokens.json"));
    let expected = Expectations {
        issuer: text(&file["issuer"]).to_owned(),
        audience: text(&file["audience"]).to_owned(),
        leeway_s: file["leeway_s"].as_u64().unwrap(),
    };
    let now = Now {
        wall_ms: ORIGIN_MS,
        mono_ms: 0,
    };
    for token in file["tokens"].as_array().unwrap() {
        let verified = AccessToken::verify(text(&token["token"]), &keys, &expected, now);
        let outcome = verified.map_or_else(TokenRefusal::name, |_| "good");
        assert_eq!(outcome, token["expect"], "{}", token["about"]);
    }
}

#[test]
fn every_security_event_token_is_judged_alike() {
    let (keys, file) = (keys(), read("sets.json"));
    let (issuer, audience) = (text(&file["issuer"]), text(&file["audience"]));
    for (name, set) in file["sets"].as_object().unwrap() {
        let opened = open_security_event(text(&set["set"]), &keys, issuer, &[audience]);
        let outcome = opened.map_or_else(TokenRefusal::name, |_| "good");
        assert_eq!(outcome, set["expect"], "{name}");
    }
}

#[test]
fn every_scenario_is_played_alike() {
    let mut names: Vec<_> = fs::read_dir(folder().join("feed"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 50);
    for name in names {
        let scenario = read(&format!("feed/{name}"));
        let mut stage = Stage::new(&scenario);
        for (at, step) in scenario["steps"].as_array().unwrap().iter().enumerate() {
            stage.play(step, &format!("{name}, step {at}: {step}"));
        }
    }
}

struct Stage<'a> {
    feed: Feed,
    keys: Keys,
    sets: Value,
    tokens: &'a Value,
}

impl<'a> Stage<'a> {
    fn new(scenario: &'a Value) -> Self {
        let mut limits = Limits::default();
        if let Some(most) = scenario["limits"]["entries_max"].as_u64() {
            limits.entries_max = usize::try_from(most).unwrap();
        }
        if let Some(most) = scenario["limits"]["max_staleness_ms"].as_u64() {
            limits.max_staleness_ms = most;
        }
        Self {
            feed: Feed::new(limits),
            keys: keys(),
            sets: read("sets.json"),
            tokens: &scenario["tokens"],
        }
    }

    fn play(&mut self, step: &Value, about: &str) {
        let at = step["at"].as_u64().unwrap();
        let wall = step["wall"].as_i64().unwrap_or(i64::try_from(at).unwrap());
        let now = Now {
            wall_ms: ORIGIN_MS.saturating_add_signed(wall),
            mono_ms: at,
        };
        let outputs = self.act(step, now, about);
        let expected = json!({
            "send": step.get("send").cloned().unwrap_or(json!([])),
            "close": step["close"],
            "synced": step["synced"],
            "drain": step["drain"],
        });
        assert_eq!(told(&outputs), expected, "{about}");
        if let Some(standings) = step["standing"].as_object() {
            for (name, expected) in standings {
                let standing = self.feed.standing(&self.facts(name), now);
                assert_eq!(standing.name(), expected, "{name} in {about}");
            }
        }
        if let Some(cursor) = step.get("cursor") {
            let known = self.feed.cursor().map(ToString::to_string);
            assert_eq!(json!(known), *cursor, "{about}");
        }
        if let Some(entries) = step["entries"].as_u64() {
            assert_eq!(self.feed.entries() as u64, entries, "{about}");
        }
        if let Some(certain) = step["certain"].as_bool() {
            assert_eq!(self.feed.is_certain(now), certain, "{about}");
        }
    }

    fn act(&mut self, step: &Value, now: Now, about: &str) -> Vec<Output> {
        if step.get("open").is_some() {
            self.feed.opened(now);
        }
        if let Some(code) = step.get("closed") {
            let code = code.as_u64().map(|code| u16::try_from(code).unwrap());
            let reconnect = spelled(self.feed.closed(code));
            assert_eq!(reconnect, step["reconnect"], "{about}");
        }
        if let Some(nonce) = step["sync"].as_str() {
            return self
                .feed
                .sync(nonce)
                .map(Output::Send)
                .into_iter()
                .collect();
        }
        if step.get("tick").is_some() {
            return self.feed.tick(now);
        }
        match step.get("receive") {
            Some(frame) => self.receive(frame, now),
            None => Vec::new(),
        }
    }

    fn receive(&mut self, frame: &Value, now: Now) -> Vec<Output> {
        let frame = match frame {
            Value::String(text) => text.clone(),
            frame => self.resolved(frame).to_string(),
        };
        match self.feed.receive(&frame, now) {
            Received::Done(outputs) => outputs,
            Received::Verify(pending) => {
                let (issuer, audience) = (text(&self.sets["issuer"]), text(&self.sets["audience"]));
                let opened =
                    open_security_event(pending.set(), &self.keys, issuer, &[audience]).ok();
                self.feed.take(pending, opened, now)
            }
        }
    }

    /// With tokens in the place of their names, and instants after the origin made absolute.
    fn resolved(&self, frame: &Value) -> Value {
        let mut frame = frame.clone();
        let named = frame["set"].as_str().and_then(|set| set.strip_prefix('@'));
        if let Some(set) = named.map(|name| self.sets["sets"][name]["set"].clone()) {
            assert!(set.is_string(), "{frame}");
            frame["set"] = set;
        }
        if let Some(records) = frame["revoked"].as_array_mut() {
            for record in records {
                for name in ["exp", "not_before"] {
                    if let Some(after) = record[name].as_i64() {
                        record[name] = json!(seconds(after));
                    }
                }
            }
            drop_nulls(&mut frame);
        }
        frame
    }

    fn facts(&self, name: &str) -> Facts<'a> {
        let token = &self.tokens[name];
        Facts {
            subject: text(&token["sub"]),
            client: text(&token["client_id"]),
            session: token["sid"].as_str(),
            id: text(&token["jti"]),
            issued_at: seconds(token["iat"].as_i64().unwrap()),
            expires_at: seconds(token["exp"].as_i64().unwrap()),
        }
    }
}

/// Asking a value for a member it lacks makes one.
fn drop_nulls(frame: &mut Value) {
    for record in frame["revoked"].as_array_mut().unwrap() {
        record
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
    }
}

fn seconds(after: i64) -> u64 {
    (ORIGIN_MS / 1_000).saturating_add_signed(after)
}

fn told(outputs: &[Output]) -> Value {
    let mut told = json!({ "send": [], "close": null, "synced": null, "drain": null });
    for output in outputs {
        match output {
            Output::Send(frame) => {
                let frame = serde_json::from_str(frame).unwrap_or_else(|_| json!(frame));
                told["send"].as_array_mut().unwrap().push(frame);
            }
            Output::Close(code) => told["close"] = json!(code),
            Output::Synced(nonce) => told["synced"] = json!(nonce),
            Output::Drain { below_ms } => told["drain"] = json!(below_ms),
        }
    }
    told
}

fn spelled(reconnect: Reconnect) -> Value {
    match reconnect {
        Reconnect::Stop(_) => json!("stop"),
        Reconnect::After {
            at_least_ms,
            below_ms,
            fresh_token,
        } => {
            let mut spelled = json!([at_least_ms, below_ms]);
            if fresh_token {
                spelled.as_array_mut().unwrap().push(json!("fresh_token"));
            }
            spelled
        }
    }
}
