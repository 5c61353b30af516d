use clap::CommandFactory;
use workprint_studio::{ExitKind, StudioError};

use crate::args::{Cli, Completions};

#[expect(clippy::unnecessary_wraps, reason = "every command has this shape")]
pub(crate) fn run(args: &Completions) -> Result<ExitKind, StudioError> {
    clap_complete::generate(
        args.shell,
        &mut Cli::command(),
        "workprint",
        &mut std::io::stdout(),
    );
    Ok(ExitKind::Done)
}
