//! What can be asked for on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use workprint_model::{Dollars, Language, Millis};
use workprint_studio::ops::render::RenderOptions;
use workprint_studio::ops::sheet::Every;

const AFTER: &str = "\
Exit codes: 0 done, 1 a step failed, 2 not understood, 3 the production has errors, \
4 waiting at a gate, 5 another process holds the production, 6 a program is missing, \
7 the film's proof found faults, 8 a file's credentials do not hold, 9 it has none, 130 stopped.";

/// A build system for video productions.
#[derive(Debug, Parser)]
#[command(name = "workprint", version, about, after_help = AFTER, max_term_width = 100)]
pub(crate) struct Cli {
    /// Work in this folder instead of the current one.
    #[arg(short = 'C', long, global = true, value_name = "FOLDER")]
    pub(crate) directory: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a show with one episode that renders as it is
    New(New),
    /// Make an episode of a Fountain or Markdown script
    Import(Import),
    /// Write an episode as a Fountain script
    Export(Export),
    /// Say everything that is wrong with an episode
    Check(Check),
    /// Say what a render would do, why, and what it would cost
    Plan(Plan),
    /// Make the finished films of an episode
    Render(Render),
    /// Hold a caption file against an episode: its words, its times, the rules of its language
    Captions(Captions),
    /// Write what is to be translated as a sheet, and read it back
    Dub(Dub),
    /// Make a small film to judge the timing by, whatever is missing; it costs nothing
    Animatic(Animatic),
    /// Speak the whole script before any picture: a page that plays it, and its sound
    Readout(Readout),
    /// Paint one frame of an episode as a PNG, rendered or not
    Frame(Frame),
    /// Lay a frame of every shot out on a page, rendered or not
    Sheet(Sheet),
    /// List, choose, pin, add, renew and take back takes
    Takes(Takes),
    /// Say how a film, a frame of it, or a step came to be
    Explain(Explain),
    /// Say what a film is made of, what of it is synthetic, and under which licences
    Credits(Credits),
    /// Say what a file's content credentials are worth, whoever signed it
    Verify(Verify),
    /// List the questions that renders wait for, and what was answered
    Gates(Gates),
    /// Answer a gate with yes, or take a no back
    Approve(Answer),
    /// Answer a gate with no, or take a yes back
    Reject(Answer),
    /// List orders that cost money, and answer for those that nobody knows the outcome of
    Jobs(Jobs),
    /// Say what a show has cost, for what, and what its budgets leave
    Costs(Costs),
    /// Show the runs of a show, or what happened in one
    Log(Log),
    /// Say which engines a show has, which of them are up, and what would make what
    Engines(Engines),
    /// Search stock libraries for pictures and clips that a manifest can name
    Stock(Stock),
    /// List and search the voices of engines, as a manifest names them
    Voices(ListVoices),
    /// Say what this machine has and what is missing
    Doctor(Doctor),
    /// Remove from the vault what nothing can reach, or verify it
    Gc(Gc),
    /// Print the JSON Schema of a stored format
    Schema(Schema),
    /// Print completions for a shell
    Completions(Completions),
}

/// An episode and what to make of it.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The episode: its name, or a path to it or its manifest
    #[arg(value_name = "EPISODE")]
    pub(crate) episode: String,
    /// The output of show.toml to make
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
    /// Speak and write in this language, from the manifest's dub texts
    #[arg(long, value_name = "LANG")]
    dub: Option<Language>,
}

/// Which stages.
#[derive(Debug, Args)]
pub(crate) struct Stages {
    /// Forget kept results from this stage on: speak (lines that were bought), voice, change (recordings in
    /// another voice), recognise (what was heard in them), align, generate (pictures and clips that were bought), images, clips,
    /// upscale, smooth, graphics, compose (music and effects that were bought), music, picture, sound, captions or master
    #[arg(long, value_name = "STAGE", conflicts_with = "only")]
    from: Option<String>,
    /// Run this stage alone, from what is kept; what it lacks is named
    #[arg(long, value_name = "STAGE")]
    only: Option<String>,
    /// How many steps at once [default: one for each core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

impl Target {
    /// What must be said again to mean the same film.
    pub(crate) fn flags(&self) -> String {
        let output = self.output.as_ref().map(|name| format!(" --output {name}"));
        let dub = self
            .dub
            .as_ref()
            .map(|language| format!(" --dub {language}"));
        output.into_iter().chain(dub).collect()
    }

    /// The options of an operation.
    pub(crate) fn options(&self, stages: Option<&Stages>) -> RenderOptions {
        RenderOptions {
            output: self.output.clone(),
            dub: self.dub.clone(),
            from: stages.and_then(|stages| stages.from.clone()),
            only: stages.and_then(|stages| stages.only.clone()),
            jobs: stages.and_then(|stages| stages.jobs).map(usize::from),
            animatic: None,
            readout: false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder to make
    pub(crate) folder: String,
    /// The show's title [default: the folder's name]
    #[arg(long)]
    pub(crate) title: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The script: a .fountain or .md file
    pub(crate) script: String,
    /// The show [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) show: Option<String>,
    /// The episode's name [default: from the script's]
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The episode
    pub(crate) episode: String,
    /// Where to write; standard output where it is left out
    #[arg(long, short, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The episode
    pub(crate) episode: String,
    /// One diagnostic a line, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) stages: Stages,
    /// Show every step, kept ones too
    #[arg(long, short)]
    pub(crate) all: bool,
    /// The whole plan as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Render {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) stages: Stages,
    /// Where it ends waiting, go on when an answer is given, a file comes back, or the episode is edited
    #[arg(long)]
    pub(crate) wait: bool,
    /// One event a line on standard output, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Animatic {
    #[command(flatten)]
    pub(crate) target: Target,
    /// What is heard where no voice is kept
    #[arg(long, value_name = "VOICES", default_value = "espeak")]
    pub(crate) voices: Voices,
    /// How many steps at once [default: one for each core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// One event a line on standard output, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Readout {
    /// The episode: its name, or a path to it or its manifest
    #[arg(value_name = "EPISODE")]
    pub(crate) episode: String,
    /// The output of show.toml whose frame rate and loudness it has
    #[arg(long, value_name = "NAME")]
    pub(crate) output: Option<String>,
    /// Read in this language, from the manifest's dub texts
    #[arg(long, value_name = "LANG")]
    pub(crate) lang: Option<Language>,
    /// How many steps at once [default: one for each core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// One event a line on standard output, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Captions {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The captions: an .srt or .vtt file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// One diagnostic a line, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Dub {
    #[command(subcommand)]
    pub(crate) act: DubAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DubAct {
    /// Write a sheet (CSV) of all that is said and read, with the time that each line has
    Export {
        /// The episode
        episode: String,
        /// The language to translate into
        language: Language,
        /// Where to write; standard output where it is left out
        #[arg(long, short, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Take the translations of a sheet into the manifest
    Import {
        /// The episode
        episode: String,
        /// The language that was translated into
        language: Language,
        /// The sheet: CSV with commas, semicolons or tabs
        file: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Voices {
    /// The cast's voices, where they cost nothing
    Espeak,
    /// Silence, about as long as the line
    Silence,
}

#[derive(Debug, Args)]
pub(crate) struct Frame {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The frame's number, or its time as SECONDS, MM:SS or HH:MM:SS with a decimal point or `:`
    #[arg(value_name = "FRAME|TIME")]
    pub(crate) at: String,
    /// Where to write the PNG; `-` is standard output
    #[arg(
        long,
        short,
        visible_short_alias = 'o',
        value_name = "FILE",
        default_value = "frame.png"
    )]
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Sheet {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Which frames: the middle one of every `shot`, or one for every so many seconds, such as `5`
    /// or `0.5s`
    #[arg(long, value_name = "shot|SECONDS", default_value = "shot", value_parser = every)]
    pub(crate) every: Every,
    /// Frames side by side [default: by their shape]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=24))]
    pub(crate) columns: Option<u32>,
    /// Where to write the PNG; further pages go beside it, numbered from 2
    #[arg(
        long,
        short,
        visible_short_alias = 'o',
        value_name = "FILE",
        default_value = "sheet.png"
    )]
    pub(crate) to: PathBuf,
    /// How many frames at once [default: one for each core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: Option<u16>,
    /// What is on the pages as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `shot`, or seconds with at most three decimals and an `s` behind them or none.
fn every(text: &str) -> Result<Every, String> {
    if text == "shot" {
        return Ok(Every::Shot);
    }
    let number = text.strip_suffix('s').unwrap_or(text).trim_end();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    let ms = format!("{whole}{fraction:0<3}").parse::<i64>();
    match ms {
        Ok(ms) if ms > 0 && digits(whole) && digits(fraction) && fraction.len() <= 3 => {
            Ok(Every::Time(Millis(ms)))
        }
        _ => Err("write `shot`, or seconds such as `5` or `0.5s`".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Jobs {
    #[command(subcommand)]
    pub(crate) act: Option<JobsAct>,
    /// The show [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER", global = true)]
    pub(crate) show: Option<String>,
    /// As JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsAct {
    /// List the jobs that are under way or wait for an answer
    List {
        /// Also those that are over
        #[arg(long)]
        all: bool,
    },
    /// Say everything that is known of a job
    Explain {
        /// The job's number
        job: i64,
    },
    /// Look for a parked job again, or try a failed one without waiting
    Retry {
        /// The job's number
        job: i64,
    },
    /// Say what became of a job that nobody knows the outcome of
    Resolve(Resolve),
    /// Ask the vendor to stop a job
    Cancel {
        /// The job's number
        job: i64,
    },
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("found").required(true))]
pub(crate) struct Resolve {
    /// The job's number
    pub(crate) job: i64,
    /// The vendor has it under this name, as its own pages show: fetch what it made
    #[arg(long, value_name = "NAME", group = "found")]
    pub(crate) adopt: Option<String>,
    /// It was paid, and what it made cannot be had
    #[arg(long, group = "found")]
    pub(crate) paid: bool,
    /// What was paid, if not what was reserved
    #[arg(long, value_name = "DOLLARS", requires = "paid")]
    pub(crate) cost: Option<Dollars>,
    /// It was not taken, or is not charged for
    #[arg(long, group = "found")]
    pub(crate) unpaid: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Costs {
    /// The show [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) show: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Takes {
    #[command(subcommand)]
    pub(crate) act: TakesAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TakesAct {
    /// List the takes of an episode or of one slot
    List {
        /// The episode
        episode: String,
        /// The slot, such as `voice/c3`
        slot: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Choose an earlier take; it stays until it is undone
    Select {
        /// The episode
        episode: String,
        /// The slot
        slot: String,
        /// The take's number
        take: usize,
    },
    /// Keep the chosen take, whatever the manifest says
    Pin {
        /// The episode
        episode: String,
        /// The slot
        slot: String,
    },
    /// Add a file as a take and choose it
    Add {
        /// The episode
        episode: String,
        /// The slot
        slot: String,
        /// The file
        file: String,
    },
    /// Let go of the chosen take: the next render makes it by what the manifest says now
    Renew {
        /// The episode
        episode: String,
        /// The slot, such as `speaker/ann`
        slot: String,
    },
    /// Take back the latest choice
    Undo {
        /// The episode
        episode: String,
        /// The slot
        slot: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A file of `final/`, or a slot such as `voice/c3`
    #[arg(value_name = "PATH|SLOT")]
    pub(crate) subject: String,
    /// Explain this frame of the film, counted from 0
    #[arg(long, value_name = "N")]
    pub(crate) frame: Option<u64>,
    /// The show [default: the one around the file or the current folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) show: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Credits {
    #[command(flatten)]
    pub(crate) target: Target,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A film, a picture or a sound
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// Trust those too that the certificates in this PEM file vouch for; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Gates {
    /// The episode: its name, or a path to it or its manifest; all of the show where it is left out
    #[arg(value_name = "EPISODE")]
    pub(crate) episode: Option<String>,
    /// The output of show.toml that is asked about
    #[arg(long, value_name = "NAME", requires = "episode")]
    output: Option<String>,
    /// The dub that is asked about
    #[arg(long, value_name = "LANG", requires = "episode")]
    dub: Option<Language>,
    /// The show [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER", conflicts_with = "episode")]
    pub(crate) show: Option<String>,
    /// What was answered, by whom, and why; the newest first
    #[arg(long)]
    pub(crate) history: bool,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl Gates {
    /// The options of an operation.
    pub(crate) fn options(&self) -> RenderOptions {
        RenderOptions {
            output: self.output.clone(),
            dub: self.dub.clone(),
            ..RenderOptions::default()
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Answer {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The gate, as `workprint gates` names it, or how its digest begins
    pub(crate) gate: String,
    /// Only about what fills these slots, such as `generate/s4` [default: all that it asks about]
    #[arg(value_name = "SLOT")]
    pub(crate) slots: Vec<String>,
    /// Why, for those who come later
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Who says so [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// The number of a run; the latest runs where it is left out
    pub(crate) run: Option<u64>,
    /// The show [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) show: Option<String>,
    /// How many runs
    #[arg(long, short = 'n', default_value_t = 10)]
    pub(crate) limit: u32,
    /// One object a line, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Engines {
    /// The episode whose pictures, clips and voices are gone through; without one, the engines alone
    #[arg(value_name = "EPISODE")]
    pub(crate) episode: Option<String>,
    /// The show [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER", conflicts_with = "episode")]
    pub(crate) show: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Stock {
    /// What should be seen, in a few words
    #[arg(value_name = "QUERY", required = true)]
    pub(crate) query: Vec<String>,
    /// Clips in place of pictures
    #[arg(long)]
    pub(crate) videos: bool,
    /// The library to search [default: all that there is a key for]
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    /// Only what is of this shape, where the library can tell
    #[arg(long, value_name = "SHAPE")]
    pub(crate) shape: Option<StockShape>,
    /// How many of each library, 3 to 80
    #[arg(long, short = 'n', default_value_t = 10, value_parser = clap::value_parser!(u32).range(3..=80))]
    pub(crate) count: u32,
    /// Which page with so many
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) page: u32,
    /// The show whose settings count [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) show: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListVoices {
    /// Words in names and in what is told of voices [default: all]
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// The engine: `espeak`, one of `[engines.voices]`, or a vendor [default: all of the show, and espeak]
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Option<String>,
    /// Only those that speak this language, such as `en` or `en-GB`
    #[arg(long, value_name = "LANG")]
    pub(crate) language: Option<String>,
    /// Only `female` or `male` ones, or what else the engine calls them
    #[arg(long, value_name = "GENDER")]
    pub(crate) gender: Option<String>,
    /// Only those of this accent, such as `british`
    #[arg(long, value_name = "ACCENT")]
    pub(crate) accent: Option<String>,
    /// Those that customers of the vendor share, in the place of your own
    #[arg(long)]
    pub(crate) shared: bool,
    /// How many of each engine, 1 to 1000
    #[arg(long, short = 'n', default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) count: u32,
    /// The show whose engines are meant [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) show: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How the sides of what is searched for are to each other.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum StockShape {
    /// Wider than high
    Wide,
    /// Higher than wide
    Tall,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Gc {
    /// Only say what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Read every artifact and move damaged ones away, instead of removing anything
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) verify: bool,
    /// Keep what is younger than this many hours
    #[arg(long, value_name = "HOURS", default_value_t = 168)]
    pub(crate) grace: u32,
    /// The show [default: the one around the current folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) show: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Which format
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// manifest.json
    Manifest,
    /// show.toml
    Show,
    /// episode.lock
    Lock,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Which shell
    pub(crate) shell: Shell,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_by_shot_or_by_seconds() {
        assert_eq!(every("shot"), Ok(Every::Shot));
        assert_eq!(every("5"), Ok(Every::Time(Millis(5000))));
        assert_eq!(every("0.25s"), Ok(Every::Time(Millis(250))));
        assert_eq!(every("1.5 s"), Ok(Every::Time(Millis(1500))));
        for text in ["", "0", "-1", "s", "x", "1.2345", "1:00", "99999999"] {
            assert!(every(text).is_err(), "{text}");
        }
    }
}
