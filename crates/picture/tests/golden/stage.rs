//! Pictures from memory for golden frames, and the painters that paint them.

use std::collections::BTreeMap;
use std::sync::Arc;

use workprint_model::timeline::{Clip, PlacedPicture, Still, StillLayer, Timeline};
use workprint_model::{Artifact, Digest, Frames, Percent, Size};
use workprint_picture::graphic::Drawn;
use workprint_picture::slate::Slates;
use workprint_picture::still::from_png;
use workprint_picture::svg::SvgLayers;
use workprint_picture::{
    CaptionArt, CaptionLook, Cube, Fonts, Painter, PictureError, PlacedRaster, Raster, Rgba,
    SlateLook, Sources, Yuv, resolve,
};

use crate::art;
use crate::scene::{Memory, artifact, hold, shot, still, timeline};

/// A frame of 16:9, near enough.
pub(crate) const WIDE: Size = Size {
    width: 240,
    height: 136,
};

/// A frame of 9:16, near enough.
pub(crate) const TALL: Size = Size {
    width: 136,
    height: 240,
};

/// Stills by name, clips of [`art::ball`], and captions as they are drawn in films.
#[derive(Default)]
pub(crate) struct Stage {
    stills: Memory,
    cubes: BTreeMap<Digest, Arc<Cube>>,
}

impl Stage {
    /// With a table of colours.
    pub(crate) fn with_cube(mut self, name: &str, text: &str) -> Self {
        let cube = Arc::new(Cube::parse(text).unwrap());
        self.cubes.insert(artifact(name).digest, cube);
        self
    }

    /// With a still, which [`still`] and [`crate::scene::overlay`] name.
    pub(crate) fn with(mut self, name: &str, image: &Rgba) -> Self {
        self.stills = self.stills.with(name, image);
        self
    }

    /// With the pictures of a graphic.
    pub(crate) fn with_drawn(mut self, drawn: &Drawn) -> Self {
        for (artifact, bytes) in &drawn.files {
            self.stills
                .insert(artifact.digest, &from_png(bytes).unwrap());
        }
        self
    }

    /// With a scene in layers; what a shot shows of it.
    pub(crate) fn with_scene(
        mut self,
        name: &str,
        scene: &SvgLayers,
        parallax: i32,
    ) -> (Self, PlacedPicture) {
        let mut layers = Vec::new();
        let scene_layers = scene.layers.iter().zip(&scene.blends);
        for (number, ((depth, image), blend)) in scene_layers.enumerate() {
            let name = format!("{name}-{number}");
            self = self.with(&name, image);
            layers.push(StillLayer {
                image: artifact(&name),
                x: 0,
                y: 0,
                size: image.size,
                depth: *depth,
                blend: *blend,
            });
        }
        let picture = PlacedPicture::Still(Still {
            layers,
            size: scene.size,
            bleed_x: scene.bleed_x,
            bleed_y: scene.bleed_y,
            parallax: Percent::new(parallax),
        });
        (self, picture)
    }

    /// A frame of `line`, painted with the loops for this machine and with those for any.
    pub(crate) fn paint(&self, line: &Timeline, frame: u64) -> Yuv {
        let resolved = resolve(line, Frames(frame));
        let paint = |mut painter: Painter| {
            let mut out = Yuv::new(line.size).unwrap();
            painter.paint(&resolved, self, &mut out).unwrap();
            out
        };
        let frame = paint(Painter::new());
        assert!(
            paint(Painter::portable()) == frame,
            "the loops for this machine paint otherwise than those for any"
        );
        frame
    }
}

/// A picture that fills the frame, pixel for pixel.
pub(crate) fn show(image: &Rgba) -> Yuv {
    let Size { width, height } = image.size;
    let line = timeline(
        width,
        height,
        vec![shot(1, still("all", width, height), hold())],
    );
    Stage::default().with("all", image).paint(&line, 0)
}

impl Sources for Stage {
    fn still(&self, image: &Artifact) -> Result<Arc<Raster>, PictureError> {
        self.stills.still(image)
    }

    fn clip(&self, clip: &Clip, size: Size, frame: Frames) -> Result<Arc<Yuv>, PictureError> {
        let image = art::ball(clip.size, frame.0);
        // The whole picture is scaled to `size`, whatever its shape: as its own frame of that size.
        let stage = Self::default().with("frame", &art::scaled(&image, size));
        let whole = still("frame", size.width, size.height);
        let line = timeline(size.width, size.height, vec![shot(1, whole, hold())]);
        Ok(Arc::new(stage.paint(&line, 0)))
    }

    fn cube(&self, file: &Artifact) -> Result<Arc<Cube>, PictureError> {
        self.cubes
            .get(&file.digest)
            .cloned()
            .ok_or_else(|| PictureError::Source {
                what: format!("the table of colours `{}`", file.digest.short()),
                cause: "it is not on the stage".into(),
            })
    }

    fn caption(&self, look: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        Ok(Arc::new(CaptionArt::draw(look, Fonts::built_in())))
    }

    fn slate(&self, look: &SlateLook) -> Result<Arc<PlacedRaster>, PictureError> {
        let fonts = Fonts::built_in();
        let plate = Slates::new(look.frame, fonts).plate(look, fonts);
        Ok(Arc::new(plate))
    }
}
