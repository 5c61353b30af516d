//! What is wrong with a film, of what was heard of it.

use workprint_interchange::captions::read::{Subtitle, Subtitles};
use workprint_interchange::transcript::TranscriptLine;
use workprint_model::proof::{CaptionSync, Finding, Measured, MeasuredSound, NotMade, ProofCheck};
use workprint_model::{CueId, Frames, Millis, SAMPLE_RATE, Samples};

use super::hear::APART;
use super::lines::HeardLine;
use super::listen::Heard;
use super::{Proof, ProofLine, ProofSound};
use crate::captions::{Spoken, compare, shared, word_times};
use crate::mix::NEAR;

/// [`APART`] in milliseconds.
const APART_MS: i64 = (APART * 1000 / SAMPLE_RATE as u64) as i64;
/// So much of a word's beginning is silent where that is told.
const SAID: u64 = SAMPLE_RATE as u64 / 10;
/// Of less sound than a second, EBU R128 has no loudness worth the name: it looks at 400 ms at a time, and
/// the limiter may not let so little of it be loud.
const LOUD: Samples = Samples(SAMPLE_RATE as u64);
/// The most findings of one check that are told one by one.
const MOST: usize = 20;

const AGAIN: &str =
    "run again with `--from master`; if it stays, report it as a fault of Workprint";

/// What was measured, what is wrong with it, and what could not be told; `seen` is how many frames the
/// picture has, `is_mixed` whether the film's sound is the one that was heard.
pub(super) fn judge(
    proof: &Proof,
    (seen, heard, is_mixed): (Option<Frames>, Option<Heard>, bool),
    subtitles: &Subtitles,
) -> (Measured, Vec<Finding>, Vec<NotMade>) {
    let mut measured = Measured {
        frames: seen,
        ..Measured::default()
    };
    let (mut findings, mut not_made) = (Vec::new(), Vec::new());
    let (mut by_sound, mut by_text) = (proof.spoken.clone(), None);
    if let (Some(heard), Some(asked)) = (heard, &proof.sound) {
        let Heard {
            sound,
            sounding,
            lines,
        } = heard;
        findings.extend(peaks(&sound, asked));
        match loudness(&sound, asked) {
            Some(_) if sounding < LOUD => not_made.push(NotMade {
                check: ProofCheck::Loudness,
                why: "there is less than a second of sound".to_owned(),
            }),
            found => findings.extend(found),
        }
        findings.extend(silences(proof, &sound));
        findings.extend(unheard(proof, &lines));
        not_made.extend(unaligned(proof, &lines));
        measured.lines = lines.len() as u32;
        let aligned = proof.words.values().filter(|own| own.words.is_some());
        measured.aligned = aligned.count() as u32;
        measured.sound = Some(sound);
        move_words(proof, &lines, &mut by_sound);
        if measured.aligned > 0 {
            let mut words = by_sound.clone();
            place_words(proof, &mut words);
            by_text = Some(words);
        }
    }
    findings.extend(length(proof, &measured, is_mixed));
    let files: Vec<Seen<'_>> = subtitles.captions.iter().map(Seen::in_file).collect();
    let burned: Vec<Seen<'_>> = proof
        .burned
        .iter()
        .map(|own| Seen::burned(own, proof))
        .collect();
    let mut worst = Worst::default();
    for captions in [&files, &burned] {
        let texts: Vec<_> = captions.iter().map(|own| (own.cues, own.lines)).collect();
        for (caption, heard) in captions.iter().zip(word_times(&texts, &by_sound)) {
            let Some(first) = heard.first() else { continue };
            measured.captions += 1;
            findings.extend(worst.look(proof, caption, *first));
        }
    }
    measured.worst_sync = worst.0;
    if let Some(by_text) = by_text {
        findings.extend(astray(&files, (&by_sound, &by_text)));
    }
    findings.extend(rules(proof, subtitles, &by_sound));
    findings.sort_by_key(|finding| (finding.check, finding.at_ms));
    (measured, brief(&findings), not_made)
}

fn finding(check: ProofCheck, at_ms: Option<u64>, message: String, hint: &str) -> Finding {
    Finding {
        check,
        message,
        at_ms,
        hint: hint.to_owned(),
        waived: false,
    }
}

fn length(proof: &Proof, measured: &Measured, is_mixed: bool) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut wrong = |message| out.push(finding(ProofCheck::Length, None, message, AGAIN));
    if !is_mixed {
        wrong("the sound of the film is not the one that was mixed".to_owned());
    }
    if let Some(seen) = measured.frames.filter(|seen| *seen != proof.frames) {
        wrong(format!(
            "the picture has {} frames: {} were asked for",
            seen.0, proof.frames.0
        ));
    }
    let wanted = proof.rate.sample_of(proof.frames).0;
    let frame = proof.rate.sample_of(Frames(1)).0;
    let heard = measured.sound.as_ref().map(|sound| sound.samples.0);
    if let Some(heard) = heard.filter(|heard| heard.abs_diff(wanted) > frame) {
        wrong(format!(
            "the sound has {heard} samples: the picture is {wanted} long"
        ));
    }
    out
}

fn decibels(hundredths: i32) -> f64 {
    f64::from(hundredths) / 100.0
}

fn loudness(heard: &MeasuredSound, asked: &ProofSound) -> Option<Finding> {
    let (loudness, wanted) = (decibels(heard.loudness?), asked.loudness.to_f64());
    if (loudness - wanted).abs() <= NEAR {
        return None;
    }
    let message = format!("the film is at {loudness:.1} LUFS: {wanted:.1} is asked for");
    let hint = "raise quiet sounds, or ask for less in show.toml: `loudness`";
    Some(finding(ProofCheck::Loudness, None, message, hint))
}

fn peaks(heard: &MeasuredSound, asked: &ProofSound) -> Vec<Finding> {
    let mut out = Vec::new();
    let most = asked.true_peak.to_f64();
    // Meters agree to some hundredths of a decibel.
    if let Some(peak) = heard.true_peak.map(decibels)
        && peak > most + 0.05
    {
        let message = format!("the film peaks at {peak:.2} dBTP: {most:.2} is the most");
        let hint = "give the sound more bits with `audio_kbps`, or allow a higher `true_peak`";
        out.push(finding(ProofCheck::TruePeak, None, message, hint));
    }
    if heard.clipped > 0 {
        let message = format!("{} samples are at full scale", heard.clipped);
        let hint = "give the sound more bits with `audio_kbps`, or ask for a lower `true_peak`";
        out.push(finding(ProofCheck::Clipping, None, message, hint));
    }
    out
}

/// Silences in which something should be heard: what the mix has, or a word.
fn silences(proof: &Proof, heard: &MeasuredSound) -> Vec<Finding> {
    let mut out = Vec::new();
    let sample = |ms: u64| Millis(ms as i64).samples().0;
    let words = || {
        let lines = proof.spoken.transcript.lines.iter();
        lines.flat_map(|line| &line.words)
    };
    for silence in &heard.silences {
        let (from, to) = (silence.from.0, silence.to.0);
        // Where a word ends is often not known: a pause may be counted as its own.
        let said = words().find(|word| {
            let start = sample(word.from_ms);
            start >= from && start + SAID <= to
        });
        let message = match said {
            Some(word) => format!("nothing is heard where `{}` is said", word.text),
            None if !silence.asked => "nothing is heard where the mix has sound".to_owned(),
            None => continue,
        };
        let hint = "listen there: the line's take may be silent, or its gain too low";
        let at = silence.from.millis().0.unsigned_abs();
        out.push(finding(ProofCheck::Silence, Some(at), message, hint));
    }
    out
}

fn unheard(proof: &Proof, heard: &[HeardLine]) -> Vec<Finding> {
    let lines = proof.lines.iter().zip(heard);
    let unheard = lines.filter(|(_, heard)| heard.late.is_none());
    unheard
        .map(|(line, heard)| {
            let (message, hint) = if heard.is_silent {
                let message = format!("the voice of the cue `{}` is silent", line.cue);
                (message, "give it another take, or take its text away")
            } else {
                let message = format!("the voice of the cue `{}` is not heard", line.cue);
                let hint =
                    "let music and effects go down under it with `duck_db`, or raise its `gain_db`";
                (message, hint)
            };
            let at = line.from.millis().0.unsigned_abs();
            finding(ProofCheck::Voices, Some(at), message, hint)
        })
        .collect()
}

/// Lines whose words were to be looked for, and could not be.
fn unaligned(proof: &Proof, heard: &[HeardLine]) -> Option<NotMade> {
    let lines = proof.lines.iter().zip(heard);
    let unaligned = lines.filter(|(line, heard)| {
        line.reader.is_some() && heard.late.is_some() && words_of(proof, line).is_none()
    });
    let cues: Vec<String> = unaligned
        .map(|(line, _)| format!("`{}`", line.cue))
        .collect();
    let (first, more) = cues.split_at(cues.len().min(5));
    let more = match more.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let why = if proof.reads {
        "their text cannot be aligned with it"
    } else {
        "`workprint-espeak` is missing"
    };
    let cues = first.join(", ");
    (!first.is_empty()).then(|| NotMade {
        check: ProofCheck::Sync,
        why: format!("the words of {cues}{more} are not held against the sound: {why}"),
    })
}

/// Moves words to where they are heard, as their voices are.
fn move_words(proof: &Proof, heard: &[HeardLine], spoken: &mut Spoken) {
    for (line, heard) in proof.lines.iter().zip(heard) {
        let Some(late) = heard.late else { continue };
        let late = late * 1000 / i64::from(SAMPLE_RATE);
        let move_by = |at: &mut u64| *at = at.saturating_add_signed(late);
        for said in lines_of(spoken, &line.cue) {
            move_by(&mut said.from_ms);
            said.words
                .iter_mut()
                .for_each(|word| move_by(&mut word.from_ms));
        }
    }
}

/// Puts words where they are heard by their text.
fn place_words(proof: &Proof, spoken: &mut Spoken) {
    for line in &proof.lines {
        let words = words_of(proof, line).unwrap_or_default();
        for said in lines_of(spoken, &line.cue) {
            if said.words.len() == words.len() {
                for (word, at) in said.words.iter_mut().zip(words) {
                    let at = u64::try_from(*at).unwrap_or_default();
                    word.from_ms = Samples(at).millis().0.unsigned_abs();
                }
            }
        }
    }
}

/// When the words of a line are heard by their text, where that was told.
fn words_of<'a>(proof: &'a Proof, line: &ProofLine) -> Option<&'a [i64]> {
    proof.words.get(&line.cue)?.words.as_deref()
}

fn lines_of<'a>(
    spoken: &'a mut Spoken,
    cue: &'a CueId,
) -> impl Iterator<Item = &'a mut TranscriptLine> {
    let lines = spoken.transcript.lines.iter_mut();
    lines.filter(move |said| said.cue == *cue)
}

/// A caption that is seen.
struct Seen<'a> {
    /// The first and the last cue of one that is burned.
    cues: Option<[&'a CueId; 2]>,
    from_ms: u64,
    lines: &'a [String],
}

impl<'a> Seen<'a> {
    fn in_file(caption: &'a Subtitle) -> Self {
        Self {
            cues: None,
            from_ms: caption.from_ms,
            lines: &caption.lines,
        }
    }

    fn burned((cues, from, lines): &'a ([CueId; 2], Frames, Vec<String>), proof: &Proof) -> Self {
        Self {
            cues: Some(cues.each_ref()),
            from_ms: proof.rate.sample_of(*from).millis().0.unsigned_abs(),
            lines,
        }
    }

    /// What each speaker says of a caption that several share.
    fn parts(&self) -> Vec<Self> {
        let size = if shared(self.lines) {
            1
        } else {
            self.lines.len().max(1)
        };
        let parts = self.lines.chunks(size);
        parts.map(|lines| Self { lines, ..*self }).collect()
    }

    fn kind(&self) -> &'static str {
        if self.cues.is_some() {
            "burned caption"
        } else {
            "caption"
        }
    }
}

/// The caption that begins farthest from its first word.
#[derive(Default)]
struct Worst(Option<CaptionSync>);

impl Worst {
    /// Looks at a caption whose first word is heard at `first` milliseconds.
    fn look(&mut self, proof: &Proof, caption: &Seen<'_>, first: u64) -> Option<Finding> {
        let late = caption.from_ms as i64 - first as i64;
        let text = caption.lines.join(" / ");
        let worst = self.0.as_ref().map(|worst| worst.late_ms.abs());
        if worst.is_none_or(|worst| late.abs() > worst) {
            self.0 = Some(CaptionSync {
                caption: text.clone(),
                from_ms: caption.from_ms,
                late_ms: late,
                burned: caption.cues.is_some(),
            });
        }
        let frame = (1000 * u64::from(proof.rate.den())).div_ceil(u64::from(proof.rate.num()));
        if late.unsigned_abs() <= frame {
            return None;
        }
        let side = if late < 0 { "before" } else { "after" };
        let message = format!(
            "the {} `{text}` begins {} ms {side} its first word",
            caption.kind(),
            late.abs()
        );
        Some(finding(
            ProofCheck::Sync,
            Some(caption.from_ms),
            message,
            AGAIN,
        ))
    }
}

/// Captions whose words are heard elsewhere, by their text, than they were told to be: the first, and most
/// of the others. An aligner may be wrong about a word.
fn astray(captions: &[Seen<'_>], (told, heard): (&Spoken, &Spoken)) -> Vec<Finding> {
    let parts: Vec<_> = captions.iter().flat_map(Seen::parts).collect();
    let texts: Vec<_> = parts.iter().map(|own| (own.cues, own.lines)).collect();
    let times = word_times(&texts, told).into_iter();
    let times = times.zip(word_times(&texts, heard));
    let mut out = Vec::new();
    for (caption, (told, heard)) in parts.iter().zip(times) {
        let apart = heard
            .iter()
            .zip(&told)
            .map(|(heard, told)| *heard as i64 - *told as i64);
        let mut apart: Vec<i64> = apart.collect();
        let Some(first) = apart.first().copied() else {
            continue;
        };
        apart.sort_unstable();
        let middle = apart[apart.len() / 2];
        if first.abs().min(middle.abs()) > APART_MS {
            let side = if first < 0 { "earlier" } else { "later" };
            let message = format!(
                "the first word of the caption `{}` is heard {} ms {side} than its times say",
                caption.lines.join(" / "),
                first.abs()
            );
            let hint = "check the list of the recording's words, or leave it out: they are found without one";
            out.push(finding(
                ProofCheck::Sync,
                Some(caption.from_ms),
                message,
                hint,
            ));
        }
    }
    out
}

/// The caption file against the rules, and against what is said.
fn rules(proof: &Proof, subtitles: &Subtitles, spoken: &Spoken) -> Vec<Finding> {
    let unread = subtitles.unread.iter().map(|unread| {
        let message = format!(
            "line {} of the caption file {}",
            unread.line, unread.message
        );
        finding(ProofCheck::CaptionsText, None, message, AGAIN)
    });
    let faults = compare(&subtitles.captions, spoken, proof.rate);
    let faults = faults.into_iter().filter_map(|fault| {
        let check = match fault.code {
            "captions.speed" => ProofCheck::CaptionsSpeed,
            "captions.overlap" | "captions.order" => ProofCheck::CaptionsOverlap,
            "captions.text" | "captions.left-out" | "captions.empty" => ProofCheck::CaptionsText,
            _ => return None,
        };
        let caption = subtitles.captions.get(fault.index)?;
        let message = format!(
            "the caption `{}` {}",
            caption.lines.join(" / "),
            fault.message
        );
        Some(finding(check, Some(caption.from_ms), message, fault.hint))
    });
    unread.chain(faults).collect()
}

/// The first findings of each check, and how many more there are.
fn brief(findings: &[Finding]) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for check in ProofCheck::ALL {
        let own = findings.iter().filter(|finding| finding.check == check);
        let more = own.clone().count().saturating_sub(MOST);
        out.extend(own.take(MOST).cloned());
        if more > 0 {
            let message = format!("{more} more of the same");
            out.push(finding(
                check,
                None,
                message,
                "mend those that are told first",
            ));
        }
    }
    out
}
