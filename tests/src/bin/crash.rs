//! Kills renders at random moments and looks that the next run always goes on. See `script/crash`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use workprint_tests::{Crash, Production};

const USAGE: &str = "usage: crash [--kills N] [--seed N] [--output NAME] [SHOW]

  SHOW  a folder with show.toml and an episode `pilot`; examples/first-light where it is left out
";

struct Asked {
    kills: u32,
    seed: u64,
    output: String,
    show: Option<String>,
}

fn asked(arguments: impl Iterator<Item = String>) -> Option<Asked> {
    let mut asked = Asked {
        kills: 50,
        seed: 1,
        output: "draft".to_owned(),
        show: None,
    };
    let mut rest = arguments;
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--kills" => asked.kills = rest.next()?.parse().ok()?,
            "--seed" => asked.seed = rest.next()?.parse().ok()?,
            "--output" => asked.output = rest.next()?,
            _ if word.starts_with('-') || asked.show.is_some() => return None,
            _ => asked.show = Some(word),
        }
    }
    Some(asked)
}

fn main() -> ExitCode {
    let tell = |line: String| drop(writeln!(std::io::stdout(), "{line}"));
    let Some(asked) = asked(std::env::args().skip(1)) else {
        drop(write!(std::io::stderr(), "{USAGE}"));
        return ExitCode::from(2);
    };
    let production = match &asked.show {
        Some(show) => Production::of(Path::new(show)),
        None => Production::first_light(),
    };
    let film = match asked.output.as_str() {
        "main" => "pilot.mp4".to_owned(),
        output => format!("pilot.{output}.mp4"),
    };
    tell(format!("{} kills with seed {}", asked.kills, asked.seed));
    let crash = Crash {
        production: &production,
        options: &["--output", &asked.output],
        film: &film,
        kills: asked.kills,
        seed: asked.seed,
    };
    let report = crash.run(tell);
    tell(format!(
        "{} kills, {} films made: every next run went on, no kept step was performed again, and the \
         frames, samples and lock are the undisturbed run's",
        report.kills, report.rounds
    ));
    ExitCode::SUCCESS
}
