//! Embedded profiles: the same light in other numbers.

use moxcms::{ColorProfile, ToneReprCurve};
use workprint_picture::still::decode_still;

use crate::jpeg::{Jpeg, profile};
use crate::png::{Head, png, zlib};
use crate::{near, pixel};

fn colour_png(icc: Option<&[u8]>, colour: [u8; 3]) -> Vec<u8> {
    let head = Head {
        width: 1,
        height: 1,
        bits: 8,
        kind: 2,
    };
    let chunks: Vec<(&[u8; 4], Vec<u8>)> = icc
        .map(|icc| {
            let content = [b"its name\0\0".to_vec(), zlib(icc)].concat();
            (b"iCCP", content)
        })
        .into_iter()
        .collect();
    png(head, &chunks, &[colour.to_vec()])
}

fn found(file: &[u8]) -> [u8; 4] {
    pixel(&decode_still(file).unwrap(), 0, 0)
}

/// Colours of Display P3 and what they are in sRGB, by the two standards' matrices and curves.
const P3: [([u8; 3], [u8; 3]); 6] = [
    ([200, 100, 50], [215, 93, 31]),
    ([60, 160, 90], [0, 163, 82]),
    ([90, 60, 200], [95, 58, 208]),
    ([230, 200, 40], [236, 199, 0]),
    ([255, 0, 0], [255, 0, 0]),
    ([128, 128, 128], [128, 128, 128]),
];

#[test]
fn display_p3_becomes_srgb() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    for (stored, [red, green, blue]) in P3 {
        let found = found(&colour_png(Some(&p3), stored));
        assert!(
            near(found, [red, green, blue, 255], 2),
            "{stored:?}: {found:?}"
        );
    }
}

#[test]
fn jpegs_have_profiles_too() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    // BT.601's differences of 200, 100, 50.
    let [luma, blue, red] = [124, 86, 182];
    let file = Jpeg {
        width: 16,
        height: 16,
        halves: [&[luma, blue, red], &[luma, blue, red]],
        segments: vec![profile(&p3)],
    };
    let found = found(&file.bytes());
    assert!(near(found, [215, 93, 31, 255], 4), "{found:?}");
}

#[test]
fn srgb_in_all_its_spellings_changes_nothing() {
    let mut gamma = ColorProfile::new_srgb();
    let curve: Vec<u16> = (0..1024u32)
        .map(|step| {
            let level = f64::from(step) / 1023.0;
            let light = if level <= 0.04045 {
                level / 12.92
            } else {
                ((level + 0.055) / 1.055).powf(2.4)
            };
            (light * 65_535.0).round() as u16
        })
        .collect();
    for trc in [
        &mut gamma.red_trc,
        &mut gamma.green_trc,
        &mut gamma.blue_trc,
    ] {
        *trc = Some(ToneReprCurve::Lut(curve.clone()));
    }
    for icc in [ColorProfile::new_srgb(), gamma] {
        let icc = icc.encode().unwrap();
        for colour in [[1, 2, 3], [200, 100, 50], [17, 250, 99], [254, 255, 253]] {
            let [red, green, blue] = colour;
            assert_eq!(
                found(&colour_png(Some(&icc), colour)),
                [red, green, blue, 255],
                "to the last bit"
            );
        }
    }
}

#[test]
fn grey_has_its_own_curve() {
    let mut icc = ColorProfile::new_gray_with_gamma(1.8);
    icc.cicp = None;
    let icc = icc.encode().unwrap();
    let head = Head {
        width: 1,
        height: 1,
        bits: 8,
        kind: 0,
    };
    for (stored, expected) in [(64, 81), (128, 146), (200, 210), (0, 0), (255, 255)] {
        let content = [b"grey\0\0".to_vec(), zlib(&icc)].concat();
        let file = png(head, &[(b"iCCP", content)], &[vec![stored]]);
        let found = found(&file);
        assert!(
            near(found, [expected, expected, expected, 255], 2),
            "{stored}: {found:?}"
        );
    }
}

#[test]
fn alpha_stays_as_it_is() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let head = Head {
        width: 1,
        height: 1,
        bits: 8,
        kind: 6,
    };
    let content = [b"p3\0\0".to_vec(), zlib(&p3)].concat();
    let file = png(head, &[(b"iCCP", content)], &[vec![200, 100, 50, 128]]);
    let found = found(&file);
    assert!(near(found, [108, 47, 16, 128], 2), "{found:?}");
}

#[test]
fn a_profile_that_is_broken_or_of_another_kind_is_passed_over() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let plain = [200, 100, 50, 255];
    let grey = ColorProfile::new_gray_with_gamma(1.8).encode().unwrap();
    for icc in [&b"nonsense"[..], &[], &p3[..100], &[0; 4000], &grey] {
        assert_eq!(found(&colour_png(Some(icc), [200, 100, 50])), plain);
    }
    // Every byte changed, one after the other: a picture comes, or a word of what is wrong.
    for at in 0..p3.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut icc = p3.clone();
            icc[at] ^= flip;
            drop(decode_still(&colour_png(Some(&icc), [200, 100, 50])));
        }
    }
}
