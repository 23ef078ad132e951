//! How do we say it to people?

use crate::domain::{
    calendar::Moment,
    session::Device,
    time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp},
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "21 November 2026".
pub(super) fn day(at: Timestamp) -> String {
    let moment = Moment::of(at);
    let mut months = MONTHS.iter().zip(1..);
    let month = months.find(|(_, number)| *number == moment.month);
    let month = month.map_or("", |(name, _)| name);
    format!("{} {month} {}", moment.day, moment.year)
}

/// "21 November 2026, 10:37 UTC".
pub(super) fn instant(at: Timestamp) -> String {
    let Moment { hour, minute, .. } = Moment::of(at);
    format!("{}, {hour:02}:{minute:02} UTC", day(at))
}

/// The same for machines, to the second.
pub(super) fn iso(at: Timestamp) -> String {
    let whole = at.as_millis() - at.as_millis().rem_euclid(SECOND_MS);
    let moment = Moment::of(Timestamp::from_millis(whole));
    moment.rfc3339().unwrap_or_default()
}

/// "2 hours ago", and the day when that is longer ago than a week.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    let passed = now.since(at);
    let several = |count: i64, unit: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {unit}{plural} ago")
    };
    match passed {
        ..MINUTE_MS => "just now".to_owned(),
        MINUTE_MS..HOUR_MS => several(passed / MINUTE_MS, "minute"),
        HOUR_MS..DAY_MS => several(passed / HOUR_MS, "hour"),
        _ if passed < 7 * DAY_MS => several(passed / DAY_MS, "day"),
        _ => format!("on {}", day(at)),
    }
}

/// "in 20 seconds", rounded up: never earlier than it is true.
pub(super) fn within(seconds: i64) -> String {
    let (count, unit) = match seconds.max(1) {
        seconds @ ..=90 => (seconds, "second"),
        seconds @ ..=5_400 => ((seconds + 59) / 60, "minute"),
        seconds => ((seconds + 3_599) / 3_600, "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("in {count} {unit}{plural}")
}

/// A sentence as people write it. What begins with the name of a parameter
/// stays: those are spelled in one way only.
pub(super) fn capitalised(sentence: &str) -> String {
    let first = sentence.split(' ').next().unwrap_or_default();
    let is_word = first.bytes().all(|byte| byte.is_ascii_lowercase());
    match sentence.split_at_checked(1) {
        Some((letter, rest)) if is_word => letter.to_ascii_uppercase() + rest,
        _ => sentence.to_owned(),
    }
}

/// The first letter of a name, for want of a picture.
pub(super) fn monogram(name: &str) -> String {
    let first = name.chars().find(|char| char.is_alphanumeric());
    first
        .map(|char| char.to_uppercase().collect())
        .unwrap_or_default()
}

/// Browsers by a mark in their `User-Agent`; the first that is found wins, for
/// each pretends to be those below it.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

fn known(user_agent: &str, marks: &[(&str, &'static str)]) -> Option<&'static str> {
    marks
        .iter()
        .find(|(mark, _)| user_agent.contains(mark))
        .map(|(_, name)| *name)
}

/// "Firefox on Linux".
pub(super) fn device(device: &Device) -> String {
    let user_agent = device.user_agent.as_deref().unwrap_or_default();
    match (known(user_agent, BROWSERS), known(user_agent, SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}

/// The picture that stands for a device.
pub(super) fn device_icon(device: &Device) -> &'static str {
    let user_agent = device.user_agent.as_deref().unwrap_or_default();
    let is_held = ["iPhone", "Android", "Mobile"]
        .iter()
        .any(|mark| user_agent.contains(mark));
    if is_held { "phone" } else { "laptop" }
}

/// "Kraków, PL · 203.0.113.7".
pub(super) fn place(device: &Device) -> String {
    let parts = [device.place.as_deref(), device.address.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "Place unknown".to_owned()
    } else {
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_255_200);

    #[test]
    fn times_are_told_as_people_tell_them() {
        assert_eq!(day(NOON), "21 November 2026");
        assert_eq!(instant(NOON), "21 November 2026, 10:00 UTC");
        assert_eq!(iso(NOON), "2026-11-21T10:00:00Z");
        let told = |millis: i64| ago(NOON.plus(-millis), NOON);
        assert_eq!(told(-5), "just now");
        assert_eq!(told(MINUTE_MS), "1 minute ago");
        assert_eq!(told(2 * HOUR_MS + 5), "2 hours ago");
        assert_eq!(told(9 * DAY_MS), "on 12 November 2026");
        assert_eq!(within(0), "in 1 second");
        assert_eq!(within(121), "in 3 minutes");
        assert_eq!(within(7_201), "in 3 hours");
    }

    #[test]
    fn a_browser_is_known_by_what_only_it_says() {
        let named = |text: &str| {
            device(&Device {
                user_agent: Some(text.to_owned()),
                ..Device::default()
            })
        };
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0 Safari/537.36";
        assert_eq!(named(chrome), "Chrome on Linux");
        assert_eq!(named(&format!("{chrome} Edg/149.0")), "Edge on Linux");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605 Version/20.0 Mobile Safari/604.1";
        assert_eq!(named(iphone), "Safari on iPhone");
        assert_eq!(
            named("Mozilla/5.0 (Macintosh; Intel Mac OS X) Gecko Firefox/150.0"),
            "Firefox on Mac"
        );
        assert_eq!(named("\u{1f980}"), "Unknown device");
    }

    #[test]
    fn a_monogram_is_a_letter_or_nothing() {
        assert_eq!(monogram("  élan"), "É");
        assert_eq!(monogram("…"), "");
    }

    #[test]
    fn a_sentence_begins_with_a_capital_but_a_parameter_does_not() {
        let name = "no application here has this name.";
        assert_eq!(capitalised(name), "No application here has this name.");
        for same in ["prompt=none is.", "client_id is missing.", "Ours.", "é", ""] {
            assert_eq!(capitalised(same), same);
        }
    }
}
