//! What do the pages load, besides themselves?
//!
//! A style sheet, a tenant's colours and one line of script. Each file's name
//! holds the hash of its contents, so a browser may keep it for ever. They come
//! from our own origin: no page waits for another host, and none is spied on.

use super::theme;
use crate::{
    domain::{oauth::Params, tenant::BrandColor},
    gateway::{
        Gateway,
        files::FOR_EVER,
        http::{Request, Response},
        platform::Platform,
        trouble::{Answer, Problem},
    },
};
use ::http::{StatusCode, header};

const STYLE_HASH: u64 = fnv1a(include_bytes!("../../../assets/pages.css"));
const SCRIPT_HASH: u64 = fnv1a(include_bytes!("../../../assets/submit.js"));

/// For the colours, whose rules may be improved.
const FOR_A_DAY: &str = "public, max-age=86400";
/// For a name that another version of the program made: its page still gets
/// its looks while the versions change over.
const FOR_NOW: &str = "no-store";

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// FNV-1a, at compile time: it tells versions apart and protects nothing.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    hash
}

/// The address of the style sheet.
pub(super) fn style() -> String {
    format!("/assets/pages-{STYLE_HASH:016x}.css")
}

/// The address of the script that sends a form on.
pub(super) fn script() -> String {
    format!("/assets/submit-{SCRIPT_HASH:016x}.js")
}

/// The address of a tenant's colours.
pub(super) fn theme(color: BrandColor) -> String {
    let hex = color.to_string();
    format!("/assets/theme.css?c={}", hex.trim_start_matches('#'))
}

/// Answers `/assets/…`, at any host.
///
/// # Errors
/// 404 for a file that is not ours, 400 for a colour that is none.
pub async fn answer<P: Platform>(gateway: &Gateway<P>, request: &Request) -> Answer {
    let asked = request.path.trim_start_matches("/assets/");
    if asked == "theme.css" {
        let sheet = theme::sheet(color(&request.query)?).into_bytes();
        let sheet = Response::of(StatusCode::OK, CSS, sheet);
        return Ok(sheet.with(header::CACHE_CONTROL, FOR_A_DAY));
    }
    let nothing = || Problem::new(404, "not-found", "There is nothing here.");
    let (stem, version) = asked.split_once('-').ok_or_else(nothing)?;
    let (name, current) = match (stem, version.rsplit_once('.')) {
        ("pages", Some((_, "css"))) => ("pages.css", style()),
        ("submit", Some((_, "js"))) => ("submit.js", script()),
        // No other version of these is there, and none is looked for elsewhere.
        ("console", Some((hash, "css" | "js"))) if is_hash(hash) => (asked, request.path.clone()),
        _ => return Err(nothing().into()),
    };
    let lasting = if request.path == current {
        FOR_EVER
    } else {
        FOR_NOW
    };
    let media_type = if asked.ends_with("css") { CSS } else { JS };
    gateway.file(request, name, media_type, lasting).await
}

fn is_hash(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn color(query: &str) -> Result<BrandColor, Problem> {
    let refused = || {
        Problem::new(
            400,
            "not-a-colour",
            "The parameter c is six hexadecimal digits.",
        )
    };
    let params = Params::parse(query.as_bytes()).map_err(|_| refused())?;
    let digits = params.one("c").ok().flatten().ok_or_else(refused)?;
    BrandColor::parse(&format!("#{digits}")).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_made_of_a_colour_and_nothing_else() {
        assert!(color("c=0f62fe").is_ok());
        for query in [
            "",
            "c=",
            "c=red",
            "c=0f62fe&c=0f62fe",
            "c=0f62f%7d",
            "c=+0f62f",
        ] {
            assert!(color(query).is_err(), "{query}");
        }
    }
}
