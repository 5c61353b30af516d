//! What a text model says of pictures that it is shown, or of frames of a clip, in a given shape.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use workprint_engine::{EngineError, Made, Run, Step, StepError, Work};
use workprint_model::show::EngineSpec;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Money, Size, Slot};
use workprint_picture::still;
use workprint_providers::analysis::{MOST_ANSWER, Question, Shape};
use workprint_providers::order::{Reference, Turn, What};

use super::drawn::{as_png, is_drawing};
use super::{Model, REFERENCE_LIMIT, buy};
use crate::assess::{Still, stills};
use crate::tools::{Tools, from_media};

/// Raised when a question is put in other words.
const REVISION: u32 = 1;
/// How often it is asked: once, and again with the fault of the answer.
const TRIES: u32 = 2;
/// The most tokens of an answer.
const MOST_TOKENS: u32 = 4000;
/// The largest that a picture is shown: models see no more of it, and charge by its size.
const SHOWN: Size = Size {
    width: 1568,
    height: 1568,
};
/// How many frames of a clip are shown: the fewest of which a change that comes and goes is told from one that stays.
///
/// They are pictures of their own, not parts of one sheet. Who charges by pixels charges for both alike; but a sheet is
/// made smaller until it fits, which costs the fine faults, and models take what lies side by side for one scene.
const STILLS: u32 = 4;
/// The time that is told of a frame where nobody knows it yet: as long as any.
const SOME_TIME: u32 = 999_900;
/// The longest answer that is shown to the model again.
const SHOWN_AGAIN: usize = 8 << 10;

/// A question about pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspect {
    /// What is asked.
    #[serde(flatten)]
    pub model: Model,
    /// What it is told before all.
    pub system: String,
    /// The question.
    pub prompt: String,
    /// What the answer must be like, as a JSON Schema.
    pub schema: Value,
    /// The pictures: digests of files, of which drawings are painted.
    pub pictures: Vec<Digest>,
    /// The clip that frames are shown of, behind the pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Stills>,
    /// The seed.
    pub seed: u32,
    /// How it is asked.
    pub revision: u32,
    /// The answer before, where it could not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Unfit>,
    /// The most that it may cost.
    #[serde(skip)]
    pub price: Money,
    /// What it fills.
    #[serde(skip)]
    pub slot: Slot,
}

/// Frames of a clip.
///
/// They are taken when the question is put, and not before in a step of their own: so the question's key, and with it
/// what is paid, depends on the clip alone and not on what decodes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stills {
    /// The clip.
    pub of: Digest,
    /// How many, evenly over its length.
    pub count: u32,
}

/// An answer that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfit {
    /// The answer.
    pub answer: Digest,
    /// What is wrong with it.
    pub fault: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// The answer; where it has not the shape, the text that came.
    #[serde(flatten)]
    pub file: Artifact,
    /// What it says; nothing where it has not the shape.
    pub answer: Option<Value>,
    /// Why it cannot be used, so that it is asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Inspected {
    /// The answer to a question of this type; nothing where there is none yet.
    pub fn read<Q: Question>(&self) -> Option<Q::Answer> {
        serde_json::from_value(self.answer.clone()?).ok()
    }
}

impl Inspect {
    /// A question about pictures, to an engine of the show that answers in words.
    pub fn of<Q: Question>(
        (model, spec): (Model, &EngineSpec),
        (question, seed): (&Q, u32),
        pictures: Vec<Digest>,
        slot: Slot,
    ) -> Self {
        let step = Self {
            model,
            system: question.system(),
            prompt: question.prompt(),
            schema: Shape::of::<Q::Answer>().schema().clone(),
            pictures,
            clip: None,
            seed,
            revision: REVISION,
            again: None,
            price: Money::ZERO,
            slot,
        };
        step.priced(spec)
    }

    /// The same about a clip, of which frames are shown.
    pub fn of_clip(mut self, clip: Digest, spec: &EngineSpec) -> Self {
        self.clip = Some(Stills {
            of: clip,
            count: STILLS,
        });
        self.priced(spec)
    }

    /// The same with the fault of an answer that cannot be used, where a try is left.
    pub fn again(&self, inspected: &Inspected, spec: &EngineSpec) -> Option<Self> {
        let fault = inspected.fault.clone()?;
        let answer = inspected.file.digest;
        let again = self.again.is_none().then_some(Unfit { answer, fault })?;
        let step = Self {
            again: Some(again),
            ..self.clone()
        };
        Some(step.priced(spec))
    }

    fn priced(mut self, spec: &EngineSpec) -> Self {
        let longest = self.again.as_ref().map(|_| "x".repeat(SHOWN_AGAIN));
        let times = self.clip.iter();
        let times: Vec<u32> = times
            .flat_map(|clip| (0..clip.count).map(|_| SOME_TIME))
            .collect();
        let (prompt, what) = self.asked(&times, longest.unwrap_or_default());
        let asked = (prompt.as_str(), self.seed);
        let shown = self.pictures.len() + times.len();
        self.price = self.model.price(spec, what, asked, shown);
        self
    }

    /// What is asked; `times` are when the frames of the clip are seen, `answer` is what was answered before.
    fn asked(&self, times: &[u32], answer: String) -> (String, What) {
        let question = match self.clip {
            None => self.prompt.clone(),
            Some(_) => format!("{} {}", told(times), self.prompt),
        };
        let (prompt, said) = match &self.again {
            None => (question, Vec::new()),
            Some(again) => {
                let prompt = format!(
                    "That answer cannot be used: {}. Answer the question again, with one JSON object as the \
                     schema has it and nothing else.",
                    again.fault
                );
                let turn = Turn {
                    asked: question,
                    answered: answer,
                };
                (prompt, vec![turn])
            }
        };
        // Some servers take no schema: what it says stands in the words too.
        let system = format!(
            "{}\nAnswer with one JSON object and nothing else. Its schema: {}",
            self.system, self.schema
        );
        let what = What::Text {
            system,
            said,
            schema: Some(self.schema.clone()),
            small: self.pictures.is_empty(),
            most_tokens: MOST_TOKENS,
        };
        (prompt, what)
    }

    fn before(&self, tools: &Tools, work: &Work) -> Result<String, StepError> {
        let Some(again) = &self.again else {
            return Ok(String::new());
        };
        let bytes = tools.read(work, &again.answer, REFERENCE_LIMIT)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.chars().take(SHOWN_AGAIN / 4).collect())
    }

    /// The pictures as the model is shown them.
    async fn shown(&self, tools: &Tools, work: &Work) -> Result<Vec<Reference>, StepError> {
        let read = |digest| tools.read(work, digest, REFERENCE_LIMIT);
        let files: Result<Vec<Vec<u8>>, _> = self.pictures.iter().map(read).collect();
        let (files, fonts) = (files?, std::sync::Arc::clone(&tools.fonts));
        let shown = move |_: &Work| {
            let one = |file: Vec<u8>| {
                let bytes = if is_drawing(&file) {
                    as_png(&file, SHOWN, &fonts)?
                } else {
                    let picture = still::decode_still(&file);
                    let png = picture.and_then(|all| still::png(&still::fit_to(all, SHOWN)));
                    png.map_err(|error| {
                        StepError::permanent("a picture cannot be shown to the model")
                            .because(error)
                    })?
                };
                let media_type = "image/png".to_owned();
                Ok(Reference { media_type, bytes })
            };
            files.into_iter().map(one).collect()
        };
        work.blocking(shown).await
    }

    /// The frames of the clip, where there is one.
    async fn stills(&self, tools: &Tools, work: &Work) -> Result<Vec<Still>, StepError> {
        let Some(clip) = &self.clip else {
            return Ok(Vec::new());
        };
        let path = tools.locate(work, &clip.of)?;
        let (media, count) = (tools.media.clone(), clip.count);
        let taken = work.blocking(move |work| {
            let taken = stills(&media, &path, count, work);
            taken.map_err(from_media)
        });
        let taken = taken.await?;
        if taken.is_empty() {
            let why = "a clip cannot be shown to the model: it has no frames";
            return Err(StepError::permanent(why).hint("select another take, or order one more"));
        }
        Ok(taken)
    }

    /// The answer in what came; the step fails where the last try has none.
    fn take(&self, file: Artifact, text: &[u8]) -> Result<Inspected, StepError> {
        match Shape::from_schema(self.schema.clone()).read(text) {
            Ok(answer) => Ok(Inspected {
                file,
                answer: Some(answer),
                fault: None,
            }),
            Err(fault) if self.again.is_none() => Ok(Inspected {
                file,
                answer: None,
                fault: Some(fault),
            }),
            Err(fault) => {
                let message =
                    format!("none of {TRIES} answers has the shape that was asked for: {fault}");
                Err(StepError::permanent(message)
                    .hint("name another model, one that takes a schema and sees pictures"))
            }
        }
    }
}

/// What a model is told of the frames of a clip.
fn told(times: &[u32]) -> String {
    let seconds = |ms: &u32| format!("{}.{}", ms / 1000, ms % 1000 / 100);
    let times: Vec<String> = times.iter().map(seconds).collect();
    format!(
        "The pictures are frames of one clip, in the order of time, so many seconds from its start: {}.",
        times.join(", ")
    )
}

/// The answers to questions; one that cannot be used is asked for once more. Each question has the settings of
/// its engine beside it.
pub async fn inspected(
    run: &Run<Tools>,
    questions: Vec<(Inspect, &EngineSpec)>,
) -> Result<Vec<Inspected>, EngineError> {
    let steps = questions.iter().map(|(step, _)| step.clone());
    let mut answers = run.all(steps).await?;
    let unfit = questions.iter().zip(&answers).enumerate();
    let again =
        unfit.filter_map(|(at, ((step, spec), answer))| Some((at, step.again(answer, spec)?)));
    let (places, again): (Vec<usize>, Vec<Inspect>) = again.unzip();
    for (at, answer) in places.into_iter().zip(run.all(again).await?) {
        answers[at] = answer;
    }
    Ok(answers)
}

impl Step for Inspect {
    type Tools = Tools;
    type Output = Inspected;

    const KIND: &'static str = "inspect";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        format!("{} {}", self.model.vendor, self.model.model)
    }

    fn inputs(&self) -> Vec<Digest> {
        let before = self.again.iter().map(|again| again.answer);
        let clip = self.clip.iter().map(|clip| clip.of);
        let pictures = self.pictures.iter().copied();
        pictures.chain(clip).chain(before).collect()
    }

    fn pool(&self) -> Pool {
        Pool::Network
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 5.0,
            cost: self.price,
        }
    }

    fn sketch(&self, key: &Digest) -> Inspected {
        Inspected {
            file: Artifact::sketched(key, "application/json"),
            answer: None,
            fault: None,
        }
    }

    fn digests(output: &Inspected) -> Vec<Digest> {
        vec![output.file.digest]
    }

    fn seed(&self) -> Option<u32> {
        Some(self.seed)
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Inspected>, StepError> {
        let mut shown = self.shown(tools, work).await?;
        let mut times = Vec::new();
        for still in self.stills(tools, work).await? {
            times.push(still.at_ms);
            let (media_type, bytes) = ("image/png".to_owned(), still.png);
            shown.push(Reference { media_type, bytes });
        }
        let (prompt, what) = self.asked(&times, self.before(tools, work)?);
        let order = self.model.order(what, (&prompt, self.seed), shown, None);
        let bought = buy(&self.model, order, (&self.slot, None), (tools, work)).await?;
        let [file] = bought.artifacts.as_slice() else {
            let message = "an answer was bought, and is not there";
            return Err(StepError::permanent(message));
        };
        // What is longer is no answer, and is told so by its length.
        let most = u64::try_from(MOST_ANSWER).unwrap_or(u64::MAX);
        let text = if file.bytes > most {
            vec![b' '; MOST_ANSWER + 1]
        } else {
            tools.read(work, &file.digest, most)?
        };
        Ok(Made {
            output: self.take(file.clone(), &text)?,
            artifacts: bought.artifacts,
            cost: bought.cost,
        })
    }
}
