//! Puppets, drawn at the size of their shots, and the lips of recorded voices.

use std::collections::{BTreeMap, BTreeSet};

use workprint_engine::Run;
use workprint_model::episode::{CastMember, Episode, Shot};
use workprint_model::puppet::{CastPuppet, Facing, Puppet};
use workprint_model::rig::Rig;
use workprint_model::show::Show;
use workprint_model::{CastId, CueId, MediaPath, Percent, ShotId, Slot};

use super::pictures::nearest_zoom;
use super::{Made, Order, find_file};
use crate::lips::{Lips, LipsTake};
use crate::puppets::DrawPuppet;
use crate::timeline::CueTake;
use crate::tools::Tools;

/// Pixels of a part to one of the frame, in tenths: what is painted between the pixels is then as
/// sharp as what is painted on them, and a slow sway does not shimmer.
const OVERSAMPLE: u64 = 15;

/// Heights are rounded up to these, so that small changes of a shot keep the parts.
const STEP: u64 = 32;

/// The tallest drawing.
const TALLEST: u64 = 6000;

/// The cast member's own puppet: the episode's cast comes before the show's.
pub(crate) fn own_puppet<'a>(
    episode: &'a Episode,
    show: &'a Show,
    speaker: Option<&CastId>,
) -> Option<&'a CastPuppet> {
    let mut cast = episode.cast.iter().chain(&show.cast);
    let is = |member: &&CastMember| Some(&member.id) == speaker;
    cast.find(is)?.puppet.as_ref()
}

/// The file and the height of a puppet in a shot.
pub(crate) fn drawing<'a>(
    episode: &'a Episode,
    show: &'a Show,
    puppet: &'a Puppet,
) -> Option<(&'a MediaPath, Percent)> {
    let own = own_puppet(episode, show, puppet.speaker.as_ref());
    let file = puppet.file.as_ref().or(own.map(|own| &own.file))?;
    let usual = own.map_or(CastPuppet::default_height(), |own| own.height);
    Some((file, puppet.height.unwrap_or(usual)))
}

/// The puppets of every shot, in the order in which the shot names them; one without a drawing is
/// left out.
pub(super) async fn puppets(
    run: &Run<Tools>,
    order: &Order<'_>,
) -> Made<BTreeMap<ShotId, Vec<Option<Rig>>>> {
    let shots = order
        .episode
        .shots()
        .filter(|shot| !shot.puppets.is_empty());
    let steps: Vec<(&Shot, Option<DrawPuppet>)> = shots
        .flat_map(|shot| {
            let each = shot.puppets.iter().enumerate();
            each.map(move |(number, puppet)| (shot, step(run, order, shot, (number, puppet))))
        })
        .collect();
    let mut drawn = run
        .all(steps.iter().filter_map(|(_, step)| step.clone()))
        .await?
        .into_iter();
    let mut out: BTreeMap<ShotId, Vec<Option<Rig>>> = BTreeMap::new();
    for (shot, step) in &steps {
        let rig = step.as_ref().and_then(|_| drawn.next());
        out.entry(shot.id.clone()).or_default().push(rig);
    }
    Ok(out)
}

fn step(
    run: &Run<Tools>,
    order: &Order<'_>,
    shot: &Shot,
    (number, puppet): (usize, &Puppet),
) -> Option<DrawPuppet> {
    let (file, height) = drawing(order.episode, order.show, puppet)?;
    let frame = u64::from(order.output.size().height);
    let hundredths = |percent: Percent| percent.hundredths().max(1).unsigned_abs();
    let pixels = frame
        * u64::from(hundredths(height))
        * u64::from(hundredths(nearest_zoom(shot)))
        * OVERSAMPLE
        / (10_000 * 10_000 * 10);
    Some(DrawPuppet {
        file: find_file(order, file).digest,
        height: pixels.clamp(1, TALLEST).next_multiple_of(STEP) as u32,
        mirrored: puppet.facing == Facing::Left,
        language: order.episode.language.clone(),
        fonts: *run.tools().fonts.digest(),
        slot: Slot::new("puppet", format_args!("{}-{number}", shot.id)),
    })
}

/// Whose voices move a mouth.
fn seen_speakers(episode: &Episode) -> BTreeSet<&CastId> {
    let puppets = episode.shots().flat_map(|shot| &shot.puppets);
    puppets
        .filter_map(|puppet| puppet.speaker.as_ref())
        .collect()
}

/// Gives the recorded voices of puppets their mouth shapes. `suffix` tells a dub's slots apart.
pub(super) async fn lips(
    run: &Run<Tools>,
    order: &Order<'_>,
    takes: &mut BTreeMap<CueId, CueTake>,
    suffix: &str,
) -> Made<()> {
    let seen = seen_speakers(order.episode);
    let slot = |kind: &str, cue: &CueId| Slot::new(kind, format_args!("{cue}{suffix}"));
    let cues = order.episode.cues().filter(|cue| {
        let chosen = order.hand_made.contains_key(&slot("voice", &cue.id));
        // A dub is spoken anew, whatever the original is.
        chosen || (suffix.is_empty() && cue.recording.is_some())
    });
    let recorded: Vec<CueId> = cues
        .filter(|cue| cue.speaker.as_ref().is_some_and(|who| seen.contains(who)))
        .map(|cue| cue.id.clone())
        .filter(|id| takes.contains_key(id))
        .collect();
    let steps = recorded.iter().filter_map(|cue| {
        Some(Lips {
            voice: takes.get(cue)?.voice.sound.digest,
            slot: slot("lips", cue),
        })
    });
    let made: Vec<LipsTake> = run.all(steps.collect::<Vec<_>>()).await?;
    for (cue, lips) in recorded.iter().zip(made) {
        if let Some(take) = takes.get_mut(cue) {
            take.lips = Some(lips);
        }
    }
    Ok(())
}
