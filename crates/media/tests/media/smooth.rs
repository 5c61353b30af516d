use std::os::unix::fs::PermissionsExt;

use workprint_media::{Cancel, Interpolator, Media, MediaErrorKind, Programs};
use workprint_model::Frames;

use crate::fixtures::{frames, make, media, programs, rate, spec};

#[test]
fn motion_keeps_every_frame_and_adds_between() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip.mp4");
    make(
        "-f lavfi -i testsrc2=s=128x96:r=12:d=1 -c:v libx264 -pix_fmt yuv420p -colorspace bt709",
        &clip,
    );
    let media = media();
    let outs = [dir.path().join("one.mp4"), dir.path().join("two.mp4")];
    for out in &outs {
        let made = media
            .interpolate(&clip, out, 2, Interpolator::Motion)
            .unwrap();
        assert_eq!(made, (Frames(24), rate("24")));
    }
    assert!(std::fs::read(&outs[0]).unwrap() == std::fs::read(&outs[1]).unwrap());
    let before = frames(&media, &spec(&clip, "12", (128, 96)));
    let after = frames(&media, &spec(&outs[0], "24", (128, 96)));
    assert_eq!((before.len(), after.len()), (12, 24));
    let differ = |one: &[u8], two: &[u8]| {
        let sum: u64 = one
            .iter()
            .zip(two)
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        sum as f64 / one.len() as f64
    };
    for (number, frame) in before.iter().enumerate() {
        let same = differ(frame, &after[number * 2]);
        let other = before.iter().enumerate().filter(|(at, _)| *at != number);
        let nearest = other
            .map(|(_, other)| differ(other, &after[number * 2]))
            .fold(f64::MAX, f64::min);
        assert!(
            same < 1.5 && same < nearest,
            "frame {number}: {same} {nearest}"
        );
    }
}

#[test]
fn rife_is_given_pictures_and_its_own_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=10:d=0.5 -c:v libx264 -pix_fmt yuv420p -colorspace bt709",
        &clip,
    );
    // Stands in for the model: every picture twice. It takes the options that the real one documents.
    let rife = dir.path().join("rife-ncnn-vulkan");
    let lines = "#!/bin/sh\n[ \"$1$3$5$7\" = -i-o-m-n ] || exit 255\nn=0\nfor file in \"$2\"/*.png; do\n  for twice in 1 2; do n=$((n+1)); cp \"$file\" \"$4/$(printf %08d $n).png\"; done\ndone\n";
    let write = |lines: &str| {
        std::fs::write(&rife, lines).unwrap();
        std::fs::set_permissions(&rife, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    write(lines);
    let media = Media::new(
        Programs {
            rife: Some(rife.clone()),
            ..programs()
        },
        Cancel::default(),
    );
    let out = dir.path().join("100% out.mp4");
    let made = media
        .interpolate(&clip, &out, 2, Interpolator::Rife)
        .unwrap();
    assert_eq!(made, (Frames(10), rate("20")));
    assert_eq!(media.frame_md5(&out).unwrap().len(), 10);
    write("#!/bin/sh\nexit 0\n");
    let error = media
        .interpolate(&clip, &out, 2, Interpolator::Rife)
        .unwrap_err();
    assert_eq!(error.kind(), MediaErrorKind::BadMedia);
}

#[test]
fn only_sensible_factors() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=60:d=0.1 -c:v libx264 -pix_fmt yuv420p",
        &clip,
    );
    let out = dir.path().join("out.mp4");
    for factor in [0, 1, 8, 9] {
        let error = media()
            .interpolate(&clip, &out, factor, Interpolator::Motion)
            .unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadRequest, "{factor}");
    }
}
