//! What each look costs a frame of 1080p, on one core: `cargo bench -p workprint-picture --bench looks`.

use std::fmt::Write as _;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use workprint_model::episode::Blend;
use workprint_model::look::{
    Blur, Comic, Glow, Grade, Grain, Jank, Letterbox, Look, Lut, Mono, Sharpen, Vignette,
};
use workprint_model::timeline::{Clip, PlacedLook};
use workprint_model::{Artifact, Digest, Frames, Percent, Size};
use workprint_picture::resolve::{
    Base, Layer, LayerSource, Moment, ShownLook, View, WHOLE, Window,
};
use workprint_picture::{
    CaptionArt, CaptionLook, Cube, Painter, PictureError, Raster, Resolved, Rgba, Sources, Yuv,
};

const SIZE: Size = Size {
    width: 1920,
    height: 1080,
};

/// A picture with soft shapes, edges and noise.
struct Studio(Arc<Raster>);

impl Studio {
    fn new() -> Self {
        let mut image = Rgba::transparent(SIZE);
        for (at, pixel) in image.pixels.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % SIZE.width, at as u32 / SIZE.width);
            let noise = (at as u32).wrapping_mul(2_654_435_761) >> 28;
            let edge = if (x / 240 + y / 180) % 2 == 0 { 60 } else { 0 };
            let rgb = [x / 12 + edge, y / 8 + noise, (x + y) / 20 + noise];
            pixel[..3].copy_from_slice(&rgb.map(|value| value.min(255) as u8));
            pixel[3] = 255;
        }
        Self(Arc::new(Raster::from_rgba(&image)))
    }
}

impl Sources for Studio {
    fn still(&self, _: &Artifact) -> Result<Arc<Raster>, PictureError> {
        Ok(Arc::clone(&self.0))
    }

    fn clip(&self, _: &Clip, size: Size, _: Frames) -> Result<Arc<Yuv>, PictureError> {
        Yuv::new(size).map(Arc::new)
    }

    fn cube(&self, _: &Artifact) -> Result<Arc<Cube>, PictureError> {
        let side = 33;
        let mut text = format!("LUT_3D_SIZE {side}\n");
        for at in 0..side * side * side {
            let part = |value: usize| value as f64 / (side - 1) as f64;
            let [r, g, b] = [at % side, at / side % side, at / side / side].map(part);
            let _ = writeln!(text, "{:.5} {:.5} {:.5}", r * r, g, b.max(r * 0.5));
        }
        Cube::parse(&text)
            .map(Arc::new)
            .map_err(|error| PictureError::Source {
                what: "the table".to_owned(),
                cause: error.into(),
            })
    }

    fn caption(&self, caption: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        Err(PictureError::Source {
            what: format!("{caption:?}"),
            cause: "there are no captions here".into(),
        })
    }
}

fn artifact() -> Artifact {
    Artifact {
        digest: Digest::of(b"picture"),
        media_type: "image/png".to_owned(),
        bytes: 1,
    }
}

fn frame(look: Option<&Look>, number: u64) -> Resolved {
    let looks = look.map(|look| ShownLook {
        look: PlacedLook {
            look: look.clone(),
            cube: look.file().map(|_| artifact()),
        },
        moment: look.moves().then_some(Moment { number, salt: 1 }),
    });
    Resolved {
        size: SIZE,
        base: Base::Shot(View {
            layers: vec![Layer {
                source: LayerSource::Still(artifact()),
                size: SIZE,
                window: Window::whole(SIZE),
                cut: false,
                blend: Blend::Normal,
                opacity: WHOLE,
            }],
            bars: None,
            backdrop: None,
            looks: Vec::new(),
        }),
        looks: looks.into_iter().collect(),
        overlays: Vec::new(),
        captions: Vec::new(),
        slate: None,
    }
}

fn all() -> Vec<(&'static str, Option<Look>)> {
    let far = Blur {
        radius: Percent::new(4),
    };
    let near = Blur {
        radius: Percent::from_hundredths(10),
    };
    let grade = Grade {
        contrast: Percent::new(130),
        temperature: Percent::new(30),
        ..Grade::default()
    };
    let lut = Lut {
        file: "media/look.cube".parse().expect("a path"),
        amount: Percent::new(100),
    };
    vec![
        ("none", None),
        ("grade", Some(Look::Grade(grade))),
        ("lut", Some(Look::Lut(lut))),
        ("mono", Some(Look::Mono(Mono::default()))),
        ("blur-near", Some(Look::Blur(near))),
        ("blur-far", Some(Look::Blur(far))),
        ("sharpen", Some(Look::Sharpen(Sharpen::default()))),
        ("glow", Some(Look::Glow(Glow::default()))),
        ("grain", Some(Look::Grain(Grain::default()))),
        ("vignette", Some(Look::Vignette(Vignette::default()))),
        ("jank", Some(Look::Jank(Jank::default()))),
        ("comic", Some(Look::Comic(Comic::default()))),
        ("letterbox", Some(Look::Letterbox(Letterbox::default()))),
    ]
}

/// Frames with one look of the film each; `none` is what must be taken off.
fn looks(criterion: &mut Criterion) {
    let studio = Studio::new();
    let mut group = criterion.benchmark_group("look");
    for (name, look) in all() {
        let mut painter = Painter::new();
        let mut out = Yuv::new(SIZE).expect("a size that can be painted");
        let mut number = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                number += 1;
                painter
                    .paint(&frame(look.as_ref(), number), &studio, &mut out)
                    .expect("it can be painted");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, looks);
criterion_main!(benches);
