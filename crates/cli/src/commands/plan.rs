use workprint_model::Money;
use workprint_model::step::StepState;
use workprint_studio::ops::plan::{Plan as Planned, plan};
use workprint_studio::{ExitKind, Host, Place, StudioError};

use crate::args::Plan;
use crate::show::{self, BOLD, BUSY, DIM, GOOD, WAIT, styled};

/// How many steps of a stage are listed before the rest is only counted.
const LISTED: usize = 12;

pub(super) async fn run(host: &Host, args: &Plan) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.target.episode)?;
    let root = place.root.clone();
    let planned = plan(host, place, &args.target.options(Some(&args.stages))).await?;
    if args.json {
        show::json(&planned);
        return Ok(ExitKind::Done);
    }
    for diagnostic in &planned.diagnostics {
        show::diagnostic(diagnostic, Some(&root));
    }
    for stage in &planned.stages {
        let totals = stage.totals;
        let count = |style, n: u64, word: &str| {
            if n == 0 {
                format!("{:>9}", "")
            } else {
                styled(style, format_args!("{n:>4} {word:<4}"))
            }
        };
        let estimate = if totals.run == 0 {
            String::new()
        } else {
            show::duration(totals.seconds)
        };
        let line = format!(
            "{} {} {} {} {estimate:>12} {}",
            styled(BOLD, format_args!("{:<10}", stage.stage)),
            count(GOOD, totals.kept, "kept"),
            count(BUSY, totals.run, "run"),
            count(WAIT, totals.waiting, "wait"),
            price(totals.cost)
        );
        show::line(line.trim_end());
        list(&planned, stage.stage, args.all);
    }
    summary(&planned);
    for gate in &planned.gates {
        show::line(format_args!(
            "{} {}  {}",
            styled(WAIT.bold(), "waiting:"),
            gate.question,
            styled(DIM, &gate.name)
        ));
    }
    Ok(ExitKind::Done)
}

fn list(planned: &Planned, stage: &str, all: bool) {
    let kinds = workprint_studio::ops::render::STAGES
        .iter()
        .find(|(name, _)| *name == stage);
    let kinds = kinds.map_or(&[][..], |(_, kinds)| kinds);
    let steps: Vec<_> = planned
        .steps
        .iter()
        .filter(|step| kinds.contains(&step.kind.as_str()))
        .filter(|step| all || step.state != StepState::Kept)
        .collect();
    let shown = if all {
        steps.len()
    } else {
        LISTED.min(steps.len())
    };
    for step in &steps[..shown] {
        let (mark, style) = match step.state {
            StepState::Kept => ("✓", GOOD),
            StepState::Run => ("●", BUSY),
            StepState::Waiting => ("◌", WAIT),
        };
        show::line(format_args!(
            "  {} {:<34} {}",
            styled(style, mark),
            step.slot.as_str(),
            styled(DIM, &step.because)
        ));
    }
    if steps.len() > shown {
        show::line(styled(
            DIM,
            format_args!("    and {} more", steps.len() - shown),
        ));
    }
}

fn summary(planned: &Planned) {
    let totals = planned.totals;
    if totals.run == 0 && totals.waiting == 0 {
        show::line(format_args!(
            "{} all {} steps are kept",
            styled(GOOD.bold(), "nothing to do:"),
            totals.kept
        ));
        return;
    }
    if totals.run == 0 {
        show::line(format_args!(
            "{} {} of {} steps wait",
            styled(WAIT.bold(), "nothing to run now:"),
            totals.waiting,
            totals.kept + totals.waiting
        ));
        return;
    }
    let wall = totals.seconds / planned.jobs.max(1) as f64;
    show::line(format_args!(
        "{} of {} steps to run, about {} with {} at once{}",
        styled(BUSY.bold(), totals.run),
        totals.kept + totals.run + totals.waiting,
        styled(BOLD, show::duration(wall)),
        planned.jobs,
        match totals.cost {
            Money::ZERO => String::new(),
            cost => format!(", for {}", cost.exact()),
        }
    ));
}

fn price(cost: Money) -> String {
    if cost == Money::ZERO {
        String::new()
    } else {
        cost.exact()
    }
}
