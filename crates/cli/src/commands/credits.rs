use workprint_studio::ops::credits::{credits, sheet};
use workprint_studio::{ExitKind, Host, Place, StudioError};

use crate::args::Credits;
use crate::show;

pub(super) async fn run(host: &Host, args: &Credits) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.target.episode)?;
    let found = credits(host, place, &args.target.options(None)).await?;
    if args.json {
        show::json(&found);
    } else {
        show::line(sheet(&found).trim_end());
    }
    Ok(ExitKind::Done)
}
