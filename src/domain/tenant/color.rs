//! In which colour does a tenant show itself?

use serde::{Deserialize, Serialize, de};

/// A colour `#rrggbb`, parsed so that nothing else can reach a style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrandColor([u8; 3]);

/// Why a text is not a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is # and six hexadecimal digits")]
pub struct ColorRefusal;

impl BrandColor {
    /// Reads `#rrggbb`.
    ///
    /// # Errors
    /// When `text` is anything else.
    pub fn parse(text: &str) -> Result<Self, ColorRefusal> {
        let digits = text.strip_prefix('#').ok_or(ColorRefusal)?;
        let plain = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).map_err(|_| ColorRefusal)?;
        let [_, red, green, blue] = number.to_be_bytes();
        if plain {
            Ok(Self([red, green, blue]))
        } else {
            Err(ColorRefusal)
        }
    }

    /// Red, green and blue.
    #[must_use]
    pub const fn channels(self) -> [u8; 3] {
        self.0
    }
}

impl core::fmt::Display for BrandColor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for BrandColor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BrandColor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_colour_is_six_digits() {
        assert_eq!(BrandColor::parse("#1A2b3C").unwrap().to_string(), "#1a2b3c");
        for text in [
            "", "1a2b3c", "#1a2b3", "#1a2b3c4", "#+a2b3c", "red", "#é12345",
        ] {
            assert_eq!(BrandColor::parse(text), Err(ColorRefusal), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_parses_prints_itself(text in "#[0-9a-f]{5,7}") {
            if let Ok(color) = BrandColor::parse(&text) {
                prop_assert_eq!(color.to_string(), text);
            }
        }
    }
}
