use workprint_studio::{ExitKind, Host, Place, StudioError, ops};

use crate::args::Check;
use crate::show::{self, GOOD, styled};

pub(super) async fn run(host: &Host, args: &Check) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.episode)?;
    let root = place.root.clone();
    let diagnostics = ops::check::check(host, place).await?;
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .count();
    if args.json {
        diagnostics.iter().for_each(show::json);
    } else {
        for diagnostic in &diagnostics {
            show::diagnostic(diagnostic, Some(&root));
        }
        let warnings = diagnostics.len() - errors;
        if errors == 0 {
            let more = if warnings == 0 {
                String::new()
            } else {
                format!(", {warnings} warnings")
            };
            show::line(format_args!(
                "{} nothing is wrong{more}",
                styled(GOOD.bold(), "good:")
            ));
        } else {
            show::note(format_args!("{errors} errors, {warnings} warnings"));
        }
    }
    Ok(if errors == 0 {
        ExitKind::Done
    } else {
        ExitKind::Invalid
    })
}
