//! What goes over the wire, kept as a file for each vendor and each library, beside this one: to be laid beside its
//! documentation. A format that changes is seen there.

use std::fmt::Write as _;

use workprint_fakes::Fake;

/// What the files are, and how they are written.
pub(crate) const HOW: &str = "what goes over the wire for a good order of each kind; written by \
    `INSTA_UPDATE=always cargo test -p workprint-providers is_what_was_recorded`";

/// What a fake was asked and answered since, under a title.
pub(crate) fn told(title: &str, fake: &Fake) -> String {
    let mut out = format!("==== {title} ====\n\n");
    for [asked, answered] in fake.exchanges() {
        // Writing to a String does not fail.
        let _ = writeln!(out, "{asked}\n---- answered\n\n{answered}");
    }
    out
}

/// Holds what went over the wire against the file of that name.
pub(crate) fn compare(name: &str, told: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(".");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(HOW);
    settings.bind(|| insta::assert_snapshot!(name, told.trim_end()));
}
