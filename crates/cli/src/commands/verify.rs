use workprint_studio::ops::verify::{Credentials, CredentialsState, Ingredient, exit, verify};
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Verify;
use crate::show::{self, BAD, BOLD, DIM, GOOD, WAIT, styled};

/// How many parts are shown one by one.
const LISTED: usize = 40;

pub(super) async fn run(host: &Host, args: &Verify) -> Result<ExitKind, StudioError> {
    let found = verify(host, &args.file, &args.trust).await?;
    if args.json {
        show::json(&found);
    } else {
        tell(&args.file, &found);
    }
    Ok(exit(found.state))
}

fn tell(file: &str, found: &Credentials) {
    let verdict = match found.state {
        CredentialsState::None => styled(WAIT, "no content credentials"),
        CredentialsState::Invalid => styled(BAD.bold(), "content credentials that do not hold"),
        CredentialsState::Valid => styled(GOOD, "content credentials that hold"),
        CredentialsState::Trusted => styled(
            GOOD.bold(),
            "content credentials that hold, by a trusted signer",
        ),
    };
    show::line(format_args!("{}  {verdict}", styled(BOLD, file)));
    for problem in &found.problems {
        show::line(format_args!(
            "  {} {}  {}",
            styled(BAD, "✗"),
            problem.explanation,
            styled(DIM, &problem.code)
        ));
    }
    if found.state == CredentialsState::None {
        return;
    }
    signed(found);
    if let Some(title) = &found.title {
        row("title", title);
    }
    if let Some(made_by) = &found.made_by {
        row("made by", made_by);
    }
    if let Some(source) = &found.source_type {
        row("as a whole", source);
    }
    row(
        "synthetic",
        if found.synthetic {
            "yes"
        } else {
            "nothing by a trained model, as far as it says"
        },
    );
    let parts = found
        .made
        .iter()
        .filter(|made| made.action != "c2pa.created");
    for made in parts.take(LISTED) {
        let what = made.description.as_deref().unwrap_or(&made.action);
        let by = made.made_by.as_deref().unwrap_or("not told");
        show::line(format_args!(
            "  {what}: {by}  {}",
            styled(DIM, &made.source_type)
        ));
    }
    found
        .ingredients
        .iter()
        .filter(|part| part.marked)
        .take(LISTED)
        .for_each(marked);
}

fn row(name: &str, value: &str) {
    show::line(format_args!("  {name:<11} {value}"));
}

fn signed(found: &Credentials) {
    let Some(signer) = &found.signer else {
        row("signed by", "nobody that can be read");
        return;
    };
    let names = [&signer.name, &signer.organisation];
    let names: Vec<&str> = names.into_iter().filter_map(Option::as_deref).collect();
    let vouched = match found.state {
        CredentialsState::Trusted => "trusted",
        _ => "nobody that you trust vouches for them: `--trust FILE` names who does",
    };
    row("signed by", &format!("{}  ({vouched})", names.join(", ")));
    if let Some(time) = &signer.time {
        row("signed at", time);
    }
}

fn marked(part: &Ingredient) {
    let title = part.title.as_deref().unwrap_or("a part");
    let state = if part.problems.is_empty() {
        "has credentials of its own".to_owned()
    } else {
        format!(
            "has credentials of its own that did not hold: {}",
            part.problems.join(", ")
        )
    };
    show::line(format_args!("  {title} {state}"));
}
