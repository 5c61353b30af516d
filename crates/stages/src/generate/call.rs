//! An order of a picture, as the engine sees it.

use std::future::Future;

use workprint_engine::{Delivered, External, Found, Polled, StepError, Submitted, Unmet, Work};
use workprint_model::{Artifact, Money};
use workprint_picture::still;
use workprint_providers::error::CallError;
use workprint_providers::images::{
    self, Delivery, Found as Seen, ImageEngine, ImageOrder, Lost, Picture, Polled as Told,
    Submitted as Taken,
};

use super::picture_type;

/// An engine and what is ordered of it.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) engine: ImageEngine,
    pub(super) order: ImageOrder,
}

impl Call {
    fn delivered(&self, delivery: Delivery) -> Delivered<Picture> {
        let cost = self.engine.cost(&self.order, &delivery);
        Delivered {
            parcel: delivery.picture,
            cost,
        }
    }

    fn unmet(&self, error: CallError) -> Unmet {
        let certain = error.is_certain();
        Unmet {
            error: failed(self.engine.row().name, error),
            certain,
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
    type Parcel = Picture;

    fn names(&self) -> [String; 3] {
        [
            self.engine.row().id.to_owned(),
            self.order.model.clone(),
            self.engine.account().to_owned(),
        ]
    }

    fn most(&self) -> Money {
        self.engine.quote(&self.order)
    }

    fn at_once(&self) -> u32 {
        self.engine.at_once()
    }

    fn place(&self) -> impl Future<Output = Option<impl Send>> + Send {
        self.engine.place()
    }

    async fn submit(&self) -> Result<Submitted<Picture>, Unmet> {
        match self.engine.submit(&self.order).await {
            Ok(Taken::Job(remote)) => Ok(Submitted::Job(remote)),
            Ok(Taken::Done(delivery)) => Ok(Submitted::Done(self.delivered(delivery))),
            Err(error) => Err(self.unmet(error)),
        }
    }

    async fn lookup(&self, since: i64, known: &[String]) -> Result<Found, Unmet> {
        let lost = Lost {
            order: &self.order,
            since,
            known,
        };
        match self.engine.find(&lost).await {
            Ok(Seen::Job(remote)) => Ok(Found::Job(remote)),
            Ok(Seen::None) => Ok(Found::None),
            Ok(Seen::Unknown) => Ok(Found::Unknown),
            Err(error) => Err(self.unmet(error)),
        }
    }

    async fn poll(&self, remote: &str) -> Result<Polled<Picture>, Unmet> {
        match self.engine.poll(remote).await {
            Ok(Told::Done(delivery)) => Ok(Polled::Done(self.delivered(delivery))),
            Ok(Told::Failed(why)) => {
                let message = format!("{} made nothing of it: {why}", self.engine.row().name);
                let error = StepError::permanent(message)
                    .hint("change the prompt, the seed or the model, and render again");
                Ok(Polled::Failed(error, Money::ZERO))
            }
            Ok(Told::Pending | Told::Ready(_)) => Ok(Polled::Pending),
            Err(error) => Err(self.unmet(error)),
        }
    }

    async fn fetch(&self, parcel: Picture, work: &Work) -> Result<Vec<Artifact>, Unmet> {
        let inline = matches!(parcel, Picture::Bytes(_));
        let bytes = self.engine.fetch(parcel).await.map_err(|error| {
            // What was deleted and what is no picture stays so; all else is asked for again.
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
        let keep = move |work: &Work| {
            if still::stored_size(&bytes).is_none() {
                return Err(StepError::permanent(
                    "what was made is no picture that can be read",
                ));
            }
            debug_assert!(images::is_picture(&bytes), "fetching looks at it");
            Ok(work.store().keep_bytes(&bytes, picture_type(&bytes))?)
        };
        match work.blocking(keep).await {
            Ok(artifact) => Ok(vec![artifact]),
            Err(error) => Err(Unmet {
                certain: matches!(error.permanence, workprint_engine::Permanence::Permanent)
                    && error.source.is_none(),
                error,
            }),
        }
    }

    async fn cancel(&self, remote: &str) -> Result<bool, Unmet> {
        let stopped = self.engine.cancel(remote).await;
        stopped.map_err(|error| self.unmet(error))
    }
}
