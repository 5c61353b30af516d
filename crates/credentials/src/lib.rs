//! Content credentials as the C2PA specifies them: signing films, and reading what others signed.
//!
//! A film is sealed last, as a copy: [`seal`] takes the finished file, a [`Statement`] of what it was made
//! of, and an [`Identity`] to sign with. [`inspect`] says what a file's credentials are worth. Nothing
//! here knows an episode, and nothing asks the network: no remote manifests, no revocation lists, no
//! timestamps.
//!
//! Specification: <https://spec.c2pa.org/specifications/specifications/2.2/specs/C2PA_Specification.html>.
//! The format is the `c2pa` crate's matter; its door is [`engine`].

mod bounds;
mod engine;
mod error;
mod identity;
mod inspect;
mod origin;
mod seal;

pub use bounds::media_type_of;
pub use error::CredentialsError;
pub use identity::Identity;
pub use inspect::{Finding, Ingredient, Made, Report, Signer, State, inspect};
pub use origin::Origin;
pub use seal::{Part, Sealed, Statement, seal};
