//! Where a file really ends, whatever its head says.

use std::path::Path;

use workprint_model::{SAMPLE_RATE, Samples};

use crate::Media;
use crate::error::Result;
use crate::probe::{Probe, SAFE_INPUT, of_input, open, samples};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;

/// Only so much of a file's end is read where its index leads there.
const TAIL: u64 = 4 * SAMPLE_RATE as u64;

/// Ending earlier than said by less than this is rounding, and the last frame's own length.
const GRACE: u64 = SAMPLE_RATE as u64 / 4;

/// Ending later than said by less than this is rounding.
const ROUNDING: u64 = SAMPLE_RATE as u64 / 200;

/// The most text that describes a file's pieces: of some hundred hours.
const LONGEST: u64 = 256 << 20;

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
    /// Finds out where a probed file really ends.
    ///
    /// Reads the last seconds of a whole file, and all of one that is cut short. Nothing is decoded: a
    /// file may have frames that are there and broken.
    pub fn ends(&self, path: &Path, probe: &Probe) -> Result<Ends> {
        let said = probe
            .video
            .as_ref()
            .map_or(Samples(0), |video| video.duration);
        let whole = Samples(probe.duration.0.max(said.0).max(counted(probe).0));
        let is_still = probe.video.as_ref().is_some_and(|video| video.is_still);
        if whole == Samples(0) || is_still {
            return Ok(Ends {
                picture: said,
                promised: None,
            });
        }
        let mut last = self.last_pieces(path, whole - Samples(TAIL))?;
        if !last.reaches(whole) && whole.0 > TAIL {
            last = self.last_pieces(path, Samples(0))?;
        }
        let found = Samples(last.picture.0.max(last.other.0));
        let promised = (found.0 + GRACE < whole.0).then_some(whole);
        let ends = said.0.saturating_sub(GRACE)..=said.0 + ROUNDING;
        let right = promised.is_none() && ends.contains(&last.picture.0);
        Ok(Ends {
            picture: if right { said } else { last.picture },
            promised,
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
        Ok(Last::of(&String::from_utf8_lossy(&text)))
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
struct Last {
    picture: Samples,
    /// Of sound, subtitles and whatever else the head counts.
    other: Samples,
}

impl Last {
    /// Reads lines of `packet|KIND|TIME|LENGTH|FLAGS` and one of `format|START`.
    fn of(text: &str) -> Self {
        let mut last = Self::default();
        let mut start = Samples(0);
        for line in text.lines() {
            let mut fields = line.split('|');
            let (what, kind) = (fields.next(), fields.next());
            if what == Some("format") {
                start = samples(kind);
                continue;
            }
            let end = samples(fields.next()) + samples(fields.next());
            // What an edit list cuts off is in the file and not shown.
            if fields.next().is_some_and(|flags| flags.contains('D')) {
                continue;
            }
            match kind {
                Some("video") => last.picture = last.picture.max(end),
                Some(_) => last.other = last.other.max(end),
                None => {}
            }
        }
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
        let last = Last::of(text);
        assert_eq!(last.picture, Samples(11_520));
        assert_eq!(last.other, Samples(72_000));
        assert!(last.reaches(Samples(72_000)) && !last.reaches(Samples(96_000)));
        // Subtitles may stand longer than anything is seen or heard.
        let subtitled = format!("{text}packet|subtitle|9.0|1.0|K_\n");
        assert!(Last::of(&subtitled).reaches(Samples(9 * 48_000)));
        assert_eq!(Last::of("packet|video|N/A|N/A\nnonsense"), Last::default());
    }
}
