//! What did a query string or a form body say?

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Room for an ID token hint, a client assertion and a claims request together.
pub const PARAMS_BYTES_MAX: usize = 64 * 1024;
/// Several times what all the specifications together define.
pub const PARAMS_MAX: usize = 100;
/// Longer than any name in a specification.
pub const NAME_BYTES_MAX: usize = 128;
/// The largest single values are JWTs with certificates or many claims.
pub const VALUE_BYTES_MAX: usize = 16 * 1024;

/// What `application/x-www-form-urlencoded` leaves as it is, besides letters and digits.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Decoded parameters, in the order they came.
///
/// They may hold secrets, so only the names are printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

/// Why bytes are not parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsRefusal {
    /// More than [`PARAMS_BYTES_MAX`] in all, or one part over its own bound.
    #[error("the parameters are too long")]
    TooLong,
    /// More than [`PARAMS_MAX`].
    #[error("there are too many parameters")]
    TooMany,
    /// A `%` without two hexadecimal digits.
    #[error("a percent escape is malformed")]
    Escape,
    /// Octets that are not UTF-8 once decoded.
    #[error("a parameter is not UTF-8")]
    NotUtf8,
}

/// A parameter that must appear at most once appeared again ([RFC 6749 §3.1]).
///
/// [RFC 6749 §3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} is repeated")]
pub struct Repeated(pub &'static str);

impl Params {
    /// Decodes a query string or body of `application/x-www-form-urlencoded`
    /// ([RFC 6749 appendix B]).
    ///
    /// # Errors
    /// Names the first rule the bytes break; nothing is repaired.
    ///
    /// [RFC 6749 appendix B]: https://www.rfc-editor.org/rfc/rfc6749#appendix-B
    pub fn parse(bytes: &[u8]) -> Result<Self, ParamsRefusal> {
        if bytes.len() > PARAMS_BYTES_MAX {
            return Err(ParamsRefusal::TooLong);
        }
        let mut pairs = Vec::new();
        for pair in bytes.split(|&byte| byte == b'&').filter(|p| !p.is_empty()) {
            if pairs.len() == PARAMS_MAX {
                return Err(ParamsRefusal::TooMany);
            }
            let mut halves = pair.splitn(2, |&byte| byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if name.len() > NAME_BYTES_MAX || value.len() > VALUE_BYTES_MAX {
                return Err(ParamsRefusal::TooLong);
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter that may appear once.
    ///
    /// One sent without a value counts as omitted ([RFC 6749 §3.1]).
    ///
    /// # Errors
    /// When it has more than one value.
    ///
    /// [RFC 6749 §3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, Repeated> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Repeated(name));
        }
        Ok(first)
    }

    /// Every value of a parameter that may appear often, such as `resource`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value)
    }

    /// All pairs in order, those without a value too.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The same parameters with one more at the end.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same parameters without any called `name`.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(key, _)| key != name);
        self
    }

    /// Encodes what [`Params::parse`] reads back to the same pairs.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.iter() {
            if !text.is_empty() {
                text.push('&');
            }
            text.extend(utf8_percent_encode(name, KEPT));
            text.push('=');
            text.extend(utf8_percent_encode(value, KEPT));
        }
        text
    }
}

impl core::fmt::Debug for Params {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(n, _)| n))
            .finish()
    }
}

/// Undoes the form encoding of one name or value.
///
/// # Errors
/// On a malformed escape or octets that are not UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Result<String, ParamsRefusal> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = hex(rest.next()).ok_or(ParamsRefusal::Escape)?;
                let low = hex(rest.next()).ok_or(ParamsRefusal::Escape)?;
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| ParamsRefusal::NotUtf8)
}

fn hex(digit: Option<&u8>) -> Option<u8> {
    let value = char::from(*digit?).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn plus_and_escapes_are_decoded() {
        let params = parsed("a+b=c%20d%C3%A9&&x=%2B");
        assert_eq!(params.one("a b"), Ok(Some("c dé")));
        assert_eq!(params.one("x"), Ok(Some("+")));
        assert_eq!(params.one("y"), Ok(None));
    }

    #[test]
    fn a_parameter_without_a_value_is_omitted() {
        let params = parsed("scope=&state&state=x");
        assert_eq!(params.one("scope"), Ok(None));
        assert_eq!(params.one("state"), Ok(Some("x")));
    }

    #[test]
    fn a_repeated_parameter_is_refused_where_one_is_wanted() {
        let params = parsed("resource=a&resource=b");
        assert_eq!(params.one("resource"), Err(Repeated("resource")));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn nothing_malformed_is_repaired() {
        assert_eq!(Params::parse(b"a=%zz"), Err(ParamsRefusal::Escape));
        assert_eq!(Params::parse(b"a=%2"), Err(ParamsRefusal::Escape));
        assert_eq!(Params::parse(b"a=%FF"), Err(ParamsRefusal::NotUtf8));
        assert_eq!(Params::parse(b"a=\xFF"), Err(ParamsRefusal::NotUtf8));
    }

    #[test]
    fn size_and_number_are_bounded() {
        let many = "a=b&".repeat(PARAMS_MAX + 1);
        assert_eq!(Params::parse(many.as_bytes()), Err(ParamsRefusal::TooMany));
        let long = format!("a={}", "b".repeat(VALUE_BYTES_MAX + 1));
        assert_eq!(Params::parse(long.as_bytes()), Err(ParamsRefusal::TooLong));
        let huge = vec![b'&'; PARAMS_BYTES_MAX + 1];
        assert_eq!(Params::parse(&huge), Err(ParamsRefusal::TooLong));
    }

    #[test]
    fn values_are_not_printed() {
        assert_eq!(format!("{:?}", parsed("code=hunter2")), r#"["code"]"#);
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_parses_back(
            pairs in prop::collection::vec((".{1,10}", ".{0,20}"), 0..10)
        ) {
            let mut params = Params::default();
            for (name, value) in &pairs {
                params = params.with(name, value);
            }
            prop_assert_eq!(Params::parse(params.encode().as_bytes()), Ok(params));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Params::parse(&bytes);
        }
    }
}
