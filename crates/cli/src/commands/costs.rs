use std::collections::BTreeMap;

use workprint_studio::ops::costs::{Costs as Told, Sum, costs};
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Costs;
use crate::show::{self, BOLD, Cell, DIM, PLAIN, WAIT, cell, number, styled};

pub(super) async fn run(host: &Host, args: &Costs) -> Result<ExitKind, StudioError> {
    let costs = costs(host, args.show.as_deref()).await?;
    if args.json {
        show::json(&costs);
        return Ok(ExitKind::Done);
    }
    let parts = [
        ("episodes", &costs.episodes),
        ("models", &costs.models),
        ("days, UTC", &costs.days),
    ];
    let mut rows = vec![sum("together", &costs.total)];
    for (what, sums) in parts {
        group(&mut rows, what, sums);
    }
    show::table(0, &rows);
    budgets(&costs);
    Ok(ExitKind::Done)
}

fn group(rows: &mut Vec<Vec<Cell>>, what: &str, sums: &BTreeMap<String, Sum>) {
    if sums.is_empty() {
        return;
    }
    rows.push(vec![cell(DIM, what)]);
    rows.extend(
        sums.iter()
            .map(|(name, one)| sum(&format!("  {name}"), one)),
    );
}

fn sum(name: &str, sum: &Sum) -> Vec<Cell> {
    let orders = if sum.jobs == 1 { "order" } else { "orders" };
    let reserved = match sum.reserved.micros {
        0 => String::new(),
        _ => format!("and {} reserved", sum.reserved.exact()),
    };
    vec![
        cell(BOLD, name),
        number(PLAIN, sum.spent.exact()),
        number(DIM, format_args!("{} {orders}", sum.jobs)),
        cell(WAIT, reserved),
    ]
}

fn budgets(costs: &Told) {
    if costs.budgets.is_empty() {
        show::line(styled(DIM, "no budget is set: nothing may be spent"));
        return;
    }
    let rows = costs.budgets.iter().map(|(name, room)| {
        let mut row = vec![
            cell(BOLD, format_args!("  {name}")),
            number(PLAIN, room.limit.exact()),
        ];
        match room.taken {
            None => row.push(cell(DIM, format_args!("for each {name}"))),
            Some(taken) => {
                let left = room.limit - taken;
                row.push(cell(
                    DIM,
                    format_args!("{} taken, {} left", taken.exact(), left.exact()),
                ));
            }
        }
        row
    });
    show::line(styled(DIM, "budgets"));
    show::table(0, &rows.collect::<Vec<_>>());
}
