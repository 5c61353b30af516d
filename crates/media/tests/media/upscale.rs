use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use workprint_media::{Cancel, Media, MediaErrorKind, Programs, Upscale};
use workprint_model::show::UpscaleModel;
use workprint_model::{Frames, Size};

use crate::fixtures::{frames, make, programs, spec};

/// Stands in for the model: ffmpeg enlarges. It takes the options that the real one documents, and writes down how many
/// pictures it was given.
const LARGER: &str = "#!/bin/sh\n[ \"$1$3$5$7$9${11}${12}\" = -i-o-m-s-n-fpng ] && [ \"${10}\" = realesr-animevideov3 ] || exit 255\n\
    from=\"$2\" to=\"$4\"; [ -d \"$2\" ] && from=\"$2/%08d.png\" to=\"$4/%08d.png\" && ls \"$2\" | wc -l >> \"$0.runs\"\n\
    ffmpeg -nostdin -v error -y -i \"$from\" -vf \"scale=iw*$8:ih*$8\" \"$to\"\n";

fn media(folder: &Path, lines: &str) -> Media {
    let program = folder.join("realesrgan-ncnn-vulkan");
    std::fs::write(&program, lines).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let programs = Programs {
        realesrgan: Some(program),
        ..programs()
    };
    Media::new(programs, Cancel::default())
}

fn by(factor: u8) -> Upscale {
    Upscale {
        factor,
        model: UpscaleModel::RealesrAnimevideov3,
    }
}

#[test]
fn a_picture_is_enlarged_and_one_that_is_not_made_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("picture.png");
    make("-f lavfi -i testsrc2=s=64x48 -frames:v 1", &file);
    let png = std::fs::read(&file).unwrap();
    let large = |lines: &str, with| {
        let media = media(dir.path(), lines);
        media.upscale_picture(&file, &png, dir.path(), with)
    };
    let made = large(LARGER, by(2)).unwrap();
    assert_eq!(made[16..24], [0, 0, 0, 128, 0, 0, 0, 96]);
    // It ends well whatever it could not read.
    let none = large("#!/bin/sh\nexit 0\n", by(2)).unwrap_err();
    assert_eq!(none.kind(), MediaErrorKind::BadMedia);
    let same = large("#!/bin/sh\ncp \"$2\" \"$4\"\n", by(2)).unwrap_err();
    assert!(same.to_string().contains("64x48"), "{same}");
    let refused = "#!/bin/sh\necho invalid gpu device >&2; exit 255\n";
    let refused = large(refused, by(2)).unwrap_err();
    assert!(refused.to_string().contains("realesrgan"), "{refused}");
    let photographs = Upscale {
        factor: 2,
        model: UpscaleModel::RealesrganX4plus,
    };
    for with in [by(1), by(5), photographs] {
        let error = large(LARGER, with).unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadRequest, "{with:?}");
    }
    let left = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(left, 2, "folders are left");
}

#[test]
fn what_would_be_too_large_is_refused() {
    let size = |width, height| Size { width, height };
    assert_eq!(by(4).picture(size(2000, 2000)).unwrap(), size(8000, 8000));
    for too_large in [size(2001, 2000), size(4097, 1), size(u32::MAX, 2)] {
        let error = by(4).picture(too_large).unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadRequest, "{too_large}");
    }
}

#[test]
fn a_clip_is_enlarged_with_all_of_its_frames_in_order_and_some_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip.mp4");
    // Each frame has 29 light pixels more than the one before.
    make(
        r"-f lavfi -i color=s=64x48:r=50:d=2.1,geq=lum=if(lt(X+Y*64\,N*29)\,200\,40):cb=128:cr=128 -c:v libx264 -pix_fmt yuv420p -colorspace bt709",
        &clip,
    );
    let out = dir.path().join("100% out.mp4");
    let large = media(dir.path(), LARGER);
    let made = large.upscale_clip(&clip, &out, by(3)).unwrap();
    let size = Size {
        width: 192,
        height: 144,
    };
    assert_eq!(made, (Frames(105), size));
    let runs = std::fs::read_to_string(dir.path().join("realesrgan-ncnn-vulkan.runs")).unwrap();
    assert_eq!(runs.split_whitespace().collect::<Vec<_>>(), ["100", "5"]);
    assert_eq!(large.probe(&out).unwrap().video.unwrap().shown, size);
    // Brought back to its size, each frame is the clip's own.
    let [before, after] = [&clip, &out].map(|file| frames(&large, &spec(file, "50", (64, 48))));
    assert_eq!((before.len(), after.len()), (105, 105));
    let differ = |one: &[u8], two: &[u8]| -> u64 {
        let pairs = one.iter().zip(two);
        pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
    };
    for at in [0, 50, 99, 100, 104] {
        let near = (0..105).min_by_key(|&other| differ(&before[other], &after[at]));
        assert_eq!(near, Some(at));
    }
    let left = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(left, 4, "folders are left");
}

#[test]
fn a_clip_whose_frames_are_not_all_made_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=10:d=0.5 -c:v libx264 -pix_fmt yuv420p -colorspace bt709",
        &clip,
    );
    let out = dir.path().join("out.mp4");
    let fewer = format!("{LARGER}rm \"$4/00000002.png\"\n");
    let smaller = LARGER.replace("iw*$8", "iw");
    for (lines, told) in [(fewer, "4 pictures"), (smaller, "a picture of 64x")] {
        let error = media(dir.path(), &lines).upscale_clip(&clip, &out, by(3));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadMedia);
        assert!(error.to_string().contains(told), "{error}");
        assert!(!out.exists());
    }
}
