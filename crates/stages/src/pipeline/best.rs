//! Several takes of what models make, and which of them is used.
//!
//! Each take is an order of its own, with a seed that follows from the prompt's and the take's number, so that no
//! take is bought twice and each is kept. All are measured and shown to the show's judge where it has one, and a step
//! of its own chooses.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use workprint_engine::{Run, Step};
use workprint_model::outside::EngineSpec;
use workprint_model::takes::{Assessment, TakeRules};
use workprint_model::{Artifact, Digest, Score, ShotId, Size, Slot};

use super::pictures::model_of;
use super::{Made, Order};
use crate::assess::{Assess, Assessed, Judge, Judged};
use crate::choose::{Candidate, Choose};
use crate::generate::{Inspect, Inspected, inspected};
use crate::tools::Tools;

/// The seed of questions to the judge: the same for all, so that the same picture is judged once.
const SEED: u32 = 1;

/// A take: of which shot, and which of its takes.
pub(super) type Name<'a> = (&'a ShotId, u32);

/// A take that was ordered.
pub(super) struct Ordered<'a, S> {
    pub(super) name: Name<'a>,
    /// The step that made it.
    pub(super) step: S,
    pub(super) file: Artifact,
}

/// A step that there may be several takes of.
pub(super) trait Several: Step<Tools = Tools> {
    /// The same as the so-manyth take of its slot: another seed, and not the slot's own until it is chosen.
    fn numbered(&self, number: u32) -> Self;
    /// The size that is asked for, and of a clip the length in milliseconds.
    fn asked(&self) -> (Size, Option<u32>);
    /// What a picture should show, or what should happen in a clip.
    fn shows(&self) -> &str;
    /// Orders takes, side by side. In a draft those that are not bought are left out.
    fn order<'a>(
        run: &Run<Tools>,
        order: &Order<'_>,
        takes: Vec<(Name<'a>, Self)>,
    ) -> impl Future<Output = Made<Vec<Ordered<'a, Self>>>> + Send;
}

/// The seed of the so-manyth take. The first has the prompt's own, the others one that nobody's next guess is.
pub(crate) fn seed_of(seed: u32, number: u32) -> u32 {
    match number {
        1 => seed,
        // 31 bits: not every model takes more.
        _ => (Digest::of_json(&("take", seed, number)).seed() >> 33) as u32,
    }
}

/// The slot of the so-manyth take.
pub(crate) fn slot_of(slot: &Slot, number: u32) -> Slot {
    match number {
        1 => slot.clone(),
        _ => Slot::from(format!("{slot}~{number}").as_str()),
    }
}

/// The takes of a shot.
struct Contest<'a, S> {
    id: &'a ShotId,
    /// The step as the slot's own.
    own: S,
    takes: Vec<Ordered<'a, S>>,
    assessed: Vec<Assessed>,
    /// What the show's judge says of each that is measured, where it is asked.
    judged: Vec<Option<Inspected>>,
    /// How many were wanted so far.
    wanted: u32,
}

/// What fills the slots of steps, each of which has so many takes. Where there is one, it is used as it is, unless the
/// show has a floor; a take that a person pinned is used alone.
pub(super) async fn best<'a, S: Several>(
    run: &Run<Tools>,
    order: &Order<'_>,
    steps: Vec<(&'a ShotId, u8, S)>,
) -> Made<BTreeMap<&'a ShotId, Artifact>> {
    let rules = &order.show.takes;
    let mut contests: Vec<Contest<'a, S>> = Vec::new();
    let mut all: Vec<(Name<'a>, S)> = Vec::new();
    for (id, count, own) in steps {
        let alone = count <= 1 && rules.floor.is_none();
        if alone || run.is_pinned(&own.slot()) {
            all.push(((id, 1), own));
            continue;
        }
        let wanted = u32::from(count.max(1));
        all.extend((1..=wanted).map(|number| ((id, number), own.numbered(number))));
        contests.push(Contest {
            id,
            own,
            takes: Vec::new(),
            assessed: Vec::new(),
            judged: Vec::new(),
            wanted,
        });
    }
    let mut made = S::order(run, order, all).await?;
    let contested: BTreeSet<&ShotId> = contests.iter().map(|contest| contest.id).collect();
    let several = made.extract_if(.., |take| contested.contains(take.name.0));
    let several: Vec<Ordered<'a, S>> = several.collect();
    let mut files: BTreeMap<&ShotId, Artifact> = made
        .into_iter()
        .map(|take| (take.name.0, take.file))
        .collect();
    if order.draft.is_some() {
        // A draft chooses nothing: it shows the first that was bought.
        for take in several {
            files.entry(take.name.0).or_insert(take.file);
        }
        return Ok(files);
    }
    enter(&mut contests, several);
    compete(run, order, &mut contests).await?;
    files.extend(choose(run, rules, &contests).await?);
    Ok(files)
}

fn enter<'a, S>(contests: &mut [Contest<'a, S>], takes: Vec<Ordered<'a, S>>) {
    for take in takes {
        if let Some(contest) = contests.iter_mut().find(|one| one.id == take.name.0) {
            contest.takes.push(take);
        }
    }
}

/// Measures the takes, has them judged, and orders further ones where the show wants that, as long as none is good enough.
async fn compete<S: Several>(
    run: &Run<Tools>,
    order: &Order<'_>,
    contests: &mut [Contest<'_, S>],
) -> Made<()> {
    let rules = &order.show.takes;
    let floor = rules.floor.unwrap_or_default();
    for retry in 0..=u32::from(rules.retry_below_floor) {
        let new = contests.iter().flat_map(|contest| {
            let new = contest.takes.iter().skip(contest.assessed.len());
            new.map(|take| assess(run, &contest.own, take))
        });
        let mut assessed = run.all(new.collect::<Vec<_>>()).await?.into_iter();
        for contest in contests.iter_mut() {
            let new = contest.takes.len() - contest.assessed.len();
            contest.assessed.extend(assessed.by_ref().take(new));
        }
        judge(run, order, contests).await?;
        if retry == u32::from(rules.retry_below_floor) {
            break;
        }
        let mut again = Vec::new();
        let poor = contests.iter_mut().filter(|one| one.is_below(run, floor));
        for contest in poor {
            contest.wanted += 1;
            let take = contest.own.numbered(contest.wanted);
            again.push(((contest.id, contest.wanted), take));
        }
        if again.is_empty() {
            break;
        }
        let more = S::order(run, order, again).await?;
        enter(contests, more);
    }
    Ok(())
}

/// Shows the show's judge the takes that are measured, each once.
async fn judge<S: Several>(
    run: &Run<Tools>,
    order: &Order<'_>,
    contests: &mut [Contest<'_, S>],
) -> Made<()> {
    let name = order.show.takes.judge.as_ref();
    let judge = name.and_then(|name| order.show.engines.text.get_key_value(name));
    let mut places = Vec::new();
    let mut questions = Vec::new();
    for (at, contest) in contests.iter().enumerate() {
        for number in contest.judged.len()..contest.assessed.len() {
            let question = judge.and_then(|judge| contest.question(order, judge, number));
            if let Some(question) = question {
                places.push((at, number));
                questions.push(question);
            }
        }
    }
    let answers = inspected(run, questions).await?;
    for contest in contests.iter_mut() {
        contest.judged.resize(contest.assessed.len(), None);
    }
    for ((at, number), answer) in places.into_iter().zip(answers) {
        contests[at].judged[number] = Some(answer);
    }
    Ok(())
}

impl<S: Several> Contest<'_, S> {
    /// What the judge is asked about a take. What is too bad by what was measured is not shown: no answer would help it.
    fn question<'e>(
        &self,
        order: &Order<'_>,
        (name, spec): (&String, &'e EngineSpec),
        number: usize,
    ) -> Option<(Inspect, &'e EngineSpec)> {
        let measured = self.assessed[number].assessment.score;
        let floor = order.show.takes.floor.unwrap_or_default();
        if measured < floor || measured == Score::default() {
            return None;
        }
        let take = &self.takes[number];
        let slot = Slot::new("inspect", slot_of(&self.own.slot(), take.name.1));
        let model = model_of(order, (name, spec));
        let (of, pictures) = match self.own.asked().1 {
            None => (Judged::Picture, vec![take.file.digest]),
            Some(_) => (Judged::Clip, Vec::new()),
        };
        let prompt = self.own.shows().to_owned();
        let question = Judge { of, prompt };
        let mut step = Inspect::of((model, spec), (&question, SEED), pictures, slot);
        if of == Judged::Clip {
            step = step.of_clip(take.file.digest, spec);
        }
        Some((step, spec))
    }

    /// How good each take is, by all that is known.
    fn assessments(&self) -> impl Iterator<Item = Assessment> {
        self.assessed.iter().zip(&self.judged).map(|(one, judged)| {
            let opinion = judged.as_ref().and_then(Inspected::read::<Judge>);
            match opinion {
                Some(opinion) => one.assessment.judged(&opinion),
                None => one.assessment.clone(),
            }
        })
    }

    /// What must be known of the takes before one is chosen.
    fn known_by(&self) -> Vec<Digest> {
        let assessed = self.assessed.iter().flat_map(Assess::digests);
        let judged = self.judged.iter().flatten().flat_map(Inspect::digests);
        assessed.chain(judged).collect()
    }

    /// Whether all takes are there and measured, and none reaches the floor. In a plan nobody knows that of
    /// what is not made yet.
    fn is_below(&self, run: &Run<Tools>, floor: Score) -> bool {
        let known = self.known_by().iter().all(|digest| run.is_made(digest));
        known && !self.assessments().any(|one| one.score >= floor)
    }

    fn choose(&self, rules: &TakeRules) -> Choose {
        let takes = self.takes.iter().zip(self.assessments());
        let takes = takes.map(|(take, assessment)| Candidate {
            file: take.file.clone(),
            score: assessment.score,
            weakest: assessment.weakest().map(str::to_owned),
        });
        Choose {
            takes: takes.collect(),
            by: rules.choose,
            floor: rules.floor,
            slot: Slot::new("choose", self.own.slot()),
            assessed: self.known_by(),
        }
    }
}

fn assess<S: Several>(run: &Run<Tools>, own: &S, take: &Ordered<'_, S>) -> Assess {
    let (size, length_ms) = own.asked();
    let engine = match length_ms {
        None => "workprint-assess 1".to_owned(),
        Some(_) => format!("workprint-assess 1 / {}", run.tools().identities.ffmpeg),
    };
    Assess {
        engine,
        file: take.file.digest,
        size,
        length_ms,
        slot: Slot::new("assess", slot_of(&own.slot(), take.name.1)),
    }
}

/// Chooses in every contest, and records in the lock what was chosen.
async fn choose<'a, S: Several>(
    run: &Run<Tools>,
    rules: &TakeRules,
    contests: &[Contest<'a, S>],
) -> Made<Vec<(&'a ShotId, Artifact)>> {
    let steps = contests.iter().map(|contest| contest.choose(rules));
    let choices = run.all(steps.collect::<Vec<_>>()).await?;
    let mut files = Vec::new();
    for (contest, choice) in contests.iter().zip(choices) {
        let digest = choice.file.digest;
        let mut takes = contest.takes.iter();
        if let Some(take) = takes.find(|take| take.file.digest == digest && run.is_made(&digest)) {
            run.fill(&take.step, &contest.own, digest);
        }
        files.push((contest.id, choice.file));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_have_seeds_of_their_own_that_stay() {
        assert_eq!(
            [1, 2, 3].map(|number| seed_of(7, number)),
            [7, 249_951_898, 1_899_372_940]
        );
        let seeds = (0..50).flat_map(|seed| (1..=16).map(move |number| seed_of(seed, number)));
        let seeds: BTreeSet<u32> = seeds.collect();
        assert_eq!(seeds.len(), 50 * 16);
        assert!(seeds.last().is_some_and(|last| *last < 1 << 31));
        let slot = Slot::new("generate", "s4");
        assert_eq!(slot_of(&slot, 1), slot);
        assert_eq!(slot_of(&slot, 3).as_str(), "generate/s4~3");
    }
}
