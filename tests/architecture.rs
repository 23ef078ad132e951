//! Do the layers keep to themselves?
//!
//! domain ← store ← actors ← archive ← gateway ← workerd: a layer names only those to its
//! left, and only `workerd` names the platform.

#![cfg(test)]

use std::{fs, path::Path};

/// What files of a layer must not say.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "crate::store",
            "crate::actors",
            "crate::archive",
            "crate::gateway",
            "crate::workerd",
        ],
    ),
    (
        "store",
        &[
            "crate::actors",
            "crate::archive",
            "crate::gateway",
            "crate::workerd",
        ],
    ),
    (
        "actors",
        &["crate::archive", "crate::gateway", "crate::workerd"],
    ),
    ("archive", &["crate::gateway", "crate::workerd"]),
    (
        "gateway",
        &[
            "crate::store",
            "crate::workerd",
            "rusqlite",
            "SELECT ",
            "INSERT INTO",
            "UPDATE ",
        ],
    ),
];

/// What only `workerd` may name.
const PLATFORM: &[&str] = &["worker::", "wasm_bindgen", "js_sys", "web_sys"];

/// A file wants to be read in one sitting.
const LINES_MAX: usize = 400;

/// A list of facts may be longer.
const TEST_LINES_MAX: usize = 600;

fn rust_files(folder: &Path, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
}

fn files_of(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    rust_files(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(folder),
        &mut found,
    );
    assert!(!found.is_empty(), "src/{folder} has no files");
    found
}

/// The text without comments: prose may point anywhere.
fn code(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn breaches(folder: &str, words: &[&str]) -> Vec<String> {
    let mut breaches = Vec::new();
    for (path, text) in files_of(folder) {
        let code = code(&text);
        let said = words.iter().filter(|word| code.contains(**word));
        breaches.extend(said.map(|word| format!("{path} says {word}")));
    }
    breaches
}

#[test]
fn a_layer_names_only_those_below_it() {
    for (layer, words) in FORBIDDEN {
        assert_eq!(breaches(layer, words), Vec::<String>::new());
    }
}

#[test]
fn only_workerd_names_the_platform() {
    for layer in ["domain", "store", "actors", "archive", "gateway"] {
        assert_eq!(breaches(layer, PLATFORM), Vec::<String>::new());
    }
}

/// Where a destructor is written by hand. The Worker is built so that one that
/// panicked would end the instance (ADR 18): none of these can.
const DESTRUCTORS: &[&str] = &["secret.rs", "promise.rs"];

#[test]
fn destructors_are_few_and_known() {
    for layer in ["domain", "store", "actors", "archive", "gateway", "workerd"] {
        let files = files_of(layer).into_iter();
        let others = files.filter(|(path, text)| {
            let is_known = DESTRUCTORS.iter().any(|known| path.ends_with(known));
            !is_known && code(text).contains("Drop for")
        });
        let others: Vec<String> = others.map(|(path, _)| path).collect();
        assert_eq!(others, Vec::<String>::new());
    }
}

#[test]
fn the_runtime_knows_nothing_of_authentication() {
    let words = [
        "oauth",
        "session",
        "tenant",
        "password",
        "token",
        "crate::domain::keys",
    ];
    assert_eq!(breaches("actors/runtime", &words), Vec::<String>::new());
}

#[test]
fn sql_lives_in_schemas_and_in_the_runtime() {
    let mut breaches = Vec::new();
    let files = files_of("actors").into_iter().chain(files_of("archive"));
    for (path, text) in files {
        let is_home =
            path.contains("schema") || path.contains("/runtime/") || path.contains("tests");
        let says_sql = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE "]
            .iter()
            .any(|sql| text.contains(sql));
        if says_sql && !is_home {
            breaches.push(path);
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn every_file_says_which_question_it_answers_and_ends_in_time() {
    let mut breaches = Vec::new();
    for (path, text) in files_of("") {
        if !text.starts_with("//! ") {
            breaches.push(format!("{path} does not begin with its question"));
        }
        let lines_max = if path.ends_with("tests.rs") {
            TEST_LINES_MAX
        } else {
            LINES_MAX
        };
        if text.lines().count() > lines_max {
            breaches.push(format!("{path} has more than {lines_max} lines"));
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}
