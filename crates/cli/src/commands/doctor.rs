use serde_json::json;
use workprint_studio::ops::doctor::{doctor, is_well};
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
    if is_well(&tools) {
        ExitKind::Done
    } else {
        ExitKind::MissingProgram
    }
}
