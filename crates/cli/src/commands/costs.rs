use workprint_studio::ops::costs::{Sum, costs};
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Costs;
use crate::show::{self, BOLD, DIM, WAIT, styled};

pub(super) async fn run(host: &Host, args: &Costs) -> Result<ExitKind, StudioError> {
    let costs = costs(host, args.show.as_deref()).await?;
    if args.json {
        show::json(&costs);
        return Ok(ExitKind::Done);
    }
    let parts = [
        ("episode", &costs.episodes),
        ("model", &costs.models),
        ("day", &costs.days),
    ];
    for (what, sums) in parts {
        for (name, sum) in sums {
            tell(&format!("{what} {name}"), sum);
        }
    }
    tell("together", &costs.total);
    for (name, room) in &costs.budgets {
        let taken = room.taken.map_or_else(
            || format!("each {name}"),
            |taken| {
                format!(
                    "{} taken, {} left",
                    taken.exact(),
                    (room.limit - taken).exact()
                )
            },
        );
        show::line(format_args!(
            "{} {:>12}  {}",
            styled(BOLD, format_args!("budget {name:<33}")),
            room.limit.exact(),
            styled(DIM, taken)
        ));
    }
    if costs.budgets.is_empty() {
        show::line(styled(DIM, "no budget is set: nothing may be spent"));
    }
    Ok(ExitKind::Done)
}

fn tell(name: &str, sum: &Sum) {
    let reserved = if sum.reserved.micros == 0 {
        String::new()
    } else {
        styled(WAIT, format_args!("  {} reserved", sum.reserved.exact()))
    };
    show::line(format_args!(
        "{} {:>12}  {}{reserved}",
        styled(BOLD, format_args!("{name:<40}")),
        sum.spent.exact(),
        styled(DIM, format_args!("{} jobs", sum.jobs))
    ));
}
