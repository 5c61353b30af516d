//! `workprint`: the command line.
//!
//! One file for each command in [`commands`]; all of them only read arguments, call an operation of
//! `studio` and show what it gave. What people read goes to standard output in the shape of the
//! command's answer; progress and errors go to standard error.

mod args;
mod boundary;
mod commands;
mod memory;
mod progress;
mod proof;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    memory::settle();
    let cli = Cli::parse();
    // Completions and schemas need neither threads nor programs.
    match &cli.command {
        Command::Completions(args) => return finish(commands::completions::run(args)),
        Command::Schema(args) => return finish(commands::schema::run(args)),
        _ => {}
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            show::problem(&format!("cannot start threads: {error}"), &[]);
            return ExitCode::from(ExitKind::Failed.code());
        }
    };
    let result = host(&cli).and_then(|host| runtime.block_on(commands::run(&host, cli.command)));
    // A thread that still waits for a stopped program must not keep the process alive.
    runtime.shutdown_background();
    finish(result)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is read here and nowhere else"
)]
fn host(cli: &Cli) -> Result<Host, StudioError> {
    let here = std::env::current_dir().map_err(|error| {
        StudioError::request(
            format!("the current folder cannot be read: {error}"),
            "go into a folder that exists",
        )
    })?;
    let directory = cli
        .directory
        .as_ref()
        .map_or_else(|| here.clone(), |folder| here.join(folder));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let user = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    let command: Vec<String> = std::env::args().take(12).collect();
    let mut host = Host::find(
        &path,
        cache_folder(),
        directory,
        user.unwrap_or_else(|| "unknown".to_owned()),
        command.join(" "),
    );
    boundary::set(&mut host);
    host.credentials = credentials_folder();
    host.receiver = Some(workprint_server::receive);
    Ok(host)
}

/// Where this user's signing key is kept, by the XDG base directory specification;
/// `WORKPRINT_CREDENTIALS=off` signs nothing.
#[expect(
    clippy::disallowed_methods,
    reason = "where a person's programs keep things is said in the environment"
)]
fn credentials_folder() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    if std::env::var_os("WORKPRINT_CREDENTIALS").is_some_and(|said| said == "off") {
        return None;
    }
    let kept = set("XDG_DATA_HOME").filter(|folder| folder.is_absolute());
    let kept = kept.or_else(|| Some(set("HOME")?.join(".local/share")))?;
    Some(kept.join("workprint/credentials"))
}

/// Where programs keep what can be found out again, by the XDG base directory specification.
#[expect(
    clippy::disallowed_methods,
    reason = "where a person's programs keep things is said in the environment"
)]
fn cache_folder() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").filter(|folder| folder.is_absolute());
    let cache = cache.or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(cache.join("workprint"))
}

fn finish(result: Result<ExitKind, StudioError>) -> ExitCode {
    let kind = match result {
        Ok(kind) => kind,
        Err(error) => {
            show::error(&error);
            error.exit()
        }
    };
    ExitCode::from(kind.code())
}
