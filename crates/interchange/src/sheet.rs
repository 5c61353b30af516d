//! Sheets for translators: CSV (RFC 4180) that every spreadsheet and translation tool opens.
//!
//! One row for each text. `id` says where it belongs and is not to be changed; `text` is the original,
//! `translation` is filled in, `say` too where a voice has to read something else than is written.
//! Sheets are written with commas and a byte order mark, which Excel needs to see UTF-8; they are read
//! with commas, semicolons or tabs, in any order of columns, with columns that nobody knows.

/// The largest sheet that is read.
pub const MOST_BYTES: usize = 16 << 20;
/// The most rows, and the most columns of one.
const MOST_ROWS: usize = 100_000;
const MOST_COLUMNS: usize = 100;

/// The columns of a sheet, in order.
const COLUMNS: [&str; 8] = [
    "id",
    "speaker",
    "starts",
    "seconds",
    "note",
    "text",
    "translation",
    "say",
];

/// A row of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Where the text belongs.
    pub id: String,
    /// Who says it.
    pub speaker: String,
    /// When it begins, for people.
    pub starts: String,
    /// How long it may take, in seconds with one decimal; empty where nothing limits it.
    pub seconds: String,
    /// A word for the translator.
    pub note: String,
    /// The original.
    pub text: String,
    /// The translation.
    pub translation: String,
    /// What a voice reads in its place.
    pub say: String,
}

impl Row {
    fn cells(&self) -> [&String; 8] {
        [
            &self.id,
            &self.speaker,
            &self.starts,
            &self.seconds,
            &self.note,
            &self.text,
            &self.translation,
            &self.say,
        ]
    }

    fn cell(&mut self, column: &str) -> Option<&mut String> {
        let at = COLUMNS.iter().position(|known| *known == column)?;
        let cells = [
            &mut self.id,
            &mut self.speaker,
            &mut self.starts,
            &mut self.seconds,
            &mut self.note,
            &mut self.text,
            &mut self.translation,
            &mut self.say,
        ];
        cells.into_iter().nth(at)
    }
}

/// Why a sheet cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: {message}")]
pub struct NotASheet {
    /// The line of the file, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

fn refused(line: usize, message: impl Into<String>) -> NotASheet {
    NotASheet {
        line,
        message: message.into(),
    }
}

/// Rows as CSV.
pub fn write(rows: &[Row]) -> String {
    let mut out = String::from('\u{feff}');
    out.push_str(&COLUMNS.join(","));
    out.push_str("\r\n");
    for row in rows {
        let cells = row.cells().map(|cell| quoted(cell));
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn quoted(cell: &str) -> String {
    let plain = !cell.contains([',', ';', '\t', '"', '\n', '\r']) && cell.trim() == cell;
    if plain {
        cell.to_owned()
    } else {
        format!("\"{}\"", cell.replace('"', "\"\""))
    }
}

/// Reads a sheet that was filled in. Rows without an id are left out.
pub fn read(text: &str) -> Result<Vec<Row>, NotASheet> {
    if text.len() > MOST_BYTES {
        return Err(refused(1, "the sheet is larger than 16 MiB"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text.lines().next().unwrap_or_default();
    let count = |mark: char| head.matches(mark).count();
    let separator = [',', ';', '\t']
        .into_iter()
        .max_by_key(|mark| count(*mark))
        .unwrap_or(',');
    let mut records = Records {
        rest: text,
        separator,
        line: 1,
    };
    let (_, head) = records
        .next()
        .unwrap_or_else(|| Err(refused(1, "the sheet is empty")))?;
    let names: Vec<String> = head.iter().map(|name| name.trim().to_lowercase()).collect();
    for needed in ["id", "translation"] {
        if !names.iter().any(|name| name == needed) {
            return Err(refused(1, format!("there is no column `{needed}`")));
        }
    }
    let mut rows = Vec::new();
    for record in records {
        let (line, cells) = record?;
        if rows.len() >= MOST_ROWS {
            return Err(refused(line, "the sheet has more than 100 000 rows"));
        }
        let mut row = Row::default();
        for (name, cell) in names.iter().zip(cells) {
            if let Some(place) = row.cell(name) {
                cell.trim().clone_into(place);
            }
        }
        if !row.id.is_empty() {
            rows.push(row);
        }
    }
    Ok(rows)
}

struct Records<'a> {
    rest: &'a str,
    separator: char,
    line: usize,
}

impl Iterator for Records<'_> {
    type Item = Result<(usize, Vec<String>), NotASheet>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let mut cells = vec![String::new()];
        let mut chars = self.rest.char_indices().peekable();
        let mut quoted = false;
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            let Some(cell) = cells.last_mut() else {
                break;
            };
            match c {
                '"' if quoted && next == Some('"') => {
                    cell.push('"');
                    chars.next();
                }
                '"' if quoted => quoted = false,
                '"' if cell.is_empty() => quoted = true,
                '\r' if !quoted && next == Some('\n') => {}
                '\n' | '\r' if !quoted => {
                    end = at + 1;
                    self.line += 1;
                    break;
                }
                c if c == self.separator && !quoted => {
                    if cells.len() >= MOST_COLUMNS {
                        self.rest = "";
                        return Some(Err(refused(line, "a row has more than 100 columns")));
                    }
                    cells.push(String::new());
                }
                c => {
                    self.line += usize::from(c == '\n');
                    cell.push(c);
                }
            }
        }
        self.rest = &self.rest[end..];
        if quoted {
            self.rest = "";
            return Some(Err(refused(line, "a quotation mark is never closed")));
        }
        Some(Ok((line, cells)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(id: &str, text: &str, translation: &str) -> Row {
        Row {
            id: id.to_owned(),
            text: text.to_owned(),
            translation: translation.to_owned(),
            ..Row::default()
        }
    }

    #[test]
    fn sheets_of_spreadsheets_are_read() {
        let semicolons = "\u{feff}ID;text;my own;translation\nc1;\"a; \"\"b\"\"\";x;uno\n;;;\nc2;\"two\nlines\";;\" dos \"";
        let rows = read(semicolons).unwrap();
        assert_eq!(
            rows,
            [row("c1", "a; \"b\"", "uno"), row("c2", "two\nlines", "dos")]
        );
        let tabs = "id\ttranslation\r\nc1\tuno, dos\r\n";
        assert_eq!(read(tabs).unwrap(), [row("c1", "", "uno, dos")]);
    }

    #[test]
    fn what_is_no_sheet_is_told() {
        let told = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(told(""), "line 1: the sheet is empty");
        assert_eq!(told("a,b\n"), "line 1: there is no column `id`");
        assert_eq!(
            told("id,translation\nx,\"y\n\n"),
            "line 2: a quotation mark is never closed"
        );
    }

    proptest! {
        #[test]
        fn sheets_come_back(cells in prop::collection::vec(("[a-z]{1,5}", "\\PC{0,20}", "[a-z,;\"\n\t]{0,12}"), 0..5)) {
            let rows: Vec<Row> = cells
                .iter()
                .map(|(id, text, translation)| row(id, text.trim(), translation.trim()))
                .collect();
            prop_assert_eq!(read(&write(&rows)).unwrap(), rows);
        }

        #[test]
        fn no_text_is_too_strange(text in "(id,translation\n)?[\\PC\n\r,;\"\t]{0,200}") {
            drop(read(&text));
        }
    }
}
