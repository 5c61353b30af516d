//! Check: everything that is wrong with an episode, at once.

use workprint_model::Diagnostic;
use workprint_store::Store;

use crate::{Host, Place, Production, StudioError};

/// All that is wrong, and all that should be known; empty when there is nothing to say.
pub async fn check(host: &Host, place: Place) -> Result<Vec<Diagnostic>, StudioError> {
    let store = Store::open_read_only(&place.root, host.clock.clone()).await?;
    match Production::open(place, &store).await {
        Ok(production) => Ok(production.warnings),
        Err(StudioError::Diagnostics(diagnostics)) => Ok(diagnostics),
        Err(error) => Err(error),
    }
}
