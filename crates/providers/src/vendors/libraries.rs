//! The table of stock libraries.

use std::fmt::Write as _;

use super::{pexels, pixabay};
use crate::stock::Row;

/// Every library, by its name.
pub const LIBRARIES: &[Row] = &[pexels::ROW, pixabay::ROW];

/// The library of a name.
pub fn library(id: &str) -> Option<&'static Row> {
    LIBRARIES.iter().find(|row| row.id == id)
}

/// Their part of the page of vendors.
pub(super) fn page() -> String {
    let mut page = String::from(
        "\n# Stock libraries\n\nThey cost nothing. [stock.md](stock.md) says how their pictures and clips are found and used.\n",
    );
    for row in LIBRARIES {
        let (licence, licence_page) = row.licence;
        // Writing to a String does not fail.
        let _ = write!(
            page,
            "\n## {}\n\n`stock/{}/photos/NUMBER` and `stock/{}/videos/NUMBER`, asked at `{}`, with the key in `{}`.\n\n\
             | what | |\n| --- | --- |\n\
             | licence of what it has | [{licence}]({licence_page}) |\n\
             | requests that are sent at most | {} in {} s |\n",
            row.name,
            row.id,
            row.id,
            row.url,
            row.key.0,
            row.allows.0,
            row.allows.1.as_secs(),
        );
    }
    page
}
