//! Lines that vendors speak: what is ordered for them, and what stands in for those that are not bought.

use workprint_engine::{Run, Step as _};
use workprint_model::episode::Voice as VoiceSpec;
use workprint_model::outside::EngineSpec;
use workprint_model::{Language, SceneId, Slot};

use super::cannot::{tell_unable, unable, unable_to_change, unable_to_hurry};
use super::changed::{self, Changing};
use super::dialogue::{Conversation, conversations, partner};
use super::voices::Said;
use super::words::{espeak, espeak_voice};
use super::{Made, Order, StandIn};
use crate::generate::{Dialogue, Model, Speak, abilities, backed};
use crate::tools::Tools;
use crate::voice::lexicon::Sounds;
use crate::voice::marks::read_marked;
use crate::voice::{Bought, BoughtStretch, Marks, Voice, VoiceSource};

/// The words a minute that are a voice's own pace.
const OWN_PACE: u32 = 160;

/// A line, and what must be ordered before it can be made.
pub(super) struct Ordered {
    pub(super) voice: Voice,
    pub(super) orders: Vec<Speak>,
    change: Option<Changing>,
    /// The scene whose conversation it is ordered with.
    pub(super) scene: Option<SceneId>,
}

impl Ordered {
    /// A recording that is heard in another voice.
    pub(super) fn changed((voice, changing): (Voice, Changing)) -> Self {
        Self {
            change: Some(changing),
            ..voice.into()
        }
    }

    /// What is said in a conversation of a line that is heard from a file is ordered with the others, and not for it.
    fn forget_unheard(&mut self) {
        if self.scene.is_some() && !matches!(self.voice.source, VoiceSource::Bought(_)) {
            self.orders.clear();
        }
    }

    fn is_ready(&self) -> bool {
        self.orders.is_empty() && self.change.is_none()
    }
}

impl From<Voice> for Ordered {
    fn from(voice: Voice) -> Self {
        let orders = Vec::new();
        Self {
            voice,
            orders,
            change: None,
            scene: None,
        }
    }
}

/// A file in the place of a line that a vendor's model would speak. In a conversation the line is said all the same, so
/// that the others answer it.
pub(super) fn replaced(
    order: &Order<'_>,
    (line, spec): (&Said<'_>, &VoiceSpec),
    file: Voice,
) -> Ordered {
    let partner = partner(order.show, spec);
    let Some((scene, (vendor, _))) = line.scene.zip(partner) else {
        return file.into();
    };
    let slot = file.slot.clone();
    let asked = asked(order, vendor, (line, spec), &slot);
    Ordered {
        orders: asked.orders,
        scene: Some(scene.clone()),
        ..file.into()
    }
}

/// What is asked of a vendor for a line.
struct Wanted {
    text: String,
    marks: Marks,
    orders: Vec<Speak>,
}

/// A line that a vendor's model speaks, stretch by stretch.
pub(super) fn line(
    run: &Run<Tools>,
    order: &Order<'_>,
    vendor: &EngineSpec,
    (line, spec): (&Said<'_>, &VoiceSpec),
    slot: Slot,
) -> Ordered {
    let mut speaks = abilities(vendor);
    let scene = line.scene.filter(|_| speaks.dialogue.is_some());
    if scene.is_some() {
        // A conversation has its own pace.
        speaks.paces = None;
    }
    let hint = "leave it out, or choose a model that takes it";
    let cannot = unable((speaks.directed, hint), line.text, line.direction);
    let paces = [
        unable_to_change(spec, "a voice"),
        unable_to_hurry(spec, speaks.paces.is_some()),
    ];
    tell_unable(run, spec, paces.into_iter().chain(cannot));
    let Wanted {
        text,
        marks,
        orders,
    } = asked(order, vendor, (line, spec), &slot);
    let source = VoiceSource::Bought(Bought {
        model: format!("{} {}", vendor.vendor, vendor.model),
        voice: spec.voice().to_owned(),
        text,
        stretches: Vec::new(),
        marks,
        fit: line.fit,
        fastest: line.fastest(order.show),
        name: spec.engine().to_owned(),
        rate: spec.rate,
    });
    Ordered {
        voice: Voice {
            engine: format!("bought / {}", run.tools().identities.ffmpeg),
            source,
            slot,
        },
        orders,
        change: None,
        scene: scene.cloned(),
    }
}

/// The orders of a line, stretch by stretch.
fn asked(
    order: &Order<'_>,
    vendor: &EngineSpec,
    (line, spec): (&Said<'_>, &VoiceSpec),
    slot: &Slot,
) -> Wanted {
    let (text, mut marks) = read_marked(
        line.text,
        &order.show.lexicon,
        line.language,
        Sounds::Unread,
    );
    let stress = marks.take_stress(&text);
    let directions = line.direction.map(str::to_owned).into_iter().chain(stress);
    let directions: Vec<String> = directions.collect();
    let direction = (!directions.is_empty()).then(|| directions.join(" "));
    let pace = (u32::from(spec.rate) * 100 / OWN_PACE) as u16;
    let ordered = |(n, said): (usize, String)| {
        let name = slot.name();
        let slot = match n {
            0 => Slot::new("speak", name),
            _ => Slot::new("speak", format_args!("{name}~{}", n + 1)),
        };
        let of = |engine: (&str, &EngineSpec)| {
            let model = (Model::of(engine, None), engine.1);
            let asked = (said.trim(), spec.voice());
            let how = (pace, direction.as_deref());
            Speak::of(model, asked, how, line.language, slot.clone())
        };
        let others = order.show.engines.voices_behind(vendor).map(of);
        let first = of((spec.engine(), vendor));
        backed(first, others, |step| &mut step.otherwise)
    };
    let orders = marks.said(&text).into_iter().enumerate().map(ordered);
    Wanted {
        orders: orders.collect(),
        text,
        marks,
    }
}

/// Orders what lines need. Nothing is ordered for a line whose take somebody pinned; a draft hears what was
/// bought, and espeak in the place of the rest.
pub(super) async fn bought(
    run: &Run<Tools>,
    order: &Order<'_>,
    mut lines: Vec<Ordered>,
) -> Made<Vec<Voice>> {
    if lines.iter().all(Ordered::is_ready) {
        return Ok(lines.into_iter().map(|line| line.voice).collect());
    }
    let mut talks = conversations(order, &lines);
    lines.iter_mut().for_each(Ordered::forget_unheard);
    let voices: Vec<Voice> = lines.iter().map(|line| line.voice.clone()).collect();
    // Without its sound a line is no key that was ever made: only a pinned take is kept.
    let pinned = run.are_kept(&voices).await?;
    for (line, pinned) in lines.iter_mut().zip(pinned) {
        if pinned {
            line.orders.clear();
            line.change = None;
        } else if let Some(draft) = order.draft
            && line.scene.is_none()
            && run.are_kept(&line.orders).await?.contains(&false)
        {
            if draft.voices == StandIn::Espeak {
                line.voice = stand_in(run, line);
            }
            line.orders.clear();
        }
    }
    spoken_together(run, order, &mut talks, &mut lines).await?;
    let alone = lines.iter().filter(|line| line.scene.is_none());
    let orders = alone.flat_map(|line| line.orders.iter().cloned());
    let orders: Vec<Speak> = orders.collect();
    let dialogues: Vec<Dialogue> = talks.iter().map(|talk| talk.step.clone()).collect();
    let (changing, spoken): (Vec<_>, Vec<_>) =
        lines.iter_mut().partition(|line| line.change.is_some());
    let changing = changing
        .into_iter()
        .filter_map(|line| Some((&mut line.voice, line.change.take()?)));
    let changed = Box::pin(changed::changed(run, order, changing.collect()));
    let (takes, said, ()) = futures::try_join!(run.all(orders), run.all(dialogues), changed)?;
    let mut takes = takes.into_iter();
    for line in spoken.into_iter().filter(|line| line.scene.is_none()) {
        if let VoiceSource::Bought(bought) = &mut line.voice.source {
            let own = takes.by_ref().take(line.orders.len());
            bought.stretches = own.map(BoughtStretch::from).collect();
            if let Some(models) = models(run, &line.orders) {
                bought.model = models;
            }
        }
    }
    for (talk, take) in talks.iter().zip(said) {
        talk.deal(run, take, &mut lines);
    }
    Ok(lines.into_iter().map(|line| line.voice).collect())
}

/// Leaves out the conversations of which nothing is heard; in a draft, those too that are not bought, with espeak in the
/// place of their lines.
async fn spoken_together(
    run: &Run<Tools>,
    order: &Order<'_>,
    talks: &mut Vec<Conversation>,
    lines: &mut [Ordered],
) -> Made<()> {
    let is_heard = |place: &usize| {
        lines
            .get(*place)
            .is_some_and(|line| !line.orders.is_empty())
    };
    talks.retain(|talk| talk.of.iter().any(|(place, _)| is_heard(place)));
    let Some(draft) = order.draft else {
        return Ok(());
    };
    let steps: Vec<Dialogue> = talks.iter().map(|talk| talk.step.clone()).collect();
    let kept = run.are_kept(&steps).await?;
    let missing = talks.iter().zip(&kept).filter(|(_, kept)| !**kept);
    for (place, _) in missing.flat_map(|(talk, _)| &talk.of) {
        let Some(line) = lines.get_mut(*place).filter(|line| !line.orders.is_empty()) else {
            continue;
        };
        if draft.voices == StandIn::Espeak {
            line.voice = stand_in(run, line);
        }
        line.orders.clear();
    }
    let mut kept = kept.into_iter();
    talks.retain(|_| kept.next().unwrap_or(false));
    Ok(())
}

/// Which models spoke a line, each named once; nothing where none did.
fn models(run: &Run<Tools>, orders: &[Speak]) -> Option<String> {
    let mut all: Vec<String> = orders
        .iter()
        .map(|one| run.performed(one).engine())
        .collect();
    all.dedup();
    (!all.is_empty()).then(|| all.join(", "))
}

/// espeak in the place of a line that is not bought. It has a slot of its own: it is no take of the voice.
fn stand_in(run: &Run<Tools>, line: &Ordered) -> Voice {
    let (VoiceSource::Bought(bought), Some(first)) = (&line.voice.source, line.orders.first())
    else {
        return line.voice.clone();
    };
    let language: &Language = &first.language;
    let own = VoiceSpec::named("");
    Voice {
        engine: espeak(run),
        source: VoiceSource::Espeak {
            text: bought.text.clone(),
            voice: espeak_voice(language),
            rate: bought.rate,
            pitch: own.pitch,
            range: own.range,
            fit: bought.fit,
            fastest: bought.fastest,
            marks: bought.marks.clone(),
        },
        slot: Slot::new("voice", format_args!("{}~espeak", line.voice.slot.name())),
    }
}
