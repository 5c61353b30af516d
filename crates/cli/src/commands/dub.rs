use workprint_studio::ops::dub;
use workprint_studio::{ExitKind, Host, Place, StudioError};

use crate::args::DubAct;
use crate::show::{self, GOOD, styled};

pub(super) async fn run(host: &Host, act: DubAct) -> Result<ExitKind, StudioError> {
    match act {
        DubAct::Export {
            episode,
            language,
            to,
        } => {
            let place = Place::find(&host.directory, &episode)?;
            let sheet = Box::pin(dub::export(host, place, &language)).await?;
            let Some(to) = to else {
                print(&sheet);
                return Ok(ExitKind::Done);
            };
            let path = host.directory.join(to);
            std::fs::write(&path, &sheet).map_err(|source| StudioError::File {
                act: "write",
                path: path.clone(),
                source,
            })?;
            show::line(format_args!(
                "{} {}",
                styled(GOOD.bold(), "written:"),
                path.display()
            ));
        }
        DubAct::Import {
            episode,
            language,
            file,
        } => {
            let place = Place::find(&host.directory, &episode)?;
            let imported = dub::import(host, &place, &language, &file)?;
            for note in &imported.notes {
                show::diagnostic(note, Some(&host.directory));
            }
            show::line(format_args!(
                "{} {} texts in `{language}`, {} of them new or changed; {} are not translated",
                styled(GOOD.bold(), "taken over:"),
                imported.taken,
                imported.changed,
                imported.empty
            ));
        }
    }
    Ok(ExitKind::Done)
}

fn print(sheet: &str) {
    drop(std::io::Write::write_all(
        &mut std::io::stdout().lock(),
        sheet.as_bytes(),
    ));
}
