//! One file for each command.

mod animatic;
mod captions;
mod check;
pub(crate) mod completions;
mod costs;
mod credits;
mod doctor;
mod dub;
mod engines;
mod explain;
mod export;
mod frame;
mod gates;
mod gc;
mod import;
mod jobs;
mod log;
mod new;
mod plan;
mod readout;
mod render;
pub(crate) mod schema;
mod sheet;
mod stock;
mod takes;
mod verify;
mod voices;

use workprint_studio::ops::gates::Verdict;
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Command;

/// Does what was asked for.
pub(crate) async fn run(host: &Host, command: Command) -> Result<ExitKind, StudioError> {
    match command {
        Command::New(args) => new::run(host, &args),
        Command::Import(args) => import::run(host, &args),
        Command::Export(args) => export::run(host, &args),
        Command::Check(args) => check::run(host, &args).await,
        Command::Plan(args) => plan::run(host, &args).await,
        Command::Render(args) => render::run(host, &args).await,
        Command::Captions(args) => captions::run(host, &args).await,
        Command::Dub(args) => dub::run(host, args.act).await,
        Command::Animatic(args) => animatic::run(host, &args).await,
        Command::Readout(args) => readout::run(host, &args).await,
        Command::Frame(args) => Box::pin(frame::run(host, &args)).await,
        Command::Sheet(args) => sheet::run(host, &args).await,
        Command::Takes(args) => Box::pin(takes::run(host, args.act)).await,
        Command::Explain(args) => explain::run(host, &args).await,
        Command::Credits(args) => credits::run(host, &args).await,
        Command::Verify(args) => verify::run(host, &args).await,
        Command::Gates(args) => gates::list(host, &args).await,
        Command::Approve(args) => Box::pin(gates::answer(host, args, Verdict::Approve)).await,
        Command::Reject(args) => Box::pin(gates::answer(host, args, Verdict::Reject)).await,
        Command::Jobs(args) => jobs::run(host, args).await,
        Command::Costs(args) => costs::run(host, &args).await,
        Command::Log(args) => log::run(host, &args).await,
        Command::Engines(args) => engines::run(host, &args).await,
        Command::Stock(args) => stock::run(host, &args).await,
        Command::Voices(args) => voices::run(host, &args).await,
        Command::Doctor(args) => Ok(doctor::run(host, &args)),
        Command::Gc(args) => gc::run(host, &args).await,
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}
