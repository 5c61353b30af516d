use workprint_studio::ops::gc::{gc, verify};
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Gc;
use crate::show::{self, BAD, DIM, GOOD, WAIT, styled};

pub(super) async fn run(host: &Host, args: &Gc) -> Result<ExitKind, StudioError> {
    if args.verify {
        return check(host, args).await;
    }
    let grace_ms = i64::from(args.grace) * 3_600_000;
    let collected = gc(host, args.show.as_deref(), args.dry_run, grace_ms).await?;
    for (digest, bytes) in &collected.plan.blobs {
        show::line(format_args!(
            "{}  {}",
            styled(DIM, digest),
            show::bytes(*bytes)
        ));
    }
    let word = if collected.removed {
        styled(GOOD.bold(), "removed")
    } else {
        styled(WAIT.bold(), "would remove")
    };
    let (count, total) = (
        collected.plan.blobs.len(),
        show::bytes(collected.plan.total),
    );
    show::line(format_args!("{word} {count} artifacts, {total}"));
    Ok(ExitKind::Done)
}

async fn check(host: &Host, args: &Gc) -> Result<ExitKind, StudioError> {
    let report = verify(host, args.show.as_deref()).await?;
    for damaged in &report.damaged {
        let slots: Vec<String> = damaged.made_for.iter().map(ToString::to_string).collect();
        let (digest, slots) = (damaged.digest, slots.join(", "));
        show::line(format_args!(
            "{} {digest}  {slots}",
            styled(BAD.bold(), "damaged")
        ));
    }
    for missing in &report.missing {
        let slots: Vec<String> = missing.made_for.iter().map(ToString::to_string).collect();
        let (digest, slots) = (missing.digest, slots.join(", "));
        show::line(format_args!(
            "{} {digest}  {slots}",
            styled(WAIT.bold(), "missing")
        ));
    }
    show::line(format_args!(
        "read {} artifacts, {}",
        report.blobs,
        show::bytes(report.bytes)
    ));
    if report.is_clean() {
        show::line(format_args!(
            "{} every artifact is what it was",
            styled(GOOD.bold(), "good:")
        ));
        return Ok(ExitKind::Done);
    }
    show::note(
        "render again: what is damaged or missing is made anew where the manifest still asks for it",
    );
    Ok(ExitKind::Failed)
}
