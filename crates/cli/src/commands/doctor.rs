use serde_json::json;
use workprint_studio::ops::doctor::{EncoderState, doctor, encoders, is_well, libraries, vendors};
use workprint_studio::{ExitKind, Host};

use crate::args::Doctor;
use crate::show::{self, BAD, BOLD, BUSY, DIM, GOOD, WAIT, styled};

pub(super) fn run(host: &Host, args: &Doctor) -> ExitKind {
    let tools = doctor(host);
    for tool in &tools {
        if args.json {
            show::json(&json!({
                "name": tool.name, "path": tool.path, "identity": tool.identity,
                "purpose": tool.purpose, "needed": tool.needed,
            }));
            continue;
        }
        let name = styled(BOLD, format_args!("{:<18}", tool.name));
        if let Some(identity) = &tool.identity {
            show::line(format_args!("{} {name} {identity}", styled(GOOD, "✓")));
            if let Some(path) = &tool.path {
                show::line(format_args!("  {:<18} {}", "", styled(DIM, path.display())));
            }
        } else {
            let mark = if tool.needed {
                styled(BAD, "✗")
            } else {
                styled(WAIT, "–")
            };
            show::line(format_args!("{mark} {name} missing; it {}", tool.purpose));
            show::line(format_args!(
                "  {:<18} {} {}",
                "",
                styled(BUSY, "hint:"),
                tool.hint
            ));
        }
    }
    if !args.json {
        show::line(format_args!("  {:<18} {}", "cores", host.cores));
    }
    tell_encoders(&encoders(host), args.json);
    // What is one's own has no variable of its own.
    let paid = vendors(host)
        .into_iter()
        .filter(|state| !state.row.is_own());
    let paid = paid.map(|state| (state.row.id, state.row.key.0, state.has_key));
    tell_keys("vendors that cost money", paid, args.json);
    let stock = libraries(host).into_iter();
    let stock = stock.map(|state| (state.row.id, state.row.key.0, state.has_key));
    tell_keys("stock libraries", stock, args.json);
    if is_well(&tools) {
        ExitKind::Done
    } else {
        ExitKind::MissingProgram
    }
}

fn tell_encoders(states: &[EncoderState], json: bool) {
    if !json && !states.is_empty() {
        show::line(styled(BOLD, "\nencoders"));
    }
    for state in states {
        let (identity, why) = match &state.works {
            Ok(identity) => (Some(identity), None),
            Err(why) => (None, Some(why)),
        };
        if json {
            show::json(&json!({
                "encoder": state.encoder, "device": state.device, "works": state.works.is_ok(),
                "identity": identity, "why": why,
            }));
            continue;
        }
        let name = styled(BOLD, format_args!("{:<18}", state.encoder.name()));
        match &state.works {
            Ok(identity) => show::line(format_args!(
                "{} {name} {identity}  {}",
                styled(GOOD, "✓"),
                styled(DIM, format_args!("on {}", state.device))
            )),
            Err(why) => show::line(format_args!("{} {name} not here: {why}", styled(WAIT, "–"))),
        }
    }
}

/// Who has a key in which variable.
fn tell_keys(
    title: &str,
    all: impl Iterator<Item = (&'static str, &'static str, bool)>,
    json: bool,
) {
    if !json {
        show::line(styled(BOLD, format_args!("\n{title}")));
    }
    for (id, variable, has_key) in all {
        if json {
            show::json(&json!({"vendor": id, "key": variable, "has_key": has_key}));
            continue;
        }
        let name = styled(BOLD, format_args!("{id:<18}"));
        if has_key {
            show::line(format_args!(
                "{} {name} has a key in {variable}",
                styled(GOOD, "✓")
            ));
        } else {
            show::line(format_args!(
                "{} {name} no key: {variable} is not set",
                styled(WAIT, "–")
            ));
        }
    }
}
