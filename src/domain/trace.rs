//! Which trace does a request belong to?
//!
//! [Trace Context]: whoever asks may name the trace, which goes on with a span of
//! ours; else it begins here. Both are made of the request's id, written as
//! hexadecimal octets, so that either leads to the other and nothing is drawn.
//!
//! [Trace Context]: https://www.w3.org/TR/trace-context-2/

/// Characters of a `traceparent` of version 00.
const LENGTH: usize = 55;

/// A trace, and our span in it, as a `traceparent` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace(String);

impl Trace {
    /// The trace of a request: the one named by what it sent as `traceparent`, if
    /// that is one, or its own.
    #[must_use]
    pub fn of(sent: Option<&str>, request: &str) -> Self {
        let octets = request.bytes().chain(core::iter::repeat(0)).take(16);
        let digits = octets.flat_map(|octet| [octet >> 4, octet & 15]);
        let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
        let own: String = digits.collect();
        let (begin, end) = own.split_at_checked(16).unwrap_or_default();
        // The end of an id tells requests apart; of a short one the beginning.
        let span = if end.bytes().all(|byte| byte == b'0') {
            begin
        } else {
            end
        };
        let sent = sent.and_then(Self::parse);
        let sent = sent.as_ref().map(|sent| (sent.trace_id(), sent.flags()));
        let (trace, flags) = sent.unwrap_or((&own, "00"));
        Self(format!("00-{trace}-{span}-{flags}"))
    }

    /// Reads a `traceparent`; `None` when it is not one. A later version is read as
    /// far as we know it ([Trace Context §3.2.4]).
    ///
    /// [Trace Context §3.2.4]: https://www.w3.org/TR/trace-context-2/#versioning-of-traceparent
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (known, later) = text.split_at_checked(LENGTH)?;
        let mut parts = known.split('-');
        let mut hex = |length: usize| {
            let part = parts.next()?;
            let is_hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
            (part.len() == length && part.bytes().all(is_hex)).then_some(part)
        };
        let version = hex(2)?;
        let ids = [hex(32)?, hex(16)?];
        let flags = u8::from_str_radix(hex(2)?, 16).ok()?;
        let is_end = later.is_empty() || (version != "00" && later.starts_with('-'));
        let is_nothing = |id: &&str| id.bytes().all(|byte| byte == b'0');
        if version == "ff" || !is_end || ids.iter().any(is_nothing) {
            return None;
        }
        let [trace, span] = ids;
        // Of the flags, two have a meaning: sampled, and random.
        Some(Self(format!("00-{trace}-{span}-{:02x}", flags & 3)))
    }

    /// The trace's id.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        self.0.get(3..35).unwrap_or_default()
    }

    /// The span's.
    #[must_use]
    pub fn span_id(&self) -> &str {
        self.0.get(36..52).unwrap_or_default()
    }

    fn flags(&self) -> &str {
        self.0.get(53..).unwrap_or_default()
    }

    /// As a `traceparent`.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_goes_on_with_a_span_of_ours() {
        let trace = Trace::of(Some(SENT), "abcdefghijklmnop");
        assert_eq!(trace.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(trace.span_id(), "696a6b6c6d6e6f70");
        let text = trace.clone().into_text();
        assert!(text.ends_with("-01"));
        assert_eq!(Trace::parse(&text), Some(trace));
    }

    #[test]
    fn a_trace_begins_as_the_requests_id() {
        let trace = Trace::of(None, "abcdefghijklmnop");
        assert_eq!(trace.trace_id(), "6162636465666768696a6b6c6d6e6f70");
        let short = Trace::of(Some("junk"), "t-1");
        assert_eq!(short.trace_id(), "742d3100000000000000000000000000");
        assert_eq!(short.span_id(), "742d310000000000");
        assert_eq!(Trace::parse(&short.clone().into_text()), Some(short));
    }

    #[test]
    fn what_is_no_traceparent_begins_another() {
        let good = |text: &str| Trace::parse(text).is_some();
        assert!(good(SENT));
        assert!(good(&SENT.replacen("00", "cc", 1)));
        assert!(good(&format!("{}-more", SENT.replacen("00", "cc", 1))));
        for bad in [
            String::new(),
            format!("{SENT}-"),
            format!("{SENT}0"),
            format!(" {SENT}"),
            SENT.to_uppercase(),
            SENT.replacen("00", "ff", 1),
            SENT.replacen("00", "0x", 1),
            format!("{}more", SENT.replacen("00", "cc", 1)),
            SENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            SENT.replace("00f067aa0ba902b7", &"0".repeat(16)),
            SENT.replace('-', "_"),
            SENT.replace("-01", "-0"),
            SENT.replace("4bf9", "4bf"),
        ] {
            assert!(!good(&bad), "{bad}");
        }
    }

    #[test]
    fn of_the_flags_those_are_kept_that_mean_something() {
        let sent = SENT.replace("-01", "-ff");
        assert!(Trace::parse(&sent).unwrap().into_text().ends_with("-03"));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_a_trace_comes_of_it(sent: String, request in "[a-z2-7-]{1,40}") {
            let text = Trace::of(Some(&sent), &request).into_text();
            prop_assert!(Trace::parse(&text).is_some());
        }
    }
}
