use workprint_studio::ops::render::StandIn;
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::{Animatic, Voices};
use crate::commands::render::perform;

pub(super) async fn run(host: &Host, args: &Animatic) -> Result<ExitKind, StudioError> {
    let mut options = args.target.options(None);
    options.jobs = args.jobs.map(usize::from);
    options.animatic = Some(match args.voices {
        Voices::Espeak => StandIn::Espeak,
        Voices::Silence => StandIn::Silence,
    });
    Box::pin(perform(host, &args.target.episode, &options, args.json)).await
}
