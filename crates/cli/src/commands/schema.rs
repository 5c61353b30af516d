use workprint_studio::{ExitKind, StudioError, ops};

use crate::args::{Format, Schema};
use crate::show;

pub(crate) fn run(args: &Schema) -> Result<ExitKind, StudioError> {
    let name = match args.format {
        Format::Manifest => "manifest",
        Format::Show => "show",
        Format::Lock => "lock",
    };
    show::line(ops::schema::schema(name)?.trim_end());
    Ok(ExitKind::Done)
}
