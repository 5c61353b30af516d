use std::io::Write;

use workprint_model::Millis;
use workprint_studio::ops::frame::{At, frame};
use workprint_studio::{ExitKind, Host, Place, StudioError};

use crate::args::Frame;
use crate::show::{self, GOOD, styled};

pub(super) async fn run(host: &Host, args: &Frame) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.target.episode)?;
    let at = parse(&args.at).ok_or_else(|| {
        StudioError::request(
            format!(
                "`{}` is neither a frame nor a time",
                args.at.chars().take(40).collect::<String>()
            ),
            "write a frame such as `900`, or a time such as `30.0`, `0:30` or `00:00:30.5`",
        )
    })?;
    let options = args.target.options(None);
    let picture = Box::pin(frame(host, place, &options, at)).await?;
    if args.to.as_os_str() == "-" {
        drop(std::io::stdout().lock().write_all(&picture.png));
        return Ok(ExitKind::Done);
    }
    let path = host.directory.join(&args.to);
    std::fs::write(&path, &picture.png).map_err(|source| StudioError::File {
        act: "write",
        path: path.clone(),
        source,
    })?;
    show::line(format_args!(
        "{} frame {} of {}: {}",
        styled(GOOD.bold(), "painted"),
        picture.frame.0,
        picture.length.0,
        path.display()
    ));
    Ok(ExitKind::Done)
}

/// A whole number is a frame; anything with a point or a colon is a time.
fn parse(text: &str) -> Option<At> {
    if let Ok(frame) = text.parse() {
        return Some(At::Frame(frame));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let parts: Vec<i64> = whole
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    if parts.len() > 3 || parts.iter().any(|part| !(0..360_000).contains(part)) {
        return None;
    }
    let seconds = parts.iter().fold(0, |sum, part| sum * 60 + part);
    let thousandths: i64 = format!("{fraction:0<3}")[..3].parse().ok()?;
    Some(At::Time(Millis(seconds * 1000 + thousandths)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_times_are_told_apart() {
        assert_eq!(parse("900"), Some(At::Frame(900)));
        assert_eq!(parse("30.5"), Some(At::Time(Millis(30_500))));
        assert_eq!(parse("1:02:03.04"), Some(At::Time(Millis(3_723_040))));
        for text in ["", "x", "1:x", "-1", "1.-2", "1:2:3:4", "9999999999999:0"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
