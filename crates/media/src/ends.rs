//! Where a file really ends, whatever its head says.

use std::path::Path;

use serde::Deserialize;
use workprint_model::{SAMPLE_RATE, Samples};

use crate::Media;
use crate::error::{MediaError, Result};
use crate::probe::{Probe, SAFE_INPUT, of_input, open, samples};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;

/// Only so much of a file's end is read where its index leads there.
const TAIL: u64 = 4 * SAMPLE_RATE as u64;

/// Ending earlier than said by less than this is rounding, and the last frame's own length.
const GRACE: u64 = SAMPLE_RATE as u64 / 4;

/// Ending later than said by less than this is rounding.
const ROUNDING: u64 = SAMPLE_RATE as u64 / 200;

/// A file with no more bytes is read at once.
const SHORT: u64 = 4 << 20;

/// The most text that describes a file's pieces: of some hundred hours.
pub(crate) const LONGEST: u64 = 256 << 20;

/// Where what is in a file ends, counted from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// After the last frame of the picture; what the head says where it is right about it.
    pub picture: Samples,
    /// What the head says, where picture and sound end clearly before it: the file was cut short, or
    /// its head is wrong.
    pub promised: Option<Samples>,
}

impl Media {
    /// Looks into a file, as [`Self::probe`] does, and finds out where it really ends.
    ///
    /// Reads the last seconds of a whole file, and all of a short one and of one that is cut short.
    /// Nothing is decoded: a file may have frames that are there and broken.
    pub fn probe_to_end(&self, path: &Path) -> Result<(Probe, Ends)> {
        let bytes = std::fs::metadata(path).map_err(MediaError::io("read", path))?;
        if bytes.len() > SHORT {
            let probe = self.probe(path)?;
            let ends = self.ends(path, &probe)?;
            return Ok((probe, ends));
        }
        let (probe, last) = self.probe_with_pieces(path)?;
        let ends = Ends::of(&probe, |_| Ok(last))?;
        Ok((probe, ends))
    }

    /// Finds out where a probed file really ends, however short it is, from its last seconds.
    pub fn ends(&self, path: &Path, probe: &Probe) -> Result<Ends> {
        Ends::of(probe, |whole| {
            let last = self.last_pieces(path, whole - Samples(TAIL))?;
            if last.reaches(whole) || whole.0 <= TAIL {
                return Ok(last);
            }
            self.last_pieces(path, Samples(0))
        })
    }

    fn last_pieces(&self, path: &Path, from: Samples) -> Result<Last> {
        let mut arguments = Arguments::default();
        // A file that is cut short is what this is for: it is no error.
        arguments.add(["-hide_banner", "-v", "fatal"]);
        arguments.add(SAFE_INPUT);
        arguments.add([
            "-show_entries",
            "packet=codec_type,pts_time,duration_time,flags",
        ]);
        arguments.add(["-show_entries", "format=start_time", "-of", "compact=nk=1"]);
        if from > Samples(0) {
            let seconds = from.0 / u64::from(SAMPLE_RATE);
            arguments.set("-read_intervals", format!("+{seconds}%"));
        }
        arguments.add(["-i", "file:/dev/stdin"]);
        let call = Call {
            program: &self.programs().ffprobe,
            hint: FFMPEG_HINT,
            arguments: arguments.0,
            input: Input::File(open(path)?),
            subject: path.to_owned(),
            limit: None,
        };
        let text = Running::start(call, self.cancel())?
            .output(LONGEST)
            .map_err(|error| of_input(error, path))?;
        Ok(Last::of_lines(&String::from_utf8_lossy(&text)))
    }
}

impl Ends {
    /// From what the head says, and the last pieces of a file that should be as long as it says.
    fn of(probe: &Probe, last: impl FnOnce(Samples) -> Result<Last>) -> Result<Self> {
        let video = probe.video.as_ref();
        let said = video.map_or(Samples(0), |video| video.duration);
        let whole = Samples(probe.duration.0.max(said.0).max(counted(probe).0));
        let untimed = whole == Samples(0);
        if video.map_or(untimed, |video| video.is_still) {
            return Ok(Self {
                picture: said,
                promised: None,
            });
        }
        let last = last(whole)?;
        if untimed {
            // Animated PNGs and bare streams do not say how long they are.
            return Ok(Self {
                picture: last.picture,
                promised: None,
            });
        }
        let found = Samples(last.picture.0.max(last.other.0));
        let promised = (found.0 + GRACE < whole.0).then_some(whole);
        let ends = said.0.saturating_sub(GRACE)..=said.0 + ROUNDING;
        let right = promised.is_none() && ends.contains(&last.picture.0);
        Ok(Self {
            picture: if right { said } else { last.picture },
            promised,
        })
    }
}

/// How long an AVI's frames play, by their number: when its index is lost, no other head tells.
fn counted(probe: &Probe) -> Samples {
    let video = probe.video.as_ref().filter(|_| probe.container == "avi");
    video
        .and_then(|video| Some(video.rate?.sample_of(video.frames?)))
        .unwrap_or_default()
}

/// Where the last pieces end, counted from the file's beginning.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Last {
    picture: Samples,
    /// Of sound, subtitles and whatever else the head counts.
    other: Samples,
}

/// A piece of a stream, as ffprobe tells of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Piece<'a> {
    codec_type: Option<&'a str>,
    pts_time: Option<&'a str>,
    duration_time: Option<&'a str>,
    flags: Option<&'a str>,
}

impl Last {
    /// Reads lines of `packet|KIND|TIME|LENGTH|FLAGS` and one of `format|START`.
    fn of_lines(text: &str) -> Self {
        let mut start = None;
        let pieces = text.lines().filter_map(|line| {
            let mut fields = line.split('|');
            let (what, kind) = (fields.next(), fields.next());
            if what == Some("format") {
                start = kind;
                return None;
            }
            Some(Piece {
                codec_type: kind,
                pts_time: fields.next(),
                duration_time: fields.next(),
                flags: fields.next(),
            })
        });
        let pieces: Vec<Piece<'_>> = pieces.collect();
        Self::of(pieces, start)
    }

    /// Of the pieces of a file that begins at `start` seconds.
    pub(crate) fn of<'a>(pieces: impl IntoIterator<Item = Piece<'a>>, start: Option<&str>) -> Self {
        let mut last = Self::default();
        for piece in pieces {
            let end = samples(piece.pts_time) + samples(piece.duration_time);
            // What an edit list cuts off is in the file and not shown.
            if piece.flags.is_some_and(|flags| flags.contains('D')) {
                continue;
            }
            match piece.codec_type {
                Some("video") => last.picture = last.picture.max(end),
                Some(_) => last.other = last.other.max(end),
                None => {}
            }
        }
        let start = samples(start);
        Self {
            picture: last.picture - start,
            other: last.other - start,
        }
    }

    fn reaches(&self, end: Samples) -> bool {
        self.picture.0.max(self.other.0) + GRACE >= end.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_piece_in_time_counts_and_not_the_last_in_the_file() {
        let text = "packet|video|1.000000|0.040000|K_\npacket|video|1.200000|0.040000|__\n\
                    packet|video|1.120000|0.040000|__\npacket|video|5.0|0.040000|_D\n\
                    packet|audio|2.000000|0.5|K_\nformat|1.000000\n";
        let last = Last::of_lines(text);
        assert_eq!(last.picture, Samples(11_520));
        assert_eq!(last.other, Samples(72_000));
        assert!(last.reaches(Samples(72_000)) && !last.reaches(Samples(96_000)));
        // Subtitles may stand longer than anything is seen or heard.
        let subtitled = format!("{text}packet|subtitle|9.0|1.0|K_\n");
        assert!(Last::of_lines(&subtitled).reaches(Samples(9 * 48_000)));
        assert_eq!(
            Last::of_lines("packet|video|N/A|N/A\nnonsense"),
            Last::default()
        );
    }
}
