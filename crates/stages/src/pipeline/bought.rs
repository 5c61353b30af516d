//! Lines that vendors speak: what is ordered for them, and what stands in for those that are not bought.

use workprint_engine::{Run, Step as _};
use workprint_model::episode::Voice as VoiceSpec;
use workprint_model::outside::EngineSpec;
use workprint_model::{Language, Slot};

use super::cannot::{tell_unable, unable, unable_to_change, unable_to_hurry};
use super::changed::{self, Changing};
use super::voices::Said;
use super::words::{espeak, espeak_voice};
use super::{Made, Order, StandIn};
use crate::generate::{Model, Speak, abilities, backed};
use crate::tools::Tools;
use crate::voice::lexicon::Sounds;
use crate::voice::marks::read_marked;
use crate::voice::{Bought, BoughtStretch, Voice, VoiceSource};

/// The words a minute that are a voice's own pace.
const OWN_PACE: u32 = 160;

/// A line, and what must be ordered before it can be made.
pub(super) struct Ordered {
    voice: Voice,
    orders: Vec<Speak>,
    change: Option<Changing>,
}

impl Ordered {
    /// A recording that is heard in another voice.
    pub(super) fn changed((voice, changing): (Voice, Changing)) -> Self {
        Self {
            change: Some(changing),
            ..voice.into()
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
        }
    }
}

/// A line that a vendor's model speaks, stretch by stretch.
pub(super) fn line(
    run: &Run<Tools>,
    order: &Order<'_>,
    vendor: &EngineSpec,
    (line, spec): (&Said<'_>, &VoiceSpec),
    slot: Slot,
) -> Ordered {
    let speaks = abilities(vendor);
    let hint = "leave it out, or choose a model that takes it";
    let cannot = unable((speaks.directed, hint), line.text, line.direction);
    let paces = [
        unable_to_change(spec, "a voice"),
        unable_to_hurry(spec, speaks.paces.is_some()),
    ];
    tell_unable(run, spec, paces.into_iter().chain(cannot));
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
    let orders = orders.collect();
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
    let voices: Vec<Voice> = lines.iter().map(|line| line.voice.clone()).collect();
    // Without its sound a line is no key that was ever made: only a pinned take is kept.
    let pinned = run.are_kept(&voices).await?;
    for (line, pinned) in lines.iter_mut().zip(pinned) {
        if pinned {
            line.orders.clear();
            line.change = None;
        } else if let Some(draft) = order.draft
            && run.are_kept(&line.orders).await?.contains(&false)
        {
            if draft.voices == StandIn::Espeak {
                line.voice = stand_in(run, line);
            }
            line.orders.clear();
        }
    }
    let orders = lines.iter().flat_map(|line| line.orders.iter().cloned());
    let orders: Vec<Speak> = orders.collect();
    let (changing, spoken): (Vec<_>, Vec<_>) =
        lines.iter_mut().partition(|line| line.change.is_some());
    let changing = changing
        .into_iter()
        .filter_map(|line| Some((&mut line.voice, line.change.take()?)));
    let changed = Box::pin(changed::changed(run, order, changing.collect()));
    let (takes, ()) = futures::try_join!(run.all(orders), changed)?;
    let mut takes = takes.into_iter();
    for line in spoken {
        if let VoiceSource::Bought(bought) = &mut line.voice.source {
            let own = takes.by_ref().take(line.orders.len());
            let own = own.map(|take| BoughtStretch {
                sound: take.sound.digest,
                words: take.words.map(|words| words.digest),
            });
            bought.stretches = own.collect();
            if let Some(models) = models(run, &line.orders) {
                bought.model = models;
            }
        }
    }
    Ok(lines.into_iter().map(|line| line.voice).collect())
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
