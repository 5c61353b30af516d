use workprint_model::Money;
use workprint_studio::ops::gates::{
    self, Answer as Answered, EpisodeGate, GateState, Reply, Verdict,
};
use workprint_studio::ops::log::readable;
use workprint_studio::ops::render::STAGES;
use workprint_studio::{ExitKind, Host, Place, StudioError};

use crate::args::{Answer, Gates};
use crate::show::{self, BOLD, BUSY, DIM, GOOD, PLAIN, WAIT, cell, number, styled};

/// How many of the things that a gate asks about are listed before the rest is only counted.
const LISTED: usize = 12;

pub(super) async fn list(host: &Host, args: &Gates) -> Result<ExitKind, StudioError> {
    if args.history {
        return history(host, args).await;
    }
    let (found, unreadable) = if let Some(episode) = &args.episode {
        let place = Place::find(&host.directory, episode)?;
        let found = gates::of_episode(host, place, &args.options()).await?;
        (found, Vec::new())
    } else {
        let all = gates::of_show(host, args.show.as_deref()).await?;
        (all.gates, all.unreadable)
    };
    if args.json {
        show::json(&found);
        return Ok(ExitKind::Done);
    }
    for (at, gate) in found.iter().enumerate() {
        if at > 0 {
            show::line("");
        }
        tell(gate, host.clock.now());
    }
    for (episode, why) in &unreadable {
        show::note(format_args!(
            "{} {episode}: {why}",
            styled(WAIT.bold(), "not looked at:")
        ));
    }
    if found.is_empty() && unreadable.is_empty() {
        show::line(match &args.episode {
            Some(_) => "no gate is closed",
            None => "no render waits for an answer",
        });
    }
    Ok(ExitKind::Done)
}

fn tell(found: &EpisodeGate, now: i64) {
    let EpisodeGate { episode, gate, .. } = found;
    let (style, word) = match found.state {
        GateState::Refused => (WAIT, "refused"),
        _ => (BUSY, "asked"),
    };
    let when = match (&found.answer, found.asked_at) {
        (Some(answer), _) => format!("{word} by {} {}", answer.who, show::ago(now - answer.at)),
        (None, Some(at)) => format!("{word} {}", show::ago(now - at)),
        (None, None) => "not asked by a render yet".to_owned(),
    };
    show::line(format_args!(
        "{} {}  {}  {}",
        styled(BOLD, episode),
        styled(style.bold(), &gate.name),
        when,
        styled(DIM, gate.digest.short())
    ));
    show::line(format_args!("  {}", gate.question));
    subjects(found);
    if let Some(note) = found
        .answer
        .as_ref()
        .and_then(|answer| answer.note.as_ref())
    {
        row("because", note);
    }
    let behind: Vec<String> = STAGES
        .iter()
        .filter_map(|(stage, _)| Some(format!("{stage} {}", found.behind.get(stage)?)))
        .collect();
    if !behind.is_empty() {
        row("holds back", behind.join(", "));
    }
    let (name, flags) = (&gate.name, flags(&found.film));
    let yes = format!("workprint approve {episode} {name}{flags}");
    row("yes", styled(BOLD, yes));
    if found.state == GateState::Asked {
        let no = format!("workprint reject {episode} {name}{flags} --note WHY");
        row("no", no);
    }
}

/// What a gate asks about, one by one.
fn subjects(found: &EpisodeGate) {
    let gate = &found.gate;
    let about = gate.about.iter().take(LISTED).map(|one| {
        vec![
            cell(PLAIN, one.slot.as_str()),
            number(PLAIN, price(one.cost)),
            cell(PLAIN, &one.what),
            cell(DIM, one.digest.short()),
        ]
    });
    show::table(4, &about.collect::<Vec<_>>());
    for (slot, file) in found.files.iter().take(LISTED) {
        row("look at", format_args!("{file}  {}", styled(DIM, slot)));
    }
    if gate.about.len() > LISTED {
        let more = gate.about.len() - LISTED;
        show::line(styled(DIM, format_args!("    and {more} more")));
    }
}

/// An amount; nothing where it costs nothing.
fn price(cost: Money) -> String {
    match cost {
        Money::ZERO => String::new(),
        cost => cost.exact(),
    }
}

fn row(name: &str, value: impl std::fmt::Display) {
    show::line(format_args!(
        "  {} {value}",
        styled(DIM, format_args!("{name:<10}"))
    ));
}

/// What must be said to mean this film.
fn flags(film: &str) -> String {
    let (output, dub) = film.split_once('@').unwrap_or((film, ""));
    let output = match output {
        "main" => String::new(),
        output => format!(" --output {output}"),
    };
    let dub = match dub {
        "" => String::new(),
        language => format!(" --dub {language}"),
    };
    output + &dub
}

async fn history(host: &Host, args: &Gates) -> Result<ExitKind, StudioError> {
    let (root, episode) = match &args.episode {
        Some(episode) => {
            let place = Place::find(&host.directory, episode)?;
            (place.root, Some(place.episode))
        }
        None => (
            Place::find_show(&host.directory, args.show.as_deref())?,
            None,
        ),
    };
    let answers = gates::history(host, (&root, episode.as_ref())).await?;
    if args.json {
        show::json(&answers);
        return Ok(ExitKind::Done);
    }
    let alike = |one: &Answered, other: &Answered| {
        (one.at, &one.gate, &one.episode, one.verdict)
            == (other.at, &other.gate, &other.episode, other.verdict)
    };
    for same in answers.chunk_by(alike) {
        let answer = &same[0];
        let (style, word) = match answer.verdict {
            Verdict::Approve => (GOOD, "approved"),
            Verdict::Reject => (WAIT, "rejected"),
        };
        let note = answer.note.as_ref().map(|note| format!(": {note}"));
        let count = match same.len() {
            1 => styled(DIM, answer.digest.short()),
            many => styled(DIM, format_args!("{many} things")),
        };
        show::line(format_args!(
            "{}  {} {} {}  {count}  by {}{}",
            readable(answer.at),
            styled(style, word),
            answer.episode,
            styled(BOLD, &answer.gate),
            answer.who,
            note.unwrap_or_default()
        ));
    }
    if answers.is_empty() {
        show::line("no gate was answered yet");
    }
    Ok(ExitKind::Done)
}

pub(super) async fn answer(
    host: &Host,
    args: Answer,
    verdict: Verdict,
) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.target.episode)?;
    let options = args.target.options(None);
    let (episode, flags) = (args.target.episode.clone(), args.target.flags());
    let reply = Reply {
        gate: args.gate,
        slots: args.slots,
        verdict,
        by: args.by,
        note: args.note,
    };
    let answered = gates::answer(host, place, &options, &reply).await?;
    if args.json {
        show::json(&answered);
        return Ok(ExitKind::Done);
    }
    let count = match answered.count {
        1 => String::new(),
        many => format!(", {many} things"),
    };
    let cost = match answered.cost.micros {
        0 => String::new(),
        _ => format!(", {} at most", answered.cost.exact()),
    };
    let name = &answered.name;
    match verdict {
        Verdict::Approve => {
            let word = styled(GOOD.bold(), "approved");
            show::line(format_args!("{word} {name}{count}{cost}"));
            show::note(format_args!("go on: `workprint render {episode}{flags}`"));
        }
        Verdict::Reject => {
            let word = styled(WAIT.bold(), "rejected");
            show::line(format_args!("{word} {name}{count}"));
            show::note(
                "what depends on it waits, and nobody is asked again until something in it changes",
            );
            show::note(format_args!(
                "take it back: `workprint approve {episode} {name}{flags}`"
            ));
        }
    }
    Ok(ExitKind::Done)
}
