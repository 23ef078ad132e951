//! Do the parsers hold to what fuzzing holds them to, over the kept corpus?

#[expect(unreachable_pub, reason = "they are public to the fuzz targets")]
#[path = "../../fuzz/entries.rs"]
mod entries;

use std::path::Path;

/// Bits that turn a letter into its neighbour, its other case, or no letter at all.
const FLIPS: [u8; 3] = [0x01, 0x20, 0x80];

/// Runs `entry` over the corpus of its name: each file, each of its beginnings,
/// and each file with one byte changed.
fn over_corpus(name: &str, entry: fn(&[u8]) -> Option<()>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let mut accepted = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        accepted += usize::from(entry(&bytes).is_some());
        for at in 0..bytes.len() {
            entry(&bytes[..at]);
            for flip in FLIPS {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                entry(&changed);
            }
        }
    }
    assert!(accepted > 0, "{name} accepts nothing of its corpus");
}

macro_rules! corpora {
    ($($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                over_corpus(stringify!($name), entries::$name);
            }
        )+
    };
}

corpora! {
    opaque_token jws authorization_request client_authentication client_metadata redirect_uri jwk envelope sealed_value socket_frame
    limit_question signals_request outside_url limit_rules
}
