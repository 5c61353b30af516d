use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use workprint_studio::{ExitKind, Host, Place, StudioError, ops};

use crate::args::Captions;
use crate::show::{self, GOOD, styled};

pub(super) async fn run(host: &Host, args: &Captions) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.target.episode)?;
    let options = args.target.options(None);
    let observer = (CancellationToken::new(), Arc::new(|_: &_| {}) as _);
    let checking = ops::captions::captions(host, place, &args.file, &options, observer);
    let checked = Box::pin(checking).await?;
    let problems = &checked.problems;
    if args.json {
        problems.iter().for_each(show::json);
    } else {
        for problem in problems {
            show::diagnostic(problem, Some(&host.directory));
        }
    }
    if !problems.is_empty() {
        show::note(format_args!(
            "{} captions, {} problems",
            checked.captions,
            problems.len()
        ));
        return Ok(ExitKind::Invalid);
    }
    if !args.json {
        show::line(format_args!(
            "{} {} captions keep every rule",
            styled(GOOD.bold(), "good:"),
            checked.captions
        ));
    }
    Ok(ExitKind::Done)
}
