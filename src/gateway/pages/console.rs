//! `/admin`: what is the console, to a browser?
//!
//! One document for every address, whose script shows what the address names.
//! It holds nothing of the tenant's: whoever opens it signs in like everybody.

use crate::gateway::{platform::Platform, trouble::Answer, visit::Visit};
use ::http::header;

/// Everything the console may load, and whom it may ask: its own origin alone.
/// Not every browser takes `'self'` for its sockets too.
fn policy(issuer: &str) -> String {
    let sockets = issuer.replacen("http", "ws", 1);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self' {sockets}; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
}

/// Answers with the document.
///
/// # Errors
/// When it was not deployed.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let media_type = "text/html; charset=utf-8";
    let page = visit
        .gateway
        .file(visit.request, "console.html", media_type, "no-store");
    let policy = policy(&visit.home.issuer);
    Ok(page.await?.with(header::CONTENT_SECURITY_POLICY, &policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_may_ask_its_own_origin_and_nobody_else() {
        let policy = policy("https://acme.example");
        assert!(policy.contains("connect-src 'self' wss://acme.example;"));
        assert!(!policy.contains("unsafe"));
    }
}
