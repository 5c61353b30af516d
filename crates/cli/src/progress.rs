//! Live progress: a line for each stage and one for all, with what is left.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use workprint_model::Diagnostic;
use workprint_model::event::{Event, StepName};
use workprint_studio::ops::plan::Plan;
use workprint_studio::ops::render::STAGES;

use crate::show::{self, BAD, GOOD, WAIT, styled};

/// How many diagnostics are shown that ask for the same and are about steps, not about a place in a file: a
/// missing budget stops every picture of an episode.
const ALIKE: usize = 3;

/// Shows a run as it goes on, on a terminal; elsewhere it only shows what went wrong.
pub(crate) struct Progress {
    live: Option<Live>,
    root: std::path::PathBuf,
    /// How many diagnostics there were of each code with the same hints.
    alike: Mutex<BTreeMap<(String, Vec<String>), usize>>,
}

struct Live {
    screen: MultiProgress,
    all: ProgressBar,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bars: BTreeMap<usize, ProgressBar>,
    /// What each step under way was estimated to take and how much of it is done, in milliseconds.
    under_way: BTreeMap<String, (u64, u64)>,
    estimates: BTreeMap<String, u64>,
    done: u64,
}

impl Progress {
    pub(crate) fn is_wanted() -> bool {
        std::io::stderr().is_terminal()
    }

    /// `plan` tells how much there is to do; without one nothing is drawn.
    pub(crate) fn new(plan: Option<&Plan>, root: std::path::PathBuf) -> Self {
        let live = plan.filter(|plan| plan.totals.run > 0).map(|plan| {
            let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            let all = screen.add(ProgressBar::new((plan.totals.seconds * 1000.0) as u64));
            all.set_style(style(
                "{prefix:<10.bold} {bar:32.green/dim} {percent:>3} %  {elapsed} gone, {eta} left",
            ));
            all.set_prefix("episode");
            all.enable_steady_tick(Duration::from_millis(200));
            let mut state = State::default();
            for (index, (name, _)) in STAGES.iter().enumerate() {
                let stage = plan.stages.iter().find(|stage| stage.stage == *name);
                let Some(run) = stage.map(|stage| stage.totals.run).filter(|&run| run > 0) else {
                    continue;
                };
                let bar = screen.insert_before(&all, ProgressBar::new(run));
                bar.set_style(style(
                    "{prefix:<10.cyan} {bar:32.cyan/dim} {pos:>3}/{len:<4} {wide_msg:.dim}",
                ));
                bar.set_prefix(*name);
                bar.tick();
                state.bars.insert(index, bar);
            }
            Live {
                screen,
                all,
                state: Mutex::new(state),
            }
        });
        Self {
            live,
            root,
            alike: Mutex::default(),
        }
    }

    /// Takes in what happened.
    pub(crate) fn take(&self, event: &Event) {
        match event {
            Event::Diagnostic { diagnostic }
                if diagnostic.place.is_some() || self.count(diagnostic) <= ALIKE =>
            {
                self.above(|| show::diagnostic(diagnostic, Some(&self.root)));
            }
            Event::RunFinished { .. } => self.above(|| self.tell_alike()),
            Event::StepFailed {
                step,
                message,
                hints,
            } => self.above(|| {
                show::note(format_args!(
                    "{} {}: {message}",
                    styled(BAD.bold(), "failed:"),
                    step.slot
                ));
                for hint in hints {
                    show::note(format_args!("  {} {hint}", styled(show::BUSY, "hint:")));
                }
            }),
            Event::StepRetrying {
                step,
                attempt,
                after_ms,
                message,
            } => self.above(|| {
                show::note(format_args!(
                    "{} {} failed (attempt {attempt}), again in {}: {message}",
                    styled(WAIT, "retrying:"),
                    step.slot,
                    show::duration(*after_ms as f64 / 1000.0)
                ));
            }),
            Event::StepFallback { .. } => self.above(|| tell_fallback(event)),
            Event::GateAsked { gate, question, .. } => self.above(|| {
                show::note(format_args!(
                    "{} {question}  ({gate})",
                    styled(WAIT.bold(), "waiting:")
                ));
            }),
            Event::FilmProofed { proof, .. } => self.above(|| {
                for line in crate::proof::lines(proof) {
                    show::note(line);
                }
            }),
            Event::FinalWritten {
                archived: Some(archived),
                ..
            } => self.above(|| {
                show::note(format_args!(
                    "{} the film before it is now {archived}",
                    styled(GOOD, "archived:")
                ));
            }),
            _ => {}
        }
        if let Some(live) = &self.live {
            live.take(event);
        }
    }

    fn count(&self, diagnostic: &Diagnostic) -> usize {
        let mut alike = self.alike.lock().unwrap_or_else(PoisonError::into_inner);
        let asks = (diagnostic.code.clone(), diagnostic.hints.clone());
        let count = alike.entry(asks).or_default();
        *count += 1;
        *count
    }

    fn tell_alike(&self) {
        let alike = self.alike.lock().unwrap_or_else(PoisonError::into_inner);
        for ((code, _), count) in alike.iter().filter(|(_, count)| **count > ALIKE) {
            let more = count - ALIKE;
            show::note(format_args!(
                "and {more} more of `{code}`; all: `workprint log`"
            ));
        }
    }

    fn above(&self, print: impl FnOnce()) {
        match &self.live {
            Some(live) => live.screen.suspend(print),
            None => print(),
        }
    }
}

impl Live {
    fn take(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::StepQueued { step, estimate, .. } => {
                let ms = (estimate.seconds * 1000.0) as u64;
                state.estimates.insert(step.slot.to_string(), ms);
            }
            Event::StepStarted { step } => {
                let ms = state
                    .estimates
                    .get(step.slot.as_str())
                    .copied()
                    .unwrap_or_default();
                state.under_way.insert(step.slot.to_string(), (ms, 0));
                if let Some(bar) = bar_of(&state, step) {
                    bar.set_message(step.slot.name().to_owned());
                }
            }
            Event::StepProgress { step, permille } => {
                if let Some((ms, done)) = state.under_way.get_mut(step.slot.as_str()) {
                    *done = *ms * u64::from(*permille) / 1000;
                }
            }
            Event::StepFinished { step, .. } | Event::StepFailed { step, .. } => {
                if let Some((ms, _)) = state.under_way.remove(step.slot.as_str()) {
                    state.done += ms;
                }
                if let Some(bar) = bar_of(&state, step) {
                    bar.inc(1);
                    if Some(bar.position()) >= bar.length() {
                        bar.finish_with_message("");
                    }
                }
            }
            Event::StepFallback { step, .. } => {
                state.under_way.remove(step.slot.as_str());
            }
            Event::RunFinished { .. } => {
                for bar in state.bars.values() {
                    bar.finish_and_clear();
                }
                self.all.finish_and_clear();
            }
            _ => {}
        }
        let under_way: u64 = state.under_way.values().map(|(_, done)| done).sum();
        self.all
            .set_position((state.done + under_way).min(self.all.length().unwrap_or_default()));
    }
}

/// A bar for things that are done one after the other; it is drawn on a terminal alone.
pub(crate) struct Count(ProgressBar);

impl Count {
    pub(crate) fn new(name: &'static str) -> Self {
        let bar = if Progress::is_wanted() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))
        } else {
            ProgressBar::hidden()
        };
        bar.set_style(style(
            "{prefix:<10.cyan} {bar:32.cyan/dim} {pos:>3}/{len:<4}",
        ));
        bar.set_prefix(name);
        Self(bar)
    }

    pub(crate) fn set(&self, done: usize, all: usize) {
        self.0.set_length(all as u64);
        self.0.set_position(done as u64);
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn tell_fallback(event: &Event) {
    if let Event::StepFallback {
        step,
        engine,
        other,
        because,
    } = event
    {
        show::note(format_args!(
            "{} {}: `{other}` in the place of `{engine}`: {because}",
            styled(WAIT, "fallback:"),
            step.slot
        ));
    }
}

fn bar_of<'a>(state: &'a State, step: &StepName) -> Option<&'a ProgressBar> {
    let index = STAGES
        .iter()
        .position(|(_, kinds)| kinds.contains(&step.kind.as_str()))?;
    state.bars.get(&index)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━╌")
}
