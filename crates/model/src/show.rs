//! What all episodes of a show share: `show.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::caption::{CaptionPlace, CaptionStyle, OutputCaptions, WordEffect};
pub use crate::caption_rules::CaptionLimits;
pub use crate::credentials::CredentialsSpec;
pub use crate::dub::DubTiming;
use crate::episode::{CastMember, PromptSpec, Theme};
use crate::look::Look;
pub use crate::outside::{Budget, EngineSpec};
use crate::proof::Waivers;
use crate::sound::{MixSettings, SoundSource};
pub use crate::speech::{ExactPronunciation, Pronunciation, VoiceEngine, VoiceEngineSpec};
use crate::stock::StockSpecs;
use crate::takes::TakeRules;
use crate::webhook::WebhookSpec;
use crate::{Decibels, Dollars, Encoder, Money, Rate, Safe, Size};

/// The name and version of this format, kept in the file's `format` field.
pub const FORMAT: &str = "workprint.show/1";

/// A show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Show {
    /// `workprint.show/1`.
    pub format: String,
    /// What the show is called.
    pub title: String,
    /// The films that are made of each episode, by name. `main` is made where no other is asked for.
    #[serde(default = "Show::default_outputs")]
    pub outputs: BTreeMap<String, Output>,
    /// Speakers that every episode may use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cast: Vec<CastMember>,
    /// How words are pronounced, by the word as it is written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lexicon: BTreeMap<String, Pronunciation>,
    /// Silences around voices.
    #[serde(default)]
    pub timing: Timing,
    /// How dubs are fitted to the picture.
    #[serde(default, skip_serializing_if = "DubTiming::is_default")]
    pub dub: DubTiming,
    /// Caption styles of the show, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub caption_styles: BTreeMap<String, CaptionStyle>,
    /// Looks of the show, by the name that shots and episodes use them with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub looks: BTreeMap<String, Vec<Look>>,
    /// The colours of graphics.
    #[serde(default, skip_serializing_if = "Theme::is_default")]
    pub theme: Theme,
    /// How sounds are mixed.
    #[serde(default, skip_serializing_if = "MixSettings::is_usual")]
    pub mix: MixSettings,
    /// Which engine does what.
    #[serde(default)]
    pub engines: Engines,
    /// How many takes are made of pictures and clips, and which is chosen.
    #[serde(default, skip_serializing_if = "TakeRules::is_default")]
    pub takes: TakeRules,
    /// Where a run stops to ask.
    #[serde(default)]
    pub gates: Gates,
    /// What may be spent.
    #[serde(default, skip_serializing_if = "Budget::is_unset")]
    pub budget: Budget,
    /// How finished films are signed, and what their credentials tell.
    #[serde(default, skip_serializing_if = "CredentialsSpec::is_unset")]
    pub credentials: CredentialsSpec,
    /// Checks of finished films that may fail, each with the reason why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waive: Waivers,
}

impl Show {
    fn default_outputs() -> BTreeMap<String, Output> {
        BTreeMap::from([("main".to_owned(), Output::default())])
    }

    /// The looks of a list, with those that it names put in their places. A look of the show may
    /// name a built-in one; what is not known is left out.
    pub fn looks_of(&self, looks: &[Look]) -> Vec<Look> {
        let built_in = |look: &Look| match look {
            Look::Named(name) => Look::built_in(name).unwrap_or_default(),
            look => vec![look.clone()],
        };
        let all = looks.iter().flat_map(|look| match look {
            Look::Named(name) => match self.looks.get(name) {
                Some(own) => own.iter().flat_map(built_in).collect(),
                None => built_in(look),
            },
            look => vec![look.clone()],
        });
        all.collect()
    }
}

/// A film that is made of an episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// Pixels across, 16 to 7680, even.
    #[schemars(range(min = 16, max = 7680), extend("multipleOf" = 2))]
    pub width: u32,
    /// Pixels down, 16 to 7680, even.
    #[schemars(range(min = 16, max = 7680), extend("multipleOf" = 2))]
    pub height: u32,
    /// Frames a second.
    pub rate: Rate,
    /// What encodes the picture.
    #[serde(skip_serializing_if = "Encoder::is_default")]
    pub encoder: Encoder,
    /// Quality of the picture: 1 (best) to 51, as x264 counts it; other encoders are given what
    /// looks about the same on their own scales.
    #[schemars(range(min = 1, max = 51))]
    pub crf: u8,
    /// How hard the encoder tries.
    pub preset: Preset,
    /// The sound's bit rate in kbit/s, 32 to 512.
    #[schemars(range(min = 32, max = 512))]
    pub audio_kbps: u16,
    /// Loudness to reach, in LUFS (EBU R128), −40 to −5.
    #[schemars(extend("minimum" = -40, "maximum" = -5))]
    pub loudness: Decibels,
    /// True peak never passed, in dBTP, −12 to −0.5.
    #[schemars(extend("minimum" = -12, "maximum" = -0.5))]
    pub true_peak: Decibels,
    /// Write stems beside the film: a WAV of every lane of the mix.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stems: bool,
    /// Where in the frame captions and graphics may stand: a platform's name, or a box of one's own.
    /// Where it is missing, nothing is moved, and `check` tells what is not safe for titles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safe: Option<Safe>,
    /// What this output changes about captions.
    #[serde(skip_serializing_if = "OutputCaptions::is_empty")]
    pub captions: OutputCaptions,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            width: 1920,
            height: 1080,
            rate: Rate::FPS_30,
            encoder: Encoder::X264,
            crf: 20,
            preset: Preset::Veryfast,
            audio_kbps: 192,
            loudness: Decibels::new(-14),
            true_peak: Decibels::new(-1),
            stems: false,
            safe: None,
            captions: OutputCaptions::default(),
        }
    }
}

impl Output {
    /// The frame's size.
    pub const fn size(&self) -> Size {
        Size {
            width: self.width,
            height: self.height,
        }
    }
}

/// How hard the encoder tries: x264's presets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the encoder's own names")]
pub enum Preset {
    Ultrafast,
    Superfast,
    #[default]
    Veryfast,
    Faster,
    Fast,
    Medium,
    Slow,
    Slower,
}

impl Preset {
    /// The encoder's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Superfast => "superfast",
            Self::Veryfast => "veryfast",
            Self::Faster => "faster",
            Self::Fast => "fast",
            Self::Medium => "medium",
            Self::Slow => "slow",
            Self::Slower => "slower",
        }
    }
}

/// Silences around voices, where a cue does not set its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// Silence before a voice, in milliseconds.
    #[schemars(range(min = 0, max = 60_000))]
    pub lead_ms: u32,
    /// Silence after a voice, in milliseconds.
    #[schemars(range(min = 0, max = 60_000))]
    pub tail_ms: u32,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lead_ms: 150,
            tail_ms: 350,
        }
    }
}

/// Which engine does what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Engines {
    /// What speaks besides `espeak`, by the name that voices begin with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub voices: BTreeMap<String, VoiceEngineSpec>,
    /// What makes pictures of prompts, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, EngineSpec>,
    /// The one of `images` that makes the pictures of prompts that name none. Where it is missing, these
    /// are set as storyboard cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub image: Option<String>,
    /// What makes clips of pictures and prompts, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub clips: BTreeMap<String, EngineSpec>,
    /// The one of `clips` that makes those that name none. Where it is missing, the pictures stand still.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub clip: Option<String>,
    /// What answers in words, by name: it draws for the illustrator.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub text: BTreeMap<String, EngineSpec>,
    /// What hears what is said in voices without times of their own, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub recognisers: BTreeMap<String, EngineSpec>,
    /// The one of `recognisers` that listens to recordings and to lines that were bought. Where it is missing,
    /// their words are found by the text alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub recogniser: Option<String>,
    /// Accounts at stock libraries that differ from the usual ones, by the library's name: `pexels`, `pixabay`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stock: StockSpecs,
    /// What makes music of words, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub composers: BTreeMap<String, EngineSpec>,
    /// The one of `composers` that makes the music that names none. Where it is missing, that is not heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub composer: Option<String>,
    /// What makes sounds of words, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub effects: BTreeMap<String, EngineSpec>,
    /// The one of `effects` that makes the sounds that name none. Where it is missing, they are not heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub effect: Option<String>,
    /// What speaks recordings again in another voice, by the name that voices begin with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub changers: BTreeMap<String, EngineSpec>,
    /// Where vendors call when a job has ended. Where nothing is said nobody listens, and they are asked.
    #[serde(skip_serializing_if = "WebhookSpec::is_unset")]
    pub webhooks: WebhookSpec,
    /// Which model of realesrgan-ncnn-vulkan enlarges pictures and clips that ask for it.
    pub upscale: UpscaleModel,
    /// Interpolates clips: `minterpolate` (ffmpeg) or `rife` (rife-ncnn-vulkan).
    pub smooth: SmoothEngine,
}

impl Engines {
    /// The engine that paints a prompt.
    pub fn image_of<'a>(&'a self, prompt: &'a PromptSpec) -> Option<(&'a str, &'a EngineSpec)> {
        let name = prompt.engine.as_ref().or(self.image.as_ref())?;
        Some((name, self.images.get(name)?))
    }

    /// The engine that hears what is said in voices.
    pub fn recogniser_of(&self) -> Option<(&str, &EngineSpec)> {
        let (name, spec) = self.recognisers.get_key_value(self.recogniser.as_ref()?)?;
        Some((name, spec))
    }

    /// The engine that makes a sound of words, where that is what it comes from, and one is named.
    pub fn sound_of<'a>(&'a self, source: &'a SoundSource) -> Option<(&'a str, &'a EngineSpec)> {
        let (table, wanted) = match source {
            SoundSource::Music(prompt) => (
                &self.composers,
                prompt.engine.as_ref().or(self.composer.as_ref()),
            ),
            SoundSource::Effect(prompt) => (
                &self.effects,
                prompt.engine.as_ref().or(self.effect.as_ref()),
            ),
            SoundSource::File(_) | SoundSource::Synth(_) => return None,
        };
        let (name, spec) = table.get_key_value(wanted?)?;
        Some((name, spec))
    }

    /// The engine of `text` that draws for one of `images`, where that is an illustrator.
    pub fn drawn_by(&self, image: &EngineSpec) -> Option<(&str, &EngineSpec)> {
        let found = self.text.get_key_value(&image.model);
        let (name, spec) = found.filter(|_| image.is_illustrator())?;
        Some((name, spec))
    }

    /// The engine that makes a clip of a prompt's picture, where one is asked for.
    pub fn clip_of<'a>(&'a self, prompt: &'a PromptSpec) -> Option<(&'a str, &'a EngineSpec)> {
        let wanted = prompt.clip.as_ref()?.engine.as_ref();
        let name = wanted.or(self.clip.as_ref())?;
        Some((name, self.clips.get(name)?))
    }

    /// Both, and those that may be asked in their places.
    pub fn of_prompt<'a>(
        &'a self,
        prompt: &'a PromptSpec,
    ) -> impl Iterator<Item = (&'a str, &'a EngineSpec)> {
        let image = self.image_of(prompt).map(|one| (one, &self.images));
        let clip = self.clip_of(prompt).map(|one| (one, &self.clips));
        let both = [image, clip].into_iter().flatten();
        both.flat_map(|(one, table)| std::iter::once(one).chain(one.1.fallbacks(table)))
    }

    /// The engines that speak in the place of one: its vendor's, for voices are a vendor's.
    pub fn voices_behind<'a>(
        &'a self,
        spec: &'a EngineSpec,
    ) -> impl DoubleEndedIterator<Item = (&'a str, &'a EngineSpec)> {
        let others = spec.fallback.iter();
        let others = others.filter_map(|other| self.voices.get_key_value(other));
        let others = others.filter_map(|(name, engine)| Some((name.as_str(), engine.vendor()?)));
        others.filter(|(_, other)| other.vendor == spec.vendor)
    }

    /// The same of those that speak recordings again.
    pub fn changers_behind<'a>(
        &'a self,
        spec: &'a EngineSpec,
    ) -> impl DoubleEndedIterator<Item = (&'a str, &'a EngineSpec)> {
        let others = spec.fallbacks(&self.changers);
        others.filter(|(_, other)| other.vendor == spec.vendor)
    }

    /// The engines that make a sound of words in the place of one.
    pub fn sounds_behind<'a>(
        &'a self,
        source: &SoundSource,
        spec: &'a EngineSpec,
    ) -> impl DoubleEndedIterator<Item = (&'a str, &'a EngineSpec)> {
        let table = match source {
            SoundSource::Music(_) => &self.composers,
            _ => &self.effects,
        };
        spec.fallbacks(table)
    }
}

/// A model of realesrgan-ncnn-vulkan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpscaleModel {
    /// For drawings and clips, two, three or four times.
    #[default]
    RealesrAnimevideov3,
    /// For photographs, four times.
    RealesrganX4plus,
    /// For drawings, four times.
    RealesrganX4plusAnime,
    /// For photographs, smoother, four times.
    RealesrnetX4plus,
}

impl UpscaleModel {
    /// What the program calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RealesrAnimevideov3 => "realesr-animevideov3",
            Self::RealesrganX4plus => "realesrgan-x4plus",
            Self::RealesrganX4plusAnime => "realesrgan-x4plus-anime",
            Self::RealesrnetX4plus => "realesrnet-x4plus",
        }
    }

    /// How many times it enlarges.
    pub const fn factors(self) -> &'static [u8] {
        match self {
            Self::RealesrAnimevideov3 => &[2, 3, 4],
            _ => &[4],
        }
    }
}

/// What interpolates clips.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SmoothEngine {
    /// ffmpeg's motion-compensated interpolation, on the CPU.
    #[default]
    Minterpolate,
    /// The program rife-ncnn-vulkan.
    Rife,
}

/// Where a run stops to ask a person. `mode` says it of all gates, each of the others of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(transform = also_master)]
pub struct Gates {
    /// What is asked where nothing else is said.
    #[serde(skip_serializing_if = "GateMode::is_quick")]
    pub mode: GateMode,
    /// What a run may order without a yes, all of it together, in dollars. 0 asks before anything is ordered
    /// that costs money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spend: Option<Dollars>,
    /// What one order may cost without a yes, in dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spend_each: Option<Dollars>,
    /// Ask before clips are ordered of pictures that were made, so that somebody has seen each.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub generation: Option<bool>,
    /// Ask for a review before the master is made of the pictures and the mix.
    #[serde(alias = "master", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub review: Option<bool>,
}

/// What is asked where nothing else is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GateMode {
    /// Nothing: from a brief to a film without a stop.
    #[default]
    Quick,
    /// Everything: a stop at every gate.
    Director,
}

impl GateMode {
    /// Whether nothing is asked.
    pub fn is_quick(&self) -> bool {
        *self == Self::Quick
    }
}

impl Gates {
    /// What a run may order without a yes, all together; any amount where it is nothing.
    pub fn spend(&self) -> Option<Money> {
        let all = (self.mode == GateMode::Director).then_some(Money::ZERO);
        self.spend.map(Dollars::money).or(all)
    }

    /// What one order may cost without a yes.
    pub fn spend_each(&self) -> Option<Money> {
        self.spend_each.map(Dollars::money)
    }

    /// Whether pictures are approved before clips are ordered of them.
    pub fn generation(&self) -> bool {
        self.generation.unwrap_or(self.mode == GateMode::Director)
    }

    /// Whether a film is reviewed before its master is made.
    pub fn review(&self) -> bool {
        self.review.unwrap_or(self.mode == GateMode::Director)
    }
}

/// `review` was called `master` first.
fn also_master(schema: &mut schemars::Schema) {
    let properties = schema.get_mut("properties");
    if let Some(properties) = properties.and_then(serde_json::Value::as_object_mut) {
        let before = serde_json::json!({
            "description": "`review`, as it was called before.", "type": "boolean", "deprecated": true,
        });
        properties.insert("master".to_owned(), before);
    }
}
