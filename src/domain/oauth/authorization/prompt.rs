//! What must the person be asked again?

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One value of `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Nothing may be shown.
    None,
    /// Sign in, even when signed in.
    Login,
    /// Consent, even when consented.
    Consent,
    /// Choose an account, even when there is one.
    SelectAccount,
}

impl Prompt {
    /// Every value, for discovery.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];

    /// The value as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// A set of prompts in which `none` stands alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prompts(BTreeSet<Prompt>);

/// Why a text is not a set of prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptRefusal {
    /// A value we do not know. Ignoring it would show less than was asked for.
    #[error("a prompt value is unknown")]
    Unknown,
    /// `none` beside another.
    #[error("prompt=none cannot be combined")]
    NoneCombined,
}

impl Prompts {
    /// Reads a space-delimited list (OpenID Connect Core §3.1.2.1).
    ///
    /// # Errors
    /// On an unknown value, or `none` with another.
    pub fn parse(text: &str) -> Result<Self, PromptRefusal> {
        let known = |word| Prompt::ALL.into_iter().find(|p| p.as_str() == word);
        let prompts = text
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| known(word).ok_or(PromptRefusal::Unknown))
            .collect::<Result<BTreeSet<_>, _>>()?;
        if prompts.len() > 1 && prompts.contains(&Prompt::None) {
            return Err(PromptRefusal::NoneCombined);
        }
        Ok(Self(prompts))
    }

    /// Whether `prompt` is asked for.
    #[must_use]
    pub fn has(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_combine_in_any_order() {
        let prompts = Prompts::parse("consent login").unwrap();
        assert!(prompts.has(Prompt::Login) && prompts.has(Prompt::Consent));
        assert!(!prompts.has(Prompt::None));
        assert_eq!(Prompts::parse("login consent"), Ok(prompts));
        assert_eq!(Prompts::parse(""), Ok(Prompts::default()));
    }

    #[test]
    fn none_stands_alone_and_unknown_values_are_refused() {
        assert!(Prompts::parse("none").unwrap().has(Prompt::None));
        assert_eq!(
            Prompts::parse("none login"),
            Err(PromptRefusal::NoneCombined)
        );
        assert_eq!(Prompts::parse("LOGIN"), Err(PromptRefusal::Unknown));
    }
}
