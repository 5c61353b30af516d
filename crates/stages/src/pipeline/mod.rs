//! The way from an episode to a film, from top to bottom.

mod approved;
mod best;
mod bought;
mod cannot;
mod changed;
mod dialogue;
mod graphics;
mod heard;
mod ordered;
mod pictures;
mod prompted;
mod proof;
mod puppets;
mod readout;
mod sounds;
mod stock;
mod upscaled;
mod voices;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::try_join5;
use rayon::prelude::*;
use workprint_engine::{EngineError, Gate, Run, Step as _};
use workprint_model::episode::Episode;
use workprint_model::show::{Output, Show};
use workprint_model::timeline::Timeline;
use workprint_model::{Artifact, Digest, Frames, Language, MediaPath, Slot};
use workprint_picture::chunks;

use crate::captions::{self, CaptionFiles, Captions, Written};
use crate::master::{Master, MasterTake};
use crate::mix::{Mix, MixTake, Soundtrack, SoundtrackTake, Stems, StemsTake};
use crate::picture::{Chosen, ChunkSettings, RenderChunk, choose};
use crate::proof::{ProofLine, ProofTake};
use crate::sources::{self, Sources};
use crate::timeline::{Materials, lay, place_sounds};
use crate::tools::Tools;

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The episode.
    pub episode: &'a Episode,
    /// Its show.
    pub show: &'a Show,
    /// The output.
    pub output: &'a Output,
    /// The output's name.
    pub output_name: &'a str,
    /// The files that the episode names.
    pub sources: &'a Sources,
    /// Hand-made takes: the digest of the file that fills a slot.
    pub hand_made: &'a BTreeMap<Slot, Digest>,
    /// Another language to speak and write in.
    pub dub: Option<&'a Language>,
    /// Make a film to judge the timing by, whatever is missing.
    pub draft: Option<Draft>,
}

/// How a film is made before everything in it is there.
///
/// Cards stand in for pictures that cannot be had, and every frame has its shot and time burned in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draft {
    /// What stands in for voices that are not kept.
    pub voices: StandIn,
}

/// What stands in for a voice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StandIn {
    /// The voice itself, where it costs nothing: espeak.
    #[default]
    Espeak,
    /// Silence, about as long as the line.
    Silence,
}

/// What was made, or, in a plan, what would be.
#[derive(Debug, Clone)]
pub struct Film {
    /// The episode in time.
    pub timeline: Arc<Timeline>,
    /// The caption files.
    pub captions: CaptionFiles,
    /// The film.
    pub master: MasterTake,
    /// Every lane of the mix by itself, where the output asks for it.
    pub stems: Option<StemsTake>,
    /// What was found when the film was heard and measured again; nothing for an animatic.
    pub proof: Option<ProofTake>,
}

pub use self::approved::generation_digest;
pub use self::dialogue::ordered_characters;
pub(crate) use self::puppets::drawing;
pub use self::readout::{Reading, readout};
pub(crate) use self::voices::find_cast;
pub use self::voices::{stand_in, voice_of};

type Made<T> = Result<T, EngineError>;

/// An episode in time, with everything that is seen and heard in it made.
#[derive(Debug, Clone)]
pub struct Laid {
    /// The episode in time.
    pub timeline: Arc<Timeline>,
    /// What its caption files hold.
    pub written: Arc<Written>,
    /// Where the original is cut into chunks.
    cuts: BTreeSet<Frames>,
    /// The lines that are heard in it.
    lines: Vec<ProofLine>,
}

/// Makes everything that a timeline needs, and lays it.
pub async fn laid(run: &Run<Tools>, order: &Order<'_>) -> Made<Laid> {
    let sources = &stock::fetched(run, order).await?;
    let order = &Order { sources, ..*order };
    let (timing, pictures, rigs, overlays, sounds) = try_join5(
        Box::pin(voices::original(run, order)),
        Box::pin(pictures::pictures(run, order)),
        puppets::puppets(run, order),
        graphics::graphics(run, order),
        Box::pin(sounds::sounds(run, order)),
    )
    .await?;
    let (sounds, clip_sounds) = sounds;
    let mut materials = Materials {
        heard: timing.clone(),
        timing,
        pictures,
        rigs,
        overlays,
        sounds,
        clip_sounds,
        cubes: pictures::cubes(order),
        dub: None,
        longer: BTreeMap::new(),
    };
    let mut original = lay(order.episode, order.show, order.output, &materials);
    sounds::beds(run, order, &original, &mut materials.sounds).await?;
    original.sounds = place_sounds(order.episode, order.show, &original, &materials);
    let Some(language) = order.dub else {
        let written = written(order, (&original, &materials));
        let lines = proof::lines(order, (&original, &materials));
        return Ok(Laid {
            timeline: Arc::new(slated(order, original)),
            written,
            cuts: BTreeSet::new(),
            lines,
        });
    };
    (materials.heard, materials.longer) =
        voices::dubbed(run, order, language, (&original, &materials.timing)).await?;
    materials.dub = Some(language.clone());
    let dubbed = lay(order.episode, order.show, order.output, &materials);
    // A dub is cut where the original is cut too, so that what shows no words is the same chunk.
    let cuts = chunks::cut(&original, &BTreeSet::new())
        .iter()
        .map(|range| moved(range.from, &original, &dubbed))
        .collect();
    let written = written(order, (&dubbed, &materials));
    let lines = proof::lines(order, (&dubbed, &materials));
    Ok(Laid {
        timeline: Arc::new(slated(order, dubbed)),
        written,
        cuts,
        lines,
    })
}

/// A timeline as it is painted: with a slate in a draft, and without its shots where graphics and captions
/// alone lie over nothing.
fn slated(order: &Order<'_>, mut timeline: Timeline) -> Timeline {
    timeline.slate = order.draft.is_some();
    if order.output.encoder.has_alpha() && order.draft.is_none() {
        timeline.shots.clear();
    }
    timeline
}

/// Where a frame of the original lies in its dub, whose cues may be longer.
fn moved(frame: Frames, original: &Timeline, dubbed: &Timeline) -> Frames {
    let pairs = original.cues.iter().zip(&dubbed.cues);
    let cue = pairs.rev().find(|(cue, _)| cue.from <= frame);
    cue.map_or(frame, |(cue, moved)| moved.from + (frame - cue.from))
}

fn written(order: &Order<'_>, laid: (&Timeline, &Materials)) -> Arc<Written> {
    let language = order.dub.unwrap_or(&order.episode.language);
    let (episode, show, output) = (order.episode, order.show, order.output);
    Arc::new(captions::write(episode, show, output, laid, language))
}

/// Makes an episode, or plans to: which of the two is the run's matter.
pub async fn film(run: &Run<Tools>, order: &Order<'_>) -> Made<Film> {
    let (laid, chosen) = futures::try_join!(laid(run, order), choose(run, order.output))?;
    let Laid {
        timeline,
        written,
        cuts,
        lines,
    } = laid;
    let captions = caption_files(order, (&timeline, &written), *run.tools().fonts.digest());
    tell(run, &captions, &written);
    // An output that lies over another film has no sound of its own.
    let mix = (!chosen.encoder.has_alpha()).then(|| mix(order, &timeline));
    let stems = mix
        .as_ref()
        .filter(|_| order.output.stems && order.draft.is_none())
        .map(|mix| stems(order, mix));
    let (chunks, captions, sound, stems) = futures::try_join!(
        run.all(chunk_steps(run, (order, &chosen), &timeline, &cuts)),
        run.step(captions),
        Box::pin(sound(run, order, mix)),
        run.all(stems),
    )?;
    run.tools().rest();
    let mut master = Master {
        engine: Master::engine_for(&chunks, &run.tools().identities.ffmpeg),
        chunks,
        mix: sound.as_ref().map(|(_, track)| track.sound.digest),
        rate: timeline.rate,
        frames: timeline.length,
        title: written.transcript.title.clone(),
        language: order.dub.unwrap_or(&order.episode.language).clone(),
        chapters: timeline.chapters.clone(),
        timeline: Digest::of_json(&*timeline),
        timeline_json: Master::timeline_json(&timeline),
        needs: Vec::new(),
        slot: output_slot("master", order),
    };
    if order.show.gates.review() {
        ask(run, order, &mut master).await?;
    }
    let master = run.step(master).await?;
    let made = proof::Made {
        timeline: &timeline,
        written: &written,
        lines,
        sound: sound.as_ref(),
        captions: &captions,
        master: &master,
    };
    let proof = proof::proof(run, order, made).await?;
    Ok(Film {
        timeline,
        captions,
        master,
        stems: stems.into_iter().next(),
        proof,
    })
}

/// What an answer to a review is about: a master's parameters.
pub fn review_digest(master: &Master) -> Digest {
    Digest::of_json(&("master", master))
}

/// Asks a person before the master is made; it waits for the answer.
async fn ask(run: &Run<Tools>, order: &Order<'_>, master: &mut Master) -> Made<()> {
    let digest = review_digest(master);
    let question = format!("make the master of `{}`?", order.episode.title);
    let gate = Gate::new(output_slot("master", order).to_string(), digest, question);
    run.gate(gate, &master.inputs()).await?;
    master.needs.push(digest);
    Ok(())
}

/// Rules of captions that the film's do not keep, once their times are certain.
fn tell(run: &Run<Tools>, captions: &Captions, written: &Written) {
    let certain = captions.timed_by.iter().all(|made| run.is_made(made));
    for problem in written.problems.iter().filter(|_| certain) {
        run.diagnose(problem.clone());
    }
}

fn output_slot(kind: &str, order: &Order<'_>) -> Slot {
    match order.dub {
        None => Slot::new(kind, order.output_name),
        Some(language) => Slot::new(kind, format_args!("{}@{language}", order.output_name)),
    }
}

fn chunk_steps(
    run: &Run<Tools>,
    (order, chosen): (&Order<'_>, &Chosen),
    timeline: &Arc<Timeline>,
    cuts: &BTreeSet<Frames>,
) -> Vec<RenderChunk> {
    let settings = ChunkSettings {
        output: order.output,
        name: order.output_name,
        ffmpeg: &run.tools().identities.ffmpeg,
        chosen,
        fonts: *run.tools().fonts.digest(),
    };
    let ranges = chunks::cut(timeline, cuts);
    ranges
        .into_par_iter()
        .map(|range| RenderChunk::of(timeline, range, &settings))
        .collect()
}

fn caption_files(order: &Order<'_>, laid: (&Timeline, &Written), fonts: Digest) -> Captions {
    let cast = order.show.cast.iter().chain(&order.episode.cast);
    let names = cast
        .map(|member| {
            (
                member.id.to_string(),
                member.name.clone().unwrap_or_else(|| member.id.to_string()),
            )
        })
        .collect::<BTreeMap<_, _>>();
    Captions::of(
        laid,
        names.into_iter().collect(),
        (fonts, output_slot("captions", order)),
    )
}

fn mix(order: &Order<'_>, timeline: &Timeline) -> Mix {
    Mix {
        engine: "workprint-mix 1".to_owned(),
        sounds: timeline.sounds.clone(),
        length: timeline.samples(),
        loudness: order.output.loudness,
        true_peak: order.output.true_peak,
        match_voices: order.show.mix.match_voices,
        slot: output_slot("mix", order),
        timed_by: timed_by(timeline),
    }
}

/// Mixes, and encodes what comes of it.
async fn sound(
    run: &Run<Tools>,
    order: &Order<'_>,
    mix: Option<Mix>,
) -> Made<Option<(MixTake, SoundtrackTake)>> {
    let Some(mix) = mix else { return Ok(None) };
    let length = mix.length;
    let mix = run.step(mix).await?;
    let soundtrack = Soundtrack {
        engine: run.tools().identities.ffmpeg.clone(),
        mix: mix.sound.digest,
        length,
        loudness: order.output.loudness,
        true_peak: order.output.true_peak,
        audio_kbps: order.output.audio_kbps,
        slot: output_slot("soundtrack", order),
    };
    let soundtrack = run.step(soundtrack).await?;
    Ok(Some((mix, soundtrack)))
}

/// What must be made before the times of a timeline are certain.
fn timed_by(timeline: &Timeline) -> Vec<Digest> {
    let cues = timeline.cues.iter();
    let mut all: Vec<Digest> = cues.flat_map(|cue| cue.timed_by.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn stems(order: &Order<'_>, mix: &Mix) -> Stems {
    let music = order.episode.music.iter();
    let music = music.map(|music| (&music.id, &music.licence));
    let effects = order.episode.sfx.iter();
    let effects = effects.map(|effect| (&effect.id, &effect.licence));
    let licences = music
        .chain(effects)
        .filter_map(|(id, licence)| Some((id.to_string(), licence.clone()?)));
    Stems {
        engine: "workprint-mix 1".to_owned(),
        sounds: mix.sounds.clone(),
        length: mix.length,
        match_voices: mix.match_voices,
        licences: licences.collect(),
        slot: output_slot("stems", order),
        timed_by: mix.timed_by.clone(),
    }
}

/// A file that the episode names; a missing one has a digest that no file has.
fn find_file(order: &Order<'_>, path: &MediaPath) -> Artifact {
    order
        .sources
        .find(path)
        .cloned()
        .unwrap_or_else(|| Artifact {
            digest: sources::missing(path),
            media_type: sources::media_type(path).to_owned(),
            bytes: 0,
        })
}
