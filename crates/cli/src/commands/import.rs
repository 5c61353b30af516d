use workprint_studio::{ExitKind, Host, StudioError, ops};

use crate::args::Import;
use crate::show::{self, BOLD, GOOD, styled};

pub(super) fn run(host: &Host, args: &Import) -> Result<ExitKind, StudioError> {
    let (place, notes) = ops::import::import(
        host,
        &args.script,
        args.show.as_deref(),
        args.name.as_deref(),
    )?;
    for note in &notes {
        show::diagnostic(note, None);
    }
    show::line(format_args!(
        "{} {}",
        styled(GOOD.bold(), "made"),
        place.manifest().display()
    ));
    show::line(format_args!(
        "next: {}",
        styled(BOLD, format_args!("workprint plan {}", place.episode))
    ));
    Ok(ExitKind::Done)
}
