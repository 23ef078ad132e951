//! What does a scope mean to a person?

use super::view::Grant;
use crate::domain::oauth::{AuthorizationRequest, Scopes, scope::Scope};

/// Each scope we know: its picture, the sentence of the consent page, and the
/// few words of the list of applications.
const KNOWN: &[(&str, &str, &str, &str)] = &[
    (
        Scope::OPENID,
        "identity",
        "Know who you are when you sign in",
        "who you are",
    ),
    (
        Scope::PROFILE,
        "person",
        "See your profile, such as your name and picture",
        "profile",
    ),
    (
        Scope::EMAIL,
        "mail",
        "See your e-mail address",
        "e-mail address",
    ),
    (
        Scope::PHONE,
        "phone",
        "See your phone number",
        "phone number",
    ),
    (
        Scope::ADDRESS,
        "pin",
        "See your postal address",
        "postal address",
    ),
    (
        Scope::ADMIN,
        "lock",
        "Administer this platform in your name",
        "administration",
    ),
    (
        Scope::OFFLINE_ACCESS,
        "clock",
        "Keep this access while you are away",
        "access while you are away",
    ),
];

fn unknown(scopes: &Scopes) -> impl Iterator<Item = &str> {
    let is_known = |name: &str| KNOWN.iter().any(|(known, ..)| *known == name);
    scopes
        .iter()
        .map(Scope::as_str)
        .filter(move |name| !is_known(name))
}

/// One sentence for everything a request asks.
pub(super) fn grants(request: &AuthorizationRequest) -> Vec<Grant> {
    let known = KNOWN
        .iter()
        .filter(|(name, ..)| request.scopes.contains(name));
    let known = known.map(|(_, icon, sentence, _)| Grant {
        icon,
        sentence: (*sentence).to_owned(),
    });
    let others = unknown(&request.scopes).map(|name| Grant {
        icon: "key",
        sentence: format!("Use “{name}” in your name"),
    });
    let claims = request.claims.names().map(|name| Grant {
        icon: "person",
        sentence: format!("See your {}", name.replace('_', " ")),
    });
    known.chain(others).chain(claims).collect()
}

/// "Who you are, e-mail address".
pub(super) fn summary(scopes: &Scopes) -> String {
    let known = KNOWN
        .iter()
        .filter(|(name, ..)| scopes.contains(name))
        .map(|(.., few)| *few);
    let text = known.chain(unknown(scopes)).collect::<Vec<_>>().join(", ");
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => "Nothing but your consent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_told_in_order_of_weight() {
        let scopes = Scopes::of(["offline_access", "email", "openid", "files.read"]);
        assert_eq!(
            summary(&scopes),
            "Who you are, e-mail address, access while you are away, files.read"
        );
    }
}
