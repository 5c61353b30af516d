//! An order, as the engine sees it.

use std::future::Future;
use std::time::Duration;

use workprint_engine::{
    Delivered, External, Found, Permanence, Polled, StepError, Submitted, Unmet, Work,
};
use workprint_model::{Artifact, Digest, Money};
use workprint_picture::still;
use workprint_providers::error::CallError;
use workprint_providers::order::{
    Capability, Delivery, Found as Seen, Lost, Order, Parcel, Polled as Told, Submitted as Taken,
};
use workprint_providers::pool::EnginePool;

/// An engine and what is ordered of it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) engine: EnginePool,
    pub(crate) order: Order,
}

impl Call {
    fn delivered(&self, delivery: Delivery) -> Delivered<Delivery> {
        let cost = self.engine.here().cost(&self.order, &delivery.usage);
        Delivered {
            parcel: delivery,
            cost,
        }
    }

    fn unmet(&self, error: CallError) -> Unmet {
        let (certain, others) = (error.is_certain(), error.is_own());
        let elsewhere = self.engine.may_take_elsewhere(&error);
        let mut error = failed(self.engine.here().row().name, error);
        if elsewhere {
            error.permanence = Permanence::Temporary(Some(Duration::ZERO));
        }
        Unmet {
            error,
            certain,
            others,
        }
    }
}

/// A call's failure as a step's.
pub(crate) fn failed(vendor: &str, error: CallError) -> StepError {
    if matches!(error, CallError::Cancelled) {
        return StepError::cancelled();
    }
    let message = format!("{vendor} did not do it");
    let step = if error.is_temporary() {
        StepError::temporary(message, error.after())
    } else {
        StepError::permanent(message)
    };
    step.hint(error.hint()).because(error)
}

impl External for Call {
    type Parcel = Delivery;

    fn names(&self) -> [String; 3] {
        [
            self.engine.here().row().id.to_owned(),
            self.order.model.clone(),
            self.engine.here().account().to_owned(),
        ]
    }

    fn server(&self) -> Option<String> {
        Some(self.engine.here().url())
    }

    fn go_back(&self, server: Option<&str>) -> bool {
        self.engine.go_back(server)
    }

    fn go_anywhere(&self) {
        self.engine.go_anywhere();
    }

    fn is_lost(&self) -> bool {
        self.engine.is_lost()
    }

    fn most(&self) -> Money {
        self.engine.here().quote(&self.order)
    }

    fn at_once(&self) -> u32 {
        self.engine.at_once()
    }

    fn held(&self) -> u32 {
        self.engine.held()
    }

    fn place(&self) -> impl Future<Output = Option<impl Send>> + Send {
        self.engine.place(&self.order.model)
    }

    fn next(&self) -> impl Future<Output = Option<impl Send>> + Send {
        self.engine.next()
    }

    fn is_quick(&self) -> bool {
        self.engine.is_quick()
    }

    async fn submit(&self, key: &str) -> Result<Submitted<Delivery>, Unmet> {
        match self.engine.here().submit(&self.order, key).await {
            Ok(Taken::Job(remote)) => Ok(Submitted::Job(remote)),
            Ok(Taken::Done(delivery)) => Ok(Submitted::Done(self.delivered(delivery))),
            Ok(Taken::Failed { why, hint, usage }) => {
                let message = format!(
                    "{} made nothing of it: {why}",
                    self.engine.here().row().name
                );
                let cost = self.engine.here().cost(&self.order, &usage);
                let error = StepError::permanent(message).hint(hint);
                Ok(Submitted::Failed(error, cost))
            }
            Err(error) => Err(self.unmet(error)),
        }
    }

    async fn lookup(&self, key: &str, since: i64, known: &[String]) -> Result<Found, Unmet> {
        let lost = Lost {
            order: &self.order,
            key,
            since,
            known,
        };
        match self.engine.here().find(&lost).await {
            Ok(Seen::Job(remote)) => Ok(Found::Job(remote)),
            Ok(Seen::None) => Ok(Found::None),
            Ok(Seen::Unknown | Seen::Ask(_)) => Ok(Found::Unknown),
            Err(error) => Err(self.unmet(error)),
        }
    }

    async fn poll(&self, remote: &str) -> Result<Polled<Delivery>, Unmet> {
        match self.engine.here().poll(remote).await {
            Ok(Told::Done(delivery)) => Ok(Polled::Done(self.delivered(delivery))),
            Ok(Told::Failed(why)) => {
                let message = format!(
                    "{} made nothing of it: {why}",
                    self.engine.here().row().name
                );
                let error = StepError::permanent(message)
                    .hint("change the prompt, the seed or the model, and render again");
                Ok(Polled::Failed(error, Money::ZERO))
            }
            Ok(Told::Pending | Told::Ready(_)) => Ok(Polled::Pending),
            Err(error) => Err(self.unmet(error)),
        }
    }

    async fn watch(&self, remote: &str, tell: &(dyn Fn(u16) + Send + Sync)) {
        self.engine.here().watch(&self.order, remote, tell).await;
    }

    fn is_called(&self) -> bool {
        self.engine.here().is_called()
    }

    async fn called(&self, key: &str) {
        self.engine.here().called(key).await;
    }

    async fn fetch(&self, parcel: Delivery, work: &Work) -> Result<Vec<Artifact>, Unmet> {
        let inline = matches!(parcel.parcel, Parcel::Bytes(_));
        let told = parcel.words.map(|words| serde_json::json!(words));
        let told = told.or_else(|| parcel.lines.map(|lines| serde_json::json!(lines)));
        let (bytes, media_type) =
            self.engine
                .here()
                .fetch(parcel.parcel)
                .await
                .map_err(|error| {
                    // What was deleted and what is something else stays so; all else is asked for again.
                    let gone = matches!(error, CallError::Refused { status: 410, .. });
                    let wrong = matches!(
                        error,
                        CallError::TooLarge { .. }
                            | CallError::Unexpected { .. }
                            | CallError::Address { .. }
                    );
                    Unmet {
                        certain: inline || gone || wrong,
                        ..self.unmet(error)
                    }
                })?;
        let unkept = |error: StepError| Unmet {
            certain: matches!(error.permanence, Permanence::Permanent) && error.source.is_none(),
            others: false,
            error,
        };
        let is_image = self.order.capability() == Capability::Image;
        if is_image && still::stored_size(&bytes).is_none() {
            let why = "what was made is no picture that can be read";
            return Err(unkept(StepError::permanent(why)));
        }
        let told = told.map(|told| (told.to_string().into_bytes(), "application/json"));
        let all: Vec<_> = [(bytes, media_type)].into_iter().chain(told).collect();
        let noted: Vec<Artifact> = if work.is_answer() {
            all.iter().map(artifact).collect()
        } else {
            Vec::new()
        };
        let keep = move |work: &Work| {
            let kept = all.iter();
            let kept = kept.map(|(bytes, media_type)| work.store().keep_bytes(bytes, media_type));
            Ok(kept.collect::<Result<Vec<_>, _>>()?)
        };
        // Side by side: each waits for the disk.
        let (kept, noted) = tokio::join!(work.put_away(keep), work.note(&noted));
        noted.and(kept).map_err(unkept)
    }

    async fn cancel(&self, remote: &str) -> Result<bool, Unmet> {
        let stopped = self.engine.here().cancel(remote).await;
        stopped.map_err(|error| self.unmet(error))
    }
}

/// What some bytes are in the vault.
fn artifact((bytes, media_type): &(Vec<u8>, &'static str)) -> Artifact {
    Artifact {
        digest: Digest::of(bytes),
        media_type: (*media_type).to_owned(),
        bytes: bytes.len() as u64,
    }
}
