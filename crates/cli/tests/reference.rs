//! `docs/guide/commands.md` is what the program says of itself.

use std::path::PathBuf;

const HEAD: &str = "\
# Commands

What `workprint COMMAND --help` says, for every command. This page is generated: change
`crates/cli/src/args.rs` and run `script/update-generated`.
";

const HOW: &str = "docs/guide/commands.md is out of date: run `script/update-generated`";

#[test]
fn the_reference_is_up_to_date() {
    let written = std::fs::read_to_string(path()).expect(HOW);
    if let Some((line, (now, then))) = first_difference(&reference(), &written) {
        panic!("{HOW}\nline {line} is `{then}` and should be `{now}`");
    }
}

#[test]
#[ignore = "writes the reference: `script/update-generated` runs it"]
fn write() {
    std::fs::write(path(), reference()).unwrap();
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/commands.md")
}

fn reference() -> String {
    let mut page = HEAD.to_owned();
    describe(&mut page, &[]);
    page
}

/// Adds the help of a command and then of the commands under it.
fn describe(page: &mut String, command: &[&str]) {
    let help = help(command);
    let name: Vec<&str> = std::iter::once("workprint")
        .chain(command.iter().copied())
        .collect();
    let depth = "#".repeat(command.len().min(2) + 1);
    if !command.is_empty() {
        page.extend(["\n", &depth, " ", &name.join(" "), "\n"]);
    }
    page.extend(["\n```text\n", help.trim_end(), "\n```\n"]);
    for below in commands(&help) {
        describe(page, &[command, &[below]].concat());
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program under test is started, as a user would"
)]
fn help(command: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_workprint"))
        .args(command)
        .arg("--help")
        // Lines are as long as where there is no terminal.
        .env_remove("COLUMNS")
        .env("NO_COLOR", "1")
        .output()
        .expect("cargo built the program");
    assert!(output.status.success(), "{command:?}");
    let text = String::from_utf8(output.stdout).expect("help is UTF-8");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// The names under `Commands:`, without `help`.
fn commands(help: &str) -> impl Iterator<Item = &str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A name stands behind two spaces; a line that goes on stands farther right.
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
}

/// The number of the first line that differs, with both.
fn first_difference<'a>(one: &'a str, other: &'a str) -> Option<(usize, (&'a str, &'a str))> {
    let (one, other) = (one.lines().chain([""]), other.lines().chain([""]));
    one.zip(other)
        .enumerate()
        .find(|(_, (one, other))| one != other)
        .map(|(index, lines)| (index + 1, lines))
}
