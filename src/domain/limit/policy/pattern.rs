//! Which subjects is an override about?

/// Bytes of a subject, and of a pattern.
pub const SUBJECT_BYTES_MAX: usize = 256;

/// Any run of characters.
const ANY: char = '*';

/// Whether a tenant may call a subject so: not empty, not long, and nothing in
/// it that a log or a terminal would act on.
#[must_use]
pub fn is_subject(text: &str) -> bool {
    (1..=SUBJECT_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// A subject, or many: `*` stands for any run of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Reads a pattern; `None` when `text` is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_subject(text).then(|| Self(text.to_owned()))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is about `subject`. Each part between stars is looked for
    /// once, as early as can be: no subject makes this slow.
    #[must_use]
    pub fn fits(&self, subject: &str) -> bool {
        let mut parts = self.0.split(ANY);
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = subject.strip_prefix(first) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            let Some((_, after)) = rest.split_once(part) else {
                return false;
            };
            rest = after;
        }
        rest.ends_with(last)
    }

    /// Which of two that fit is meant: the greater. One subject is meant before
    /// many, and more said before less.
    pub(super) fn rank(&self) -> (bool, usize) {
        let stars = self.0.matches(ANY).count();
        (stars == 0, self.0.len() - stars)
    }
}
