//! How well one colour can be told from another, as WCAG 2.2 counts it.

use crate::episode::Colour;

/// The contrast ratio of two colours in hundredths: 100 (none) to 2100 (black on white).
///
/// WCAG 2.2, "contrast ratio" and "relative luminance"; 450 is asked of text, 300 of large text.
pub fn contrast(one: Colour, other: Colour) -> u32 {
    let (one, other) = (luminance(one), luminance(other));
    // 0.05 of white stands for the light that falls on every screen.
    let light = |luminance: u32| u64::from(luminance) + 3277;
    let (more, less) = (light(one.max(other)), light(one.min(other)));
    ((more * 100 + less / 2) / less) as u32
}

/// `share` hundredths of a percent of one colour over another, as screens mix them.
pub fn mixed(over: Colour, under: Colour, share: u32) -> Colour {
    let share = share.min(10_000);
    let mix = |over: u8, under: u8| {
        let sum = u32::from(over) * share + u32::from(under) * (10_000 - share);
        ((sum + 5_000) / 10_000) as u8
    };
    Colour::new(
        mix(over.r, under.r),
        mix(over.g, under.g),
        mix(over.b, under.b),
    )
}

/// Relative luminance, of 65535.
fn luminance(colour: Colour) -> u32 {
    let linear = |value: u8| u32::from(LINEAR[usize::from(value)]);
    (2126 * linear(colour.r) + 7152 * linear(colour.g) + 722 * linear(colour.b) + 5000) / 10_000
}

/// sRGB to linear light of 65535 (IEC 61966-2-1), rounded.
#[rustfmt::skip]
const LINEAR: [u16; 256] = [
    0, 20, 40, 60, 80, 99, 119, 139, 159, 179, 199, 219, 241, 264, 288, 313, 340, 367, 396, 427,
    458, 491, 526, 562, 599, 637, 677, 718, 761, 805, 851, 898, 947, 997, 1048, 1101, 1156, 1212,
    1270, 1330, 1391, 1453, 1517, 1583, 1651, 1720, 1790, 1863, 1937, 2013, 2090, 2170, 2250,
    2333, 2418, 2504, 2592, 2681, 2773, 2866, 2961, 3058, 3157, 3258, 3360, 3464, 3570, 3678,
    3788, 3900, 4014, 4129, 4247, 4366, 4488, 4611, 4736, 4864, 4993, 5124, 5257, 5392, 5530,
    5669, 5810, 5953, 6099, 6246, 6395, 6547, 6700, 6856, 7014, 7174, 7335, 7500, 7666, 7834,
    8004, 8177, 8352, 8528, 8708, 8889, 9072, 9258, 9445, 9635, 9828, 10022, 10219, 10417, 10619,
    10822, 11028, 11235, 11446, 11658, 11873, 12090, 12309, 12530, 12754, 12980, 13209, 13440,
    13673, 13909, 14146, 14387, 14629, 14874, 15122, 15371, 15623, 15878, 16135, 16394, 16656,
    16920, 17187, 17456, 17727, 18001, 18277, 18556, 18837, 19121, 19407, 19696, 19987, 20281,
    20577, 20876, 21177, 21481, 21787, 22096, 22407, 22721, 23038, 23357, 23678, 24002, 24329,
    24658, 24990, 25325, 25662, 26001, 26344, 26688, 27036, 27386, 27739, 28094, 28452, 28813,
    29176, 29542, 29911, 30282, 30656, 31033, 31412, 31794, 32179, 32567, 32957, 33350, 33745,
    34143, 34544, 34948, 35355, 35764, 36176, 36591, 37008, 37429, 37852, 38278, 38706, 39138,
    39572, 40009, 40449, 40891, 41337, 41785, 42236, 42690, 43147, 43606, 44069, 44534, 45002,
    45473, 45947, 46423, 46903, 47385, 47871, 48359, 48850, 49344, 49841, 50341, 50844, 51349,
    51858, 52369, 52884, 53401, 53921, 54445, 54971, 55500, 56032, 56567, 57105, 57646, 58190,
    58737, 59287, 59840, 60396, 60955, 61517, 62082, 62650, 63221, 63795, 64372, 64952, 65535,
];

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Colour = Colour::new(0, 0, 0);
    const WHITE: Colour = Colour::new(255, 255, 255);

    #[test]
    fn ratios_are_those_of_the_standard() {
        assert_eq!(contrast(BLACK, WHITE), 2100);
        assert_eq!(contrast(WHITE, WHITE), 100);
        // #777777 on white is the textbook case that fails by a hair, #767676 the one that passes.
        assert_eq!(contrast(Colour::new(0x77, 0x77, 0x77), WHITE), 448);
        assert_eq!(contrast(Colour::new(0x76, 0x76, 0x76), WHITE), 454);
        assert_eq!(contrast(Colour::new(255, 0, 0), WHITE), 400);
    }

    #[test]
    fn mixing_lies_between() {
        assert_eq!(mixed(WHITE, BLACK, 5_000), Colour::new(128, 128, 128));
        assert_eq!(mixed(WHITE, BLACK, 20_000), WHITE);
        assert_eq!(mixed(WHITE, BLACK, 0), BLACK);
    }
}
