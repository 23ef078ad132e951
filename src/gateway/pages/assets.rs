//! What do the pages load, besides themselves?
//!
//! A style sheet, a tenant's colours and one line of script. Each file's name
//! holds the hash of its contents, so a browser may keep it for ever. They are
//! part of the program: no page waits for another host, and none is spied on.

use super::theme;
use crate::{
    domain::{oauth::Params, tenant::BrandColor},
    gateway::{
        http::{Request, Response},
        trouble::{Answer, Problem},
    },
};
use ::http::{StatusCode, header};

const STYLE: &str = include_str!("../../../assets/pages.css");
const SCRIPT: &str = include_str!("../../../assets/submit.js");
const STYLE_HASH: u64 = fnv1a(STYLE.as_bytes());
const SCRIPT_HASH: u64 = fnv1a(SCRIPT.as_bytes());

/// For a file that is called by its contents.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For the colours, whose rules may be improved.
const FOR_A_DAY: &str = "public, max-age=86400";
/// For a name that another version of the program made: its page still gets
/// its looks while the versions change over.
const FOR_NOW: &str = "no-store";

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
pub fn answer(request: &Request) -> Answer {
    let name = request.path.trim_start_matches("/assets/");
    let lasting = |current: String| {
        if request.path == current {
            FOR_EVER
        } else {
            FOR_NOW
        }
    };
    if name == "theme.css" {
        let sheet = theme::sheet(color(&request.query)?).into_bytes();
        return Ok(file("text/css; charset=utf-8", sheet, FOR_A_DAY));
    }
    if is_version_of(name, "pages-", ".css") {
        let media_type = "text/css; charset=utf-8";
        return Ok(file(media_type, STYLE.into(), lasting(style())));
    }
    if is_version_of(name, "submit-", ".js") {
        let media_type = "text/javascript; charset=utf-8";
        return Ok(file(media_type, SCRIPT.into(), lasting(script())));
    }
    Err(Problem::new(404, "not-found", "There is nothing here.").into())
}

fn is_version_of(name: &str, stem: &str, extension: &str) -> bool {
    let version = name
        .strip_prefix(stem)
        .and_then(|rest| rest.strip_suffix(extension));
    version.is_some()
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

fn file(media_type: &'static str, body: Vec<u8>, lasting: &str) -> Response {
    Response::of(StatusCode::OK, media_type, body).with(header::CACHE_CONTROL, lasting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::test_support::{request, whole};

    fn get(path: &str, query: &str) -> Answer {
        answer(&request(&format!("GET {path}?{query}"), &[], whole("")))
    }

    #[test]
    fn a_file_is_kept_for_ever_under_its_own_hash_alone() {
        let current = get(&style(), "").unwrap();
        assert_eq!(current.headers[header::CACHE_CONTROL], FOR_EVER);
        let other = get("/assets/pages-0.css", "").unwrap();
        assert_eq!(other.headers[header::CACHE_CONTROL], FOR_NOW);
        assert_eq!(other.body, current.body);
        assert!(get("/assets/pages.css", "").is_err());
        assert!(get("/assets/../secret", "").is_err());
    }

    #[test]
    fn a_theme_is_made_of_a_colour_and_nothing_else() {
        assert!(get("/assets/theme.css", "c=0f62fe").is_ok());
        for query in [
            "",
            "c=",
            "c=red",
            "c=0f62fe&c=0f62fe",
            "c=0f62f%7d",
            "c=+0f62f",
        ] {
            assert!(get("/assets/theme.css", query).is_err(), "{query}");
        }
    }
}
