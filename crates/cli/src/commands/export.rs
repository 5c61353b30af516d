use workprint_studio::{ExitKind, Host, Place, StudioError, ops};

use crate::args::Export;
use crate::show;

pub(super) fn run(host: &Host, args: &Export) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.episode)?;
    let text = ops::import::export(&place)?;
    match &args.to {
        None => show::line(text.trim_end()),
        Some(file) => {
            let path = host.directory.join(file);
            std::fs::write(&path, text).map_err(|source| StudioError::File {
                act: "write",
                path,
                source,
            })?;
        }
    }
    Ok(ExitKind::Done)
}
