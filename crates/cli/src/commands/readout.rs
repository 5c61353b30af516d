use workprint_studio::ops::render::RenderOptions;
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Readout;
use crate::commands::render::perform;

pub(super) async fn run(host: &Host, args: &Readout) -> Result<ExitKind, StudioError> {
    let options = RenderOptions {
        output: args.output.clone(),
        dub: args.lang.clone(),
        jobs: args.jobs.map(usize::from),
        readout: true,
        ..RenderOptions::default()
    };
    Box::pin(perform(host, &args.episode, &options, args.json)).await
}
