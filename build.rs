//! What is served of `docs/openapi.json`? All but the white space between its
//! words: the document is written for people, and kept in a Worker that must
//! be small.

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=docs/openapi.json");
    println!("cargo::rerun-if-changed=build.rs");
    let written = fs::read_to_string("docs/openapi.json")?;
    let folder = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&folder).join("openapi.json"), compact(&written))
}

fn compact(json: &str) -> String {
    let (mut is_text, mut is_escaped) = (false, false);
    let keep = |letter: &char| {
        let is_word = is_text || !letter.is_ascii_whitespace();
        is_text ^= *letter == '"' && !is_escaped;
        is_escaped = *letter == '\\' && !is_escaped;
        is_word
    };
    json.chars().filter(keep).collect()
}
