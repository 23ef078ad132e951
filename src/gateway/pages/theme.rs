//! Which style sheet does a tenant's colour make?
//!
//! One colour is not enough for text, links and edges on a light and on a dark
//! page. The others are computed from it, so that every tenant's pages reach
//! the contrasts of WCAG 2.2 (§1.4.3 and §1.4.11), in integers: the same bytes
//! everywhere.

use crate::domain::tenant::BrandColor;

type Rgb = [u8; 3];

const WHITE: Rgb = [255; 3];
const BLACK: Rgb = [0; 3];
/// The card's colour in `assets/pages.css`, by day and by night.
const CARD_BY_DAY: Rgb = WHITE;
const CARD_BY_NIGHT: Rgb = [0x19, 0x1a, 0x1e];

/// Contrasts, in tenths: of text, of the edge of a button, and of a button's
/// own colour when it has that edge.
const TEXT: u64 = 45;
const EDGE: u64 = 30;
const VISIBLE: u64 = 13;

/// Steps from a colour to black or white.
const SHADES: u32 = 32;

/// sRGB to linear light (IEC 61966-2-1), as fractions of 65,535.
#[rustfmt::skip]
const LINEAR: [u16; 256] = [
    0, 20, 40, 60, 80, 99, 119, 139, 159, 179, 199, 219,
    241, 264, 288, 313, 340, 367, 396, 427, 458, 491, 526, 562,
    599, 637, 677, 718, 761, 805, 851, 898, 947, 997, 1_048, 1_101,
    1_156, 1_212, 1_270, 1_330, 1_391, 1_453, 1_517, 1_583, 1_651, 1_720, 1_790, 1_863,
    1_937, 2_013, 2_090, 2_170, 2_250, 2_333, 2_418, 2_504, 2_592, 2_681, 2_773, 2_866,
    2_961, 3_058, 3_157, 3_258, 3_360, 3_464, 3_570, 3_678, 3_788, 3_900, 4_014, 4_129,
    4_247, 4_366, 4_488, 4_611, 4_736, 4_864, 4_993, 5_124, 5_257, 5_392, 5_530, 5_669,
    5_810, 5_953, 6_099, 6_246, 6_395, 6_547, 6_700, 6_856, 7_014, 7_174, 7_335, 7_500,
    7_666, 7_834, 8_004, 8_177, 8_352, 8_528, 8_708, 8_889, 9_072, 9_258, 9_445, 9_635,
    9_828, 10_022, 10_219, 10_417, 10_619, 10_822, 11_028, 11_235, 11_446, 11_658, 11_873, 12_090,
    12_309, 12_530, 12_754, 12_980, 13_209, 13_440, 13_673, 13_909, 14_146, 14_387, 14_629, 14_874,
    15_122, 15_371, 15_623, 15_878, 16_135, 16_394, 16_656, 16_920, 17_187, 17_456, 17_727, 18_001,
    18_277, 18_556, 18_837, 19_121, 19_407, 19_696, 19_987, 20_281, 20_577, 20_876, 21_177, 21_481,
    21_787, 22_096, 22_407, 22_721, 23_038, 23_357, 23_678, 24_002, 24_329, 24_658, 24_990, 25_325,
    25_662, 26_001, 26_344, 26_688, 27_036, 27_386, 27_739, 28_094, 28_452, 28_813, 29_176, 29_542,
    29_911, 30_282, 30_656, 31_033, 31_412, 31_794, 32_179, 32_567, 32_957, 33_350, 33_745, 34_143,
    34_544, 34_948, 35_355, 35_764, 36_176, 36_591, 37_008, 37_429, 37_852, 38_278, 38_706, 39_138,
    39_572, 40_009, 40_449, 40_891, 41_337, 41_785, 42_236, 42_690, 43_147, 43_606, 44_069, 44_534,
    45_002, 45_473, 45_947, 46_423, 46_903, 47_385, 47_871, 48_359, 48_850, 49_344, 49_841, 50_341,
    50_844, 51_349, 51_858, 52_369, 52_884, 53_401, 53_921, 54_445, 54_971, 55_500, 56_032, 56_567,
    57_105, 57_646, 58_190, 58_737, 59_287, 59_840, 60_396, 60_955, 61_517, 62_082, 62_650, 63_221,
    63_795, 64_372, 64_952, 65_535,
];

/// Relative luminance (WCAG 2.2), as a fraction of [`LUMINANCE_MAX`].
fn luminance(color: Rgb) -> u64 {
    let [red, green, blue] = color.map(|channel| {
        let linear = LINEAR.get(usize::from(channel));
        u64::from(linear.copied().unwrap_or_default())
    });
    2_126 * red + 7_152 * green + 722 * blue
}

const LUMINANCE_MAX: u64 = 10_000 * 65_535;

/// Whether two colours contrast at least `tenths`/10 : 1 (WCAG 2.2).
fn contrasts(one: Rgb, other: Rgb, tenths: u64) -> bool {
    let flare = LUMINANCE_MAX / 20;
    let (one, other) = (luminance(one) + flare, luminance(other) + flare);
    10 * one.max(other) >= tenths * one.min(other)
}

/// White when it can be read on `color`, else black, which then can.
fn text_on(color: Rgb) -> Rgb {
    if contrasts(WHITE, color, TEXT) {
        WHITE
    } else {
        BLACK
    }
}

/// The shade of `color` nearest to it that contrasts enough with `ground`.
fn shade(color: Rgb, ground: Rgb, tenths: u64) -> Rgb {
    let end = if contrasts(WHITE, ground, 70) {
        WHITE
    } else {
        BLACK
    };
    let mixed = |step: u32| {
        let mut shade = color;
        for (channel, end) in shade.iter_mut().zip(end) {
            let sum = u32::from(*channel) * (SHADES - step) + u32::from(end) * step;
            *channel = u8::try_from(sum / SHADES).unwrap_or(end);
        }
        shade
    };
    let mut shades = (0..=SHADES).map(mixed);
    shades
        .find(|shade| contrasts(*shade, ground, tenths))
        .unwrap_or(end)
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The colour of an edge, when the button itself does not stand out.
fn edge(color: Rgb, card: Rgb) -> String {
    if contrasts(color, card, EDGE) {
        return "transparent".to_owned();
    }
    hex(shade(color, card, EDGE))
}

/// The colour of a button: the tenant's own, unless one would look for it in
/// vain on this card, as for midnight blue by night.
fn fill(color: Rgb, card: Rgb) -> Rgb {
    if contrasts(color, card, VISIBLE) {
        color
    } else {
        shade(color, card, TEXT)
    }
}

fn variables(color: Rgb, card: Rgb) -> String {
    let brand = fill(color, card);
    let (on_brand, accent) = (text_on(brand), shade(color, card, TEXT));
    format!(
        ":root{{--brand:{};--on-brand:{};--accent:{};--edge:{}}}",
        hex(brand),
        hex(on_brand),
        hex(accent),
        edge(brand, card)
    )
}

/// The style sheet of a colour.
pub(super) fn sheet(color: BrandColor) -> String {
    let color = color.channels();
    let by_day = variables(color, CARD_BY_DAY);
    let by_night = variables(color, CARD_BY_NIGHT);
    format!("{by_day}\n@media (prefers-color-scheme:dark){{{by_night}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_is_the_transfer_curve() {
        for (channel, linear) in (0..=255_u8).zip(LINEAR) {
            let value = f64::from(channel) / 255.0;
            let expected = if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            };
            assert!(
                (expected - f64::from(linear) / 65_535.0).abs() < 1e-5,
                "{channel}"
            );
        }
    }

    #[test]
    fn black_on_white_is_21_to_1() {
        assert!(contrasts(BLACK, WHITE, 210) && !contrasts(BLACK, WHITE, 211));
        assert!(!contrasts(WHITE, WHITE, 11));
    }

    proptest! {
        #[test]
        fn every_colour_can_be_read(color: Rgb) {
            prop_assert!(contrasts(text_on(color), color, TEXT));
            for card in [CARD_BY_DAY, CARD_BY_NIGHT] {
                prop_assert!(contrasts(fill(color, card), card, VISIBLE));
                prop_assert!(contrasts(text_on(fill(color, card)), fill(color, card), TEXT));
                prop_assert!(contrasts(shade(color, card, TEXT), card, TEXT));
                prop_assert!(contrasts(shade(color, card, EDGE), card, EDGE));
            }
        }
    }

    #[test]
    fn a_sheet_holds_colours_and_nothing_else() {
        let sheet = sheet(BrandColor::parse("#FFD400").unwrap());
        assert!(
            sheet.starts_with(":root{--brand:#ffd400;--on-brand:#000000;"),
            "{sheet}"
        );
        assert!(sheet.contains("prefers-color-scheme:dark"));
    }
}
