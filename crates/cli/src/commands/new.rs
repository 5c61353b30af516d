use workprint_studio::{ExitKind, Host, StudioError, ops};

use crate::args::New;
use crate::show::{self, BOLD, GOOD, styled};

pub(super) fn run(host: &Host, args: &New) -> Result<ExitKind, StudioError> {
    let place = ops::new::new(host, &args.folder, args.title.as_deref())?;
    show::line(format_args!(
        "{} {}",
        styled(GOOD.bold(), "made"),
        place.root.display()
    ));
    show::line(format_args!(
        "next: {}",
        styled(
            BOLD,
            format_args!("workprint -C {} render {}", args.folder, place.episode)
        )
    ));
    Ok(ExitKind::Done)
}
