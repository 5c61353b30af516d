//! What holds frames against their references.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, RgbImage};
use workprint_picture::{Yuv, to_rgb8};

use crate::report;

/// The most pixels of a golden frame.
const MOST_PIXELS: u32 = 65_536;

/// The most bytes of a reference.
const MOST_BYTES: usize = 48 << 10;

/// A frame with a name.
pub(crate) struct Case {
    name: String,
    frame: Box<dyn Fn() -> Yuv>,
    twin: Option<&'static str>,
}

impl Case {
    /// Says that this frame is meant to be the same as another of its topic, told before: two frames
    /// that are alike without a word mean that one does not show what its name says.
    pub(crate) const fn like(mut self, twin: &'static str) -> Self {
        self.twin = Some(twin);
        self
    }
}

/// A case. The name becomes a file's: lower-case letters, digits and `-`.
pub(crate) fn case(name: impl Into<String>, frame: impl Fn() -> Yuv + 'static) -> Case {
    Case {
        name: name.into(),
        frame: Box::new(frame),
        twin: None,
    }
}

/// Holds the frames of a topic against `frames/TOPIC/`, or writes them there under `GOLDEN=update`.
#[expect(
    clippy::disallowed_methods,
    reason = "a person says through the environment that references are to be written"
)]
pub(crate) fn check_all(topic: &str, cases: &[Case]) {
    let update = match std::env::var("GOLDEN").as_deref() {
        Err(_) | Ok("") => false,
        Ok("update") => true,
        Ok(other) => panic!("GOLDEN is `{other}`: `update` is all it can be"),
    };
    let golden = Golden {
        frames: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/frames"),
        report: Path::new(env!("CARGO_TARGET_TMPDIR")).join("../golden"),
        update,
    };
    let outcome = golden.check(topic, cases);
    if let Err(wrong) = outcome {
        panic!("{wrong}");
    }
}

/// Where references lie and what is done with them.
struct Golden {
    frames: PathBuf,
    report: PathBuf,
    update: bool,
}

/// What came of a case.
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) got: Option<RgbImage>,
    /// Where it is not as it should be.
    pub(crate) wrong: Option<Wrong>,
}

/// How a frame is not as it should be.
pub(crate) struct Wrong {
    pub(crate) why: String,
    pub(crate) expected: Option<RgbImage>,
    pub(crate) difference: Option<RgbImage>,
}

impl Wrong {
    fn told(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            expected: None,
            difference: None,
        }
    }
}

impl Golden {
    fn check(&self, topic: &str, cases: &[Case]) -> Result<(), String> {
        assert!(is_name(topic), "`{topic}` cannot be a topic's name");
        let mut names = BTreeSet::new();
        for case in cases {
            let name = case.name.as_str();
            assert!(is_name(name), "{topic}: `{name}` cannot be a case's name");
            if !names.insert(name) {
                return Err(format!("{topic}: two cases are called `{name}`"));
            }
        }
        let folder = self.frames.join(topic);
        let mut shown: Vec<Shown> = cases.iter().map(|case| self.one(&folder, case)).collect();
        tell_twins(cases, &mut shown);
        for orphan in orphans(&folder, &names) {
            if self.update {
                fs::remove_file(folder.join(&orphan)).unwrap();
            } else {
                shown.push(Shown {
                    name: orphan,
                    got: None,
                    wrong: Some(Wrong::told("no case has this name")),
                });
            }
        }
        let page = report::write(&self.report, topic, &shown);
        let wrong: Vec<String> = shown
            .iter()
            .filter_map(|one| {
                let wrong = one.wrong.as_ref()?;
                Some(format!("  {topic}/{}: {}", one.name, wrong.why))
            })
            .collect();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{} of {} golden frames are not as they should be:\n{}\nlook at {}\nif they are right, \
             write them: GOLDEN=update cargo nextest run -p workprint-picture --test golden {topic}",
            wrong.len(),
            shown.len(),
            wrong.join("\n"),
            page.display(),
        ))
    }

    fn one(&self, folder: &Path, case: &Case) -> Shown {
        let shown = |got, wrong| Shown {
            name: case.name.clone(),
            got,
            wrong,
        };
        let Ok(frame) = catch_unwind(AssertUnwindSafe(|| (case.frame)())) else {
            return shown(None, Some(Wrong::told("it could not be painted")));
        };
        let (width, height) = (frame.size.width, frame.size.height);
        if width * height > MOST_PIXELS {
            let why = format!("{width}x{height} is more than {MOST_PIXELS} pixels");
            return shown(None, Some(Wrong::told(why)));
        }
        let got = RgbImage::from_raw(width, height, to_rgb8(&frame)).unwrap();
        let path = folder.join(&case.name).with_extension("png");
        let expected = fs::read(&path).ok().map(|bytes| {
            let read = image::load_from_memory(&bytes);
            read.map(image::DynamicImage::into_rgb8)
        });
        let wrong = match expected {
            None => Some(Wrong::told("there is no reference")),
            Some(Err(error)) => Some(Wrong::told(format!(
                "its reference cannot be read: {error}"
            ))),
            Some(Ok(expected)) => compare(expected, &got),
        };
        if !self.update || wrong.is_none() {
            return shown(Some(got), wrong);
        }
        let bytes = png(&got);
        if bytes.len() > MOST_BYTES {
            let why = format!("its PNG has {} bytes, more than {MOST_BYTES}", bytes.len());
            return shown(Some(got), Some(Wrong::told(why)));
        }
        fs::create_dir_all(folder).unwrap();
        fs::write(&path, bytes).unwrap();
        shown(Some(got), None)
    }
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(fits)
}

/// Tells of frames that are alike and should not be, and the other way round.
fn tell_twins(cases: &[Case], shown: &mut [Shown]) {
    for (at, case) in cases.iter().enumerate() {
        let (before, rest) = shown.split_at_mut(at);
        let one = &mut rest[0];
        if one.wrong.is_some() || one.got.is_none() {
            continue;
        }
        let twin = before.iter().find(|other| other.got == one.got);
        let twin = twin.map(|other| other.name.as_str());
        let why = match (twin, case.twin) {
            (is, meant) if is == meant => continue,
            (Some(is), _) => format!("it is the same as `{is}`: what its name says is not seen"),
            (None, meant) => format!("it is not the same as `{}`", meant.unwrap_or_default()),
        };
        one.wrong = Some(Wrong::told(why));
    }
}

/// Files of a topic that no case has.
fn orphans(folder: &Path, names: &BTreeSet<&str>) -> Vec<String> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut orphans: Vec<String> = files
        .filter(|file| {
            file.strip_suffix(".png")
                .is_none_or(|name| !names.contains(name))
        })
        .collect();
    orphans.sort();
    orphans
}

fn compare(expected: RgbImage, got: &RgbImage) -> Option<Wrong> {
    if expected.dimensions() != got.dimensions() {
        let ((w, h), (x, y)) = (expected.dimensions(), got.dimensions());
        return Some(Wrong {
            why: format!("it is {x}x{y}, its reference {w}x{h}"),
            expected: Some(expected),
            difference: None,
        });
    }
    let mut difference = RgbImage::new(got.width(), got.height());
    let (mut count, mut largest) = (0, 0);
    let pairs = expected.pixels().zip(got.pixels());
    for ((was, is), out) in pairs.zip(difference.pixels_mut()) {
        if was == is {
            continue;
        }
        count += 1;
        for channel in 0..3 {
            let off = was.0[channel].abs_diff(is.0[channel]);
            largest = largest.max(off);
            // So bright that a difference of one can be seen.
            out.0[channel] = off.saturating_mul(8).saturating_add(64);
        }
    }
    (count > 0).then(|| Wrong {
        why: format!(
            "{count} of {} pixels differ, by up to {largest} of 255",
            got.width() * got.height()
        ),
        expected: Some(expected),
        difference: Some(difference),
    })
}

/// A picture as a PNG, as small as it gets.
pub(crate) fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive)
        .write_image(
            image.as_raw(),
            image.width(),
            image.height(),
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    bytes
}

/// The harness is held to what it promises.
mod tests {
    use workprint_model::Size;

    use super::*;

    fn grey(luma: u8) -> Yuv {
        let mut frame = Yuv::new(Size {
            width: 32,
            height: 18,
        })
        .unwrap();
        frame.fill([luma, 128, 128]);
        frame
    }

    fn one_pixel_off() -> Yuv {
        let mut frame = grey(100);
        frame.data[32 * 9 + 5] += 1;
        frame
    }

    fn in_folder(folder: &Path, update: bool, cases: &[Case]) -> Result<(), String> {
        let golden = Golden {
            frames: folder.join("frames"),
            report: folder.join("report"),
            update,
        };
        golden.check("greys", cases)
    }

    #[test]
    fn what_was_written_is_found_again_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let right = || [case("a", || grey(100)), case("b", || grey(50))];
        let missing = in_folder(folder, false, &right()).unwrap_err();
        assert!(
            missing.contains("greys/a: there is no reference"),
            "{missing}"
        );
        in_folder(folder, true, &right()).unwrap();
        in_folder(folder, false, &right()).unwrap();

        let wrong = [case("a", one_pixel_off), case("b", || grey(50))];
        let told = in_folder(folder, false, &wrong).unwrap_err();
        assert!(told.contains("greys/a: 1 of 576 pixels differ"), "{told}");
        assert!(!told.contains("greys/b"), "{told}");
        assert!(told.contains("index.html"), "{told}");
        let page = fs::read_to_string(folder.join("report/index.html")).unwrap();
        assert!(page.contains("1 of 576 pixels differ"));
        assert_eq!(
            page.matches("data:image/png;base64,").count(),
            5,
            "expected, got and difference of one, and two on the sheet"
        );

        in_folder(folder, true, &wrong).unwrap();
        in_folder(folder, false, &wrong).unwrap();
    }

    #[test]
    fn frames_that_are_alike_are_told_unless_they_are_meant_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let told = |cases: &[Case]| in_folder(folder.path(), true, cases).unwrap_err();
        let alike = told(&[case("a", || grey(100)), case("b", || grey(100))]);
        assert!(alike.contains("greys/b: it is the same as `a`"), "{alike}");
        let apart = told(&[case("a", || grey(100)), case("b", || grey(99)).like("a")]);
        assert!(
            apart.contains("greys/b: it is not the same as `a`"),
            "{apart}"
        );
        let meant = [case("a", || grey(100)), case("b", || grey(100)).like("a")];
        in_folder(folder.path(), true, &meant).unwrap();
        in_folder(folder.path(), false, &meant).unwrap();
    }

    #[test]
    fn a_reference_without_a_case_is_told_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let both = [case("a", || grey(100)), case("b", || grey(50))];
        in_folder(folder.path(), true, &both).unwrap();
        let told = in_folder(folder.path(), false, &both[..1]).unwrap_err();
        assert!(
            told.contains("greys/b.png: no case has this name"),
            "{told}"
        );
        in_folder(folder.path(), true, &both[..1]).unwrap();
        in_folder(folder.path(), false, &both[..1]).unwrap();
        assert!(!folder.path().join("frames/greys/b.png").exists());
    }

    #[test]
    fn two_of_one_name_and_what_cannot_be_painted_fail() {
        let folder = tempfile::tempdir().unwrap();
        let twice = [case("a", || grey(100)), case("a", || grey(100))];
        let told = in_folder(folder.path(), true, &twice).unwrap_err();
        assert!(told.contains("two cases are called `a`"), "{told}");
        let broken = [case("a", || panic!("no paint"))];
        let told = in_folder(folder.path(), true, &broken).unwrap_err();
        assert!(told.contains("greys/a: it could not be painted"), "{told}");
    }
}
