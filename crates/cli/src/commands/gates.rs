use workprint_studio::ops::gates::{Verdict, answer as record, closed};
use workprint_studio::{ExitKind, Host, Place, StudioError};

use crate::args::{Answer, Gates};
use crate::show::{self, BOLD, DIM, GOOD, WAIT, styled};

pub(super) async fn list(host: &Host, args: &Gates) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.target.episode)?;
    let gates = closed(host, place, &args.target.options(None)).await?;
    if args.json {
        show::json(&gates);
        return Ok(ExitKind::Done);
    }
    for gate in &gates {
        let digest = styled(DIM, gate.digest.short());
        show::line(format_args!(
            "{}  {}  {digest}",
            styled(WAIT.bold(), &gate.name),
            gate.question
        ));
    }
    if gates.is_empty() {
        show::line("no gate is closed");
    } else {
        let episode = &args.target.episode;
        show::line(format_args!(
            "answer: {}",
            styled(
                BOLD,
                format_args!("workprint approve {episode} GATE{}", args.target.flags())
            )
        ));
    }
    Ok(ExitKind::Done)
}

pub(super) async fn answer(
    host: &Host,
    args: Answer,
    verdict: Verdict,
) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.target.episode)?;
    let options = args.target.options(None);
    let gate = record(host, place, &options, &args.gate, (verdict, args.note)).await?;
    let word = match verdict {
        Verdict::Approve => styled(GOOD.bold(), "approved"),
        Verdict::Reject => styled(WAIT.bold(), "rejected"),
    };
    show::line(format_args!(
        "{word} {}  {}",
        gate.name,
        styled(DIM, gate.digest.short())
    ));
    Ok(ExitKind::Done)
}
