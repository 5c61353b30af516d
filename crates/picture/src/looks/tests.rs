//! What holds for all looks.

use workprint_model::look::{
    Blur, Comic, Glow, Grade, Grain, Jank, Letterbox, Mono, Sharpen, Vignette,
};
use workprint_model::{Artifact, Frames, Percent};

use super::*;
use crate::caption::CaptionArt;
use crate::raster::Raster;
use crate::sources::CaptionLook;
use crate::yuv::Yuv;

struct Nothing;

impl Sources for Nothing {
    fn still(&self, _: &Artifact) -> Result<Arc<Raster>, PictureError> {
        Err(nothing())
    }

    fn clip(
        &self,
        _: &workprint_model::timeline::Clip,
        _: Size,
        _: Frames,
    ) -> Result<Arc<Yuv>, PictureError> {
        Err(nothing())
    }

    fn caption(&self, _: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        Err(nothing())
    }
}

fn nothing() -> PictureError {
    PictureError::Source {
        what: "nothing".to_owned(),
        cause: "there is nothing".into(),
    }
}

fn all() -> Vec<Look> {
    let half = Percent::new(50);
    vec![
        Look::Grade(Grade {
            contrast: Percent::new(140),
            temperature: half,
            ..Grade::default()
        }),
        Look::Mono(Mono::default()),
        Look::Blur(Blur::default()),
        Look::Blur(Blur {
            radius: Percent::new(10),
        }),
        Look::Sharpen(Sharpen::default()),
        Look::Glow(Glow {
            amount: Percent::new(100),
            ..Glow::default()
        }),
        Look::Grain(Grain {
            amount: Percent::new(100),
            colour: half,
            ..Grain::default()
        }),
        Look::Vignette(Vignette {
            amount: Percent::new(100),
            ..Vignette::default()
        }),
        Look::Jank(Jank {
            dust: Percent::new(100),
            scratches: Percent::new(100),
            ..Jank::default()
        }),
        Look::Comic(Comic::default()),
        Look::Letterbox(Letterbox::default()),
    ]
}

fn shown(look: &Look, number: u64) -> ShownLook {
    ShownLook {
        look: PlacedLook {
            look: look.clone(),
            cube: None,
        },
        moment: look.moves().then_some(Moment { number, salt: 9 }),
    }
}

/// Samples of every value, in no order.
fn noise(width: u32, height: u32) -> Yuv {
    let mut frame = Yuv::new(Size { width, height }).unwrap();
    for (at, sample) in frame.data.iter_mut().enumerate() {
        *sample = ((at as u32).wrapping_mul(2_654_435_761) >> 24) as u8;
    }
    frame
}

fn applied(look: &Look, frame: &Yuv, kernel: Kernel) -> Yuv {
    let mut out = frame.clone();
    let mut lab = Lab {
        kernel,
        ..Lab::default()
    };
    lab.apply(&[shown(look, 3)], &Nothing, &mut out.lent())
        .unwrap();
    out
}

#[test]
fn kernels_give_the_same_bytes() {
    let frame = noise(203, 117);
    for look in all() {
        let (plain, best) = (
            applied(&look, &frame, Kernel::Plain),
            applied(&look, &frame, Kernel::best()),
        );
        assert!(plain == best, "{look:?}");
        assert!(plain != frame, "{look:?}");
    }
}

#[test]
fn frames_of_any_size_are_changed() {
    for (width, height) in [
        (1, 1),
        (2, 1),
        (1, 2),
        (3, 3),
        (16, 16),
        (5, 64),
        (64, 5),
        (17, 2),
    ] {
        for look in all() {
            let out = applied(&look, &noise(width, height), Kernel::best());
            assert_eq!(out.size, Size { width, height }, "{look:?}");
        }
    }
}

#[test]
fn what_moves_changes_and_what_does_not_stays() {
    let frame = noise(160, 90);
    for look in all() {
        let mut lab = Lab::default();
        let frames = [0, 1, 0].map(|number| {
            let mut out = frame.clone();
            lab.apply(&[shown(&look, number)], &Nothing, &mut out.lent())
                .unwrap();
            out
        });
        assert!(frames[0] == frames[2], "{look:?}");
        assert_eq!(frames[0] != frames[1], look.moves(), "{look:?}");
    }
}

#[test]
fn colours_next_to_each_other_are_one_table() {
    let mut lab = Lab::default();
    let grade = shown(&Look::Grade(Grade::default()), 0);
    let mono = shown(&Look::Mono(Mono::default()), 0);
    let grain = shown(&Look::Grain(Grain::default()), 0);
    let mut frame = noise(64, 36);
    let looks = [grade.clone(), mono, grain, grade];
    lab.apply(&looks, &Nothing, &mut frame.lent()).unwrap();
    assert_eq!(lab.ready.len(), 3);
    lab.apply(&looks, &Nothing, &mut frame.lent()).unwrap();
    assert_eq!(lab.ready.len(), 3);
}

#[test]
fn few_looks_are_held() {
    let mut lab = Lab::default();
    let mut frame = noise(16, 16);
    for seed in 0..40 {
        let look = Look::Grain(Grain {
            seed,
            ..Grain::default()
        });
        lab.apply(&[shown(&look, 0)], &Nothing, &mut frame.lent())
            .unwrap();
    }
    assert_eq!(lab.ready.len(), MOST_READY);
}
