use workprint_model::step::StepRecord;
use workprint_studio::ops::explain::{Approval, Explanation, FrameContent, explain};
use workprint_studio::ops::log::readable;
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Explain;
use crate::show::{self, BOLD, BUSY, DIM, styled};

/// The longest value of a parameter that is shown whole.
const VALUE: usize = 90;
/// How many steps are shown one by one.
const LISTED: usize = 40;

pub(super) async fn run(host: &Host, args: &Explain) -> Result<ExitKind, StudioError> {
    let found = explain(host, args.show.as_deref(), &args.subject, args.frame).await?;
    if args.json {
        show::json(&found);
    } else {
        tell(&found);
    }
    Ok(ExitKind::Done)
}

fn tell(found: &Explanation) {
    show::line(format_args!(
        "{}  {}",
        styled(BOLD, &found.subject),
        styled(DIM, found.digest)
    ));
    if let Some(frame) = &found.frame {
        tell_frame(frame);
    }
    if let Some(proof) = &found.proof {
        for line in crate::proof::lines(proof) {
            show::line(line);
        }
        for finding in &proof.findings {
            let waived = if finding.waived { " (waived)" } else { "" };
            show::line(format_args!(
                "  {}: {}{waived}",
                finding.check, finding.message
            ));
        }
    }
    for step in found.steps.iter().take(LISTED) {
        tell_step(step);
        let own = found.approvals.iter();
        own.filter(|approval| approval.key == step.key)
            .for_each(tell_approval);
    }
    if found.steps.len() > LISTED {
        show::line(styled(
            DIM,
            format_args!(
                "and {} more steps: see `--json`",
                found.steps.len() - LISTED
            ),
        ));
    }
    if !found.files.is_empty() {
        show::line(styled(BOLD, "files"));
    }
    for file in &found.files {
        let path = file
            .path
            .as_ref()
            .map_or("(no longer there)", |path| path.as_str());
        let licence = file.licence.as_deref().unwrap_or("no licence told");
        let copyright = file.copyright.as_deref().unwrap_or_default();
        show::line(format_args!(
            "  {path:<38} {licence}  {copyright}  {}",
            styled(DIM, file.digest.short())
        ));
    }
    show::line(format_args!(
        "{} {}",
        styled(BOLD, "cost"),
        found.cost.exact()
    ));
}

fn tell_approval(Approval { answer, .. }: &Approval) {
    let note = answer.note.as_ref().map(|note| format!(": {note}"));
    show::line(format_args!(
        "  approved  by {} {} ({}){}",
        answer.who,
        readable(answer.at),
        answer.gate,
        note.unwrap_or_default()
    ));
}

fn tell_frame(frame: &FrameContent) {
    show::line(format_args!("frame {} at {}", frame.number.0, frame.time));
    let rows = [
        ("cue", frame.cue.iter().cloned().collect::<Vec<_>>()),
        ("shots", frame.shots.clone()),
        ("captions", frame.captions.clone()),
        ("overlays", frame.overlays.clone()),
        ("heard", frame.sounds.clone()),
    ];
    for (name, values) in rows {
        if !values.is_empty() {
            show::line(format_args!("  {name:<9} {}", values.join(", ")));
        }
    }
}

fn tell_step(step: &StepRecord) {
    show::line(format_args!(
        "{}  {}",
        styled(BUSY.bold(), &step.slot),
        styled(
            DIM,
            format_args!(
                "{}, in {} ms, key {}",
                readable(step.made_at),
                step.took_ms,
                step.key.short()
            )
        )
    ));
    show::line(format_args!("  engine    {}", step.engine));
    if let Some(instead) = &step.instead {
        show::line(format_args!(
            "  instead   of {}: {}",
            instead.of, instead.because
        ));
    }
    if let Some(params) = step.params.as_object() {
        for (name, value) in params.iter().filter(|(name, _)| *name != "engine") {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let short: String = text.chars().take(VALUE).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            show::line(format_args!("  {name:<9} {short}{more}"));
        }
    }
    if step.cost.micros != 0 {
        show::line(format_args!("  cost      {}", step.cost.exact()));
    }
    for artifact in &step.artifacts {
        let digest = styled(DIM, artifact.digest.short());
        show::line(format_args!(
            "  made      {digest}  {}, {}",
            artifact.media_type,
            show::bytes(artifact.bytes)
        ));
    }
}
