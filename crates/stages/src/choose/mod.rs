//! Which of several takes fills a slot.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::step::{Estimate, Pool};
use workprint_model::takes::Choosing;
use workprint_model::{Artifact, Digest, Score, Slot};

use crate::Tools;

/// How many takes a person is told of, one by one.
const TOLD: usize = 8;

/// Takes of a slot, to choose one of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choose {
    /// The takes, in their order.
    pub takes: Vec<Candidate>,
    /// Who chooses.
    pub by: Choosing,
    /// The least score of what is chosen without a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Score>,
    /// The place in the episode: `choose/generate/s4`.
    #[serde(skip)]
    pub slot: Slot,
    /// The digests of the assessments, which must be made before.
    #[serde(skip)]
    pub assessed: Vec<Digest>,
}

/// A take that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// What was made.
    pub file: Artifact,
    /// Its score.
    pub score: Score,
    /// The check that says least for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weakest: Option<String>,
}

/// The take that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Which, counted from 1.
    pub number: u32,
    /// What was made.
    pub file: Artifact,
}

impl Step for Choose {
    type Tools = Tools;
    type Output = Choice;

    const KIND: &'static str = "choose";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        "workprint-choose 1".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        let files = self.takes.iter().map(|take| take.file.digest);
        files.chain(self.assessed.iter().copied()).collect()
    }

    fn pool(&self) -> Pool {
        Pool::Cpu
    }

    fn estimate(&self) -> Estimate {
        Estimate::default()
    }

    fn sketch(&self, key: &Digest) -> Choice {
        let first = self.takes.first();
        let media_type = first.map_or("image/png", |take| take.file.media_type.as_str());
        Choice {
            number: 0,
            file: Artifact::sketched(key, media_type),
        }
    }

    fn digests(choice: &Choice) -> Vec<Digest> {
        vec![choice.file.digest]
    }

    async fn perform(&self, _: &Tools, _: &Work) -> Result<Made<Choice>, StepError> {
        // The take is its own step's; nothing is put into the vault here.
        Ok(Made::free(self.choice()?, Vec::new()))
    }
}

impl Choose {
    fn choice(&self) -> Result<Choice, StepError> {
        if self.by == Choosing::Person && self.takes.len() > 1 {
            return Err(self.left_to_a_person());
        }
        let floor = self.floor.unwrap_or_default();
        let mut good = (1..)
            .zip(&self.takes)
            .filter(|(_, take)| take.score >= floor);
        let best = match self.by {
            Choosing::First => good.next(),
            // Of equal ones the first.
            Choosing::Best | Choosing::Person => good.reduce(|best, take| {
                let better = take.1.score > best.1.score;
                if better { take } else { best }
            }),
        };
        let (number, take) = best.ok_or_else(|| self.below_floor(floor))?;
        let file = take.file.clone();
        Ok(Choice { number, file })
    }

    /// The slot that is filled.
    fn filled(&self) -> &str {
        self.slot.name()
    }

    fn left_to_a_person(&self) -> StepError {
        let count = self.takes.len();
        let message = format!(
            "it has {count} takes, and a person chooses one: {}",
            self.told()
        );
        StepError::waiting("take.unchosen", message).hint(self.look())
    }

    fn below_floor(&self, floor: Score) -> StepError {
        let message = match self.takes.len() {
            1 => format!("its take is below the floor of {floor}: {}", self.told()),
            many => format!(
                "none of its {many} takes reaches the floor of {floor}: {}",
                self.told()
            ),
        };
        StepError::waiting("take.below-floor", message)
            .hint(self.look())
            .hint(
                "change the prompt, its seed or the engine; or, under [takes] in show.toml, lower `floor` or \
                 have more takes ordered by `retry_below_floor`",
            )
    }

    fn look(&self) -> String {
        let slot = self.filled();
        format!(
            "look at them where `workprint takes list EPISODE {slot}` says, and choose one: \
             `workprint takes select EPISODE {slot} N`"
        )
    }

    /// The scores, each with what is wrong.
    fn told(&self) -> String {
        let one = |take: &Candidate| match &take.weakest {
            Some(check) => format!("{} ({check})", take.score),
            None => take.score.to_string(),
        };
        let mut told: Vec<String> = self.takes.iter().take(TOLD).map(one).collect();
        if self.takes.len() > TOLD {
            told.push(format!("{} more", self.takes.len() - TOLD));
        }
        told.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scores: &[i32], by: Choosing, floor: Option<i32>) -> Result<u32, StepError> {
        let take = |score: &i32| Candidate {
            file: Artifact::sketched(&Digest::of(&score.to_be_bytes()), "image/png"),
            score: Score::from_hundredths(*score),
            weakest: (*score < 100).then(|| "sharpness".to_owned()),
        };
        let choose = Choose {
            takes: scores.iter().map(take).collect(),
            by,
            floor: floor.map(Score::from_hundredths),
            slot: Slot::new("choose", "generate/s4"),
            assessed: Vec::new(),
        };
        choose.choice().map(|choice| choice.number)
    }

    #[test]
    fn the_best_is_chosen_and_of_equal_ones_the_first() {
        assert_eq!(of(&[50, 90, 70, 90], Choosing::Best, None).unwrap(), 2);
        assert_eq!(of(&[50, 90, 95], Choosing::First, Some(60)).unwrap(), 2);
        assert_eq!(of(&[50, 90], Choosing::First, None).unwrap(), 1);
        assert_eq!(of(&[60], Choosing::Person, Some(60)).unwrap(), 1);
        assert_eq!(of(&[0], Choosing::Best, None).unwrap(), 1);
    }

    #[test]
    fn below_the_floor_a_person_is_told_by_how_much() {
        let error = of(&[50, 59], Choosing::Best, Some(60)).unwrap_err();
        assert_eq!(
            error.message,
            "none of its 2 takes reaches the floor of 0.6: 0.5 (sharpness), 0.59 (sharpness)"
        );
        assert!(error.hints[0].contains("takes select EPISODE generate/s4 N"));
        let many = of(&[10; 10], Choosing::First, Some(11)).unwrap_err();
        assert!(many.message.ends_with(", 2 more"), "{}", many.message);
        let asked = of(&[100, 50], Choosing::Person, None).unwrap_err();
        assert!(
            asked.message.ends_with(": 1, 0.5 (sharpness)"),
            "{}",
            asked.message
        );
    }
}
