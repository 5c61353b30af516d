use workprint_studio::ops::stock::{Candidate, Search, Shape, StockKind, search};
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::{Stock, StockShape};
use crate::show::{self, BOLD, BUSY, DIM, PLAIN, cell, styled};

pub(super) async fn run(host: &Host, args: &Stock) -> Result<ExitKind, StudioError> {
    let wanted = Search {
        words: args.query.join(" "),
        kind: if args.videos {
            StockKind::Videos
        } else {
            StockKind::Photos
        },
        shape: args.shape.map(|shape| match shape {
            StockShape::Wide => Shape::Wide,
            StockShape::Tall => Shape::Tall,
        }),
        count: args.count,
        page: args.page,
    };
    let of = (args.show.as_deref(), args.vendor.as_deref());
    let stock = search(host, of, &wanted).await?;
    if args.json {
        show::json(&stock);
        return Ok(ExitKind::Done);
    }
    let rows: Vec<_> = stock.found.iter().map(row).collect();
    show::table(0, &rows);
    if rows.is_empty() {
        show::line("nothing was found");
    }
    for silent in &stock.silent {
        show::note(format_args!(
            "{}: {} {} {}",
            silent.vendor,
            silent.why,
            styled(BUSY, "hint:"),
            silent.hint
        ));
    }
    Ok(ExitKind::Done)
}

fn row(candidate: &Candidate) -> Vec<show::Cell> {
    let found = &candidate.found;
    let length = found.length_ms.map_or_else(String::new, |ms| {
        format!("{}.{} s", ms / 1000, ms % 1000 / 100)
    });
    let title: String = found.title.chars().take(60).collect();
    vec![
        cell(BOLD, &candidate.file),
        cell(
            PLAIN,
            format_args!("{}×{}", found.size.width, found.size.height),
        ),
        cell(PLAIN, length),
        cell(PLAIN, &found.author),
        cell(PLAIN, title),
        cell(DIM, &found.page),
        cell(DIM, &found.licence),
    ]
}
