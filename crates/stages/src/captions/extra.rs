//! What caption files have besides what is said: sounds, signs, and what foreign words mean.

use std::collections::{BTreeMap, BTreeSet};

use workprint_interchange::transcript::{Transcript, TranscriptLine, TranscriptWord};
use workprint_model::caption_rules::{CaptionLimits, ExtraCaption, ExtraKind};
use workprint_model::episode::{CastMember, Episode};
use workprint_model::show::{CaptionStyle, Output, Show};
use workprint_model::timeline::{PlacedCaption, Timeline};
use workprint_model::{CueId, Diagnostic, Frames, Language, Millis, Samples};

use super::pairs::join;
use super::place::{For, file_style, mark, place};
use super::rules;
use crate::timeline::{CueTake, Materials, lead, moment};
use crate::voice::even_words;

/// How far from its sound a description may stand where captions are in its place.
const NEAR: Millis = Millis(2000);
/// Lines of two speakers share a caption in files up to so far apart, where nobody says otherwise.
const TOGETHER: Millis = Millis(500);
/// The most warnings of one kind of fault.
const MOST: usize = 3;

/// What an episode's caption files hold.
#[derive(Debug, Clone)]
pub struct Written {
    /// Everything that is said, and sounds.
    pub captions: Vec<PlacedCaption>,
    /// What must be read even by those who understand the film's language.
    pub forced: Vec<PlacedCaption>,
    /// Everything that is said, with the time of every word.
    pub transcript: Transcript,
    /// The rules that the captions keep.
    pub limits: CaptionLimits,
    /// Rules that they do not, and what has found no place.
    pub problems: Vec<Diagnostic>,
}

/// Lays what the caption files of a film hold.
pub fn write(
    episode: &Episode,
    show: &Show,
    output: &Output,
    (timeline, materials): (&Timeline, &Materials),
    language: &Language,
) -> Written {
    let limits_of = |language: &Language| limits(episode, output, timeline, language);
    let limits = limits_of(language);
    let (heard, foreign) = understood(episode, materials, language);
    let read = Materials {
        heard,
        ..Materials::default()
    };
    let mut captions = place(episode, show, output, (timeline, &read), For::Files);
    let mut forced: Vec<PlacedCaption> = captions
        .iter()
        .filter(|caption| foreign.contains(&caption.cue))
        .cloned()
        .collect();
    // Nobody says what foreign words mean: that is read by itself.
    let shared = |caption: &PlacedCaption| {
        let limits = limits_of(&caption.language);
        let together = limits.together.or(Some(TOGETHER));
        (!foreign.contains(&caption.cue)).then_some(CaptionLimits { together, ..limits })
    };
    let mut held = captions.clone();
    chain(&mut held, &limits_of, timeline);
    let lengths: Vec<Frames> = held.iter().map(|caption| caption.length).collect();
    let marked = (mark(episode, output), timeline.rate);
    captions = join(captions, &lengths, &shared, marked);
    let mut problems = Vec::new();
    let extras = Extras {
        timeline,
        limits,
        style: file_style(output),
        language,
    };
    for extra in &episode.captions.also {
        let Some(text) = extras.text(extra, &episode.language) else {
            continue;
        };
        let sign = extra.kind == ExtraKind::Sign;
        let fits = extras.put(&mut captions, extra, text);
        if sign {
            extras.put(&mut forced, extra, text);
        }
        if !fits {
            problems.push(no_room(text));
        }
    }
    for list in [&mut captions, &mut forced] {
        chain(list, &limits_of, timeline);
    }
    problems.extend(told(&captions, &limits_of, timeline));
    Written {
        transcript: transcript(episode, show, (timeline, materials), language),
        captions,
        forced,
        limits,
        problems,
    }
}

/// The rules of a language's captions in files for a frame of the output's shape.
fn limits(
    episode: &Episode,
    output: &Output,
    timeline: &Timeline,
    language: &Language,
) -> CaptionLimits {
    let limits = CaptionLimits::of(language).with(&episode.captions, &output.captions);
    let frame = (timeline.size, output.safe);
    let room = file_style(output).room(&episode.captions, &limits, frame);
    CaptionLimits {
        line: room.line_length,
        lines: room.lines,
        ..limits
    }
}

type LimitsOf<'a> = dyn Fn(&Language) -> CaptionLimits + 'a;

fn no_room(text: &str) -> Diagnostic {
    Diagnostic::warning(
        "captions.no-room",
        format!("the caption `{text}` has no place between what is said"),
    )
    .hint("move its `from`, or give a cue near it more `tail_ms`")
}

/// What is read while cues are heard: their own words, or, of those in another language than the film,
/// what they mean in the film's; and which those are.
fn understood(
    episode: &Episode,
    materials: &Materials,
    language: &Language,
) -> (BTreeMap<CueId, CueTake>, BTreeSet<CueId>) {
    let mut heard = materials.heard.clone();
    let mut foreign = BTreeSet::new();
    for cue in episode.cues() {
        let Some(take) = heard.get_mut(&cue.id) else {
            continue;
        };
        let own = take.language.primary() == language.primary();
        let Some(text) = cue.dub.get(language).and_then(|line| line.spoken()) else {
            continue;
        };
        if own {
            continue;
        }
        let words = &take.words.words;
        let from = words.first().map_or(Samples(0), |word| word.start);
        let to = words.last().map_or(take.voice.length, |word| word.end);
        take.words.words = even_words(text, to - from);
        for word in &mut take.words.words {
            (word.start, word.end) = (word.start + from, word.end + from);
        }
        text.clone_into(&mut take.text);
        take.language = language.clone();
        foreign.insert(cue.id.clone());
    }
    (heard, foreign)
}

struct Extras<'a> {
    timeline: &'a Timeline,
    limits: CaptionLimits,
    style: CaptionStyle,
    language: &'a Language,
}

impl Extras<'_> {
    /// What is read in this film, if anything is: a sign needs no caption in its own language.
    fn text<'a>(&self, extra: &'a ExtraCaption, spoken: &Language) -> Option<&'a str> {
        let own = extra.dub.get(self.language).map(|text| text.trim());
        match extra.kind {
            _ if own.is_some_and(|own| !own.is_empty()) => own,
            ExtraKind::Sound if self.language == spoken => Some(extra.text.trim()),
            _ => None,
        }
    }

    /// Puts a caption where there is room for it, as near to its time as can be; `false` where there
    /// is none.
    fn put(&self, captions: &mut Vec<PlacedCaption>, extra: &ExtraCaption, text: &str) -> bool {
        let rate = self.timeline.rate;
        let Some(from) = moment(self.timeline, &extra.from) else {
            return false;
        };
        let lines = lines_of(text, usize::from(self.limits.line));
        let least = self.limits.least(&lines, rate).max(Frames(1));
        let asked = extra
            .length_ms
            .map_or(least, |ms| rate.frames_of(Millis(i64::from(ms))));
        let found = self.free(captions, from, (least, asked.max(least)));
        let Some((from, length)) = found else {
            return false;
        };
        let cue = self.timeline.cues.iter().rev().find(|cue| cue.from <= from);
        let Some(cue) = cue else {
            return false;
        };
        let at = captions.partition_point(|caption| caption.from < from);
        let caption = PlacedCaption {
            cue: cue.id.clone(),
            speaker: None,
            second: None,
            lines,
            from,
            length,
            style: self.style.clone(),
            language: self.language.clone(),
            burn: false,
            words: Vec::new(),
            safe: None,
            timed_by: cue.timed_by.clone(),
        };
        captions.insert(at, caption);
        true
    }

    /// The free stretch for a caption that should begin at `wanted`: the nearest begin, and as long as
    /// asked for where that is free.
    fn free(
        &self,
        captions: &[PlacedCaption],
        wanted: Frames,
        (least, asked): (Frames, Frames),
    ) -> Option<(Frames, Frames)> {
        let near = self.timeline.rate.frames_of(NEAR).0;
        let gap = self.limits.gap.0;
        let ends = captions
            .iter()
            .map(|caption| (caption.from + caption.length).0 + gap);
        let starts = captions
            .iter()
            .map(|caption| caption.from.0.saturating_sub(gap));
        let free = std::iter::once(0)
            .chain(ends)
            .zip(starts.chain([self.timeline.length.0]));
        free.filter(|(from, to)| from + least.0 <= *to)
            .map(|(from, to)| {
                let begin = wanted.0.clamp(from, to - least.0);
                (begin, asked.0.min(to - begin))
            })
            .filter(|(begin, _)| begin.abs_diff(wanted.0) <= near)
            .min_by_key(|(begin, _)| begin.abs_diff(wanted.0))
            .map(|(begin, length)| (Frames(begin), Frames(length)))
    }
}

/// A short text on one line, or on two of like length.
fn lines_of(text: &str, line: usize) -> Vec<String> {
    use workprint_model::words::width;
    if width(text) <= line {
        return vec![text.to_owned()];
    }
    let split = text
        .match_indices(' ')
        .map(|(at, _)| at)
        .min_by_key(|at| width(&text[..*at]).abs_diff(width(&text[*at..])));
    match split {
        Some(at) => vec![text[..at].to_owned(), text[at + 1..].to_owned()],
        None => vec![text.to_owned()],
    }
}

/// Holds captions until they can have been read, as far as the next leaves room, and fills short rests
/// between them.
fn chain(captions: &mut [PlacedCaption], limits_of: &LimitsOf<'_>, timeline: &Timeline) {
    let rate = timeline.rate;
    for at in 0..captions.len() {
        let limits = limits_of(&captions[at].language);
        let next = captions.get(at + 1).map(|next| next.from);
        let limit = next.map_or(timeline.length, |next| next - limits.gap).0;
        let caption = &mut captions[at];
        let from = caption.from.0;
        let wanted = from + limits.least(&caption.lines, rate).0;
        let mut end = (from + caption.length.0).max(wanted.min(limit));
        if end < limit && limit - end < rate.frames_of(limits.chain).0 && next.is_some() {
            end = limit.min(from + rate.frames_of(limits.longest).0).max(end);
        }
        caption.length = Frames(end - from);
    }
}

/// The first of each kind of fault, with how many there are.
fn told(
    captions: &[PlacedCaption],
    limits_of: &LimitsOf<'_>,
    timeline: &Timeline,
) -> Vec<Diagnostic> {
    let shown: Vec<rules::Shown<'_>> = captions
        .iter()
        .map(|caption| rules::Shown::of(caption, limits_of(&caption.language)))
        .collect();
    let mut by_code: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for fault in rules::faults(&shown, timeline.rate) {
        let count = by_code.entry(fault.code).or_default();
        *count += 1;
        if *count <= MOST {
            let caption = &captions[fault.index];
            let message = format!(
                "the caption `{}` of the cue `{}` {}",
                caption.lines.join(" / "),
                caption.cue,
                fault.message
            );
            out.push(Diagnostic::warning(fault.code, message).hint(fault.hint));
        }
    }
    let more = by_code.into_iter().filter(|(_, count)| *count > MOST);
    out.extend(more.map(|(code, count)| {
        let message = format!("{} more captions have this fault", count - MOST);
        Diagnostic::warning(code, message)
            .hint("check one of the caption files: `workprint captions`")
    }));
    out
}

fn transcript(
    episode: &Episode,
    show: &Show,
    (timeline, materials): (&Timeline, &Materials),
    language: &Language,
) -> Transcript {
    let rate = timeline.rate;
    let ms = |sample: Samples| sample.millis().0.unsigned_abs();
    let cast = || episode.cast.iter().chain(&show.cast);
    let named = |member: &CastMember| {
        let name = member.name.clone();
        name.unwrap_or_else(|| member.id.to_string())
    };
    let mut lines = Vec::new();
    for (cue, placed) in episode.cues().zip(&timeline.cues) {
        let Some(take) = materials.heard.get(&cue.id) else {
            continue;
        };
        let begin = rate.sample_of(placed.from) + lead(cue, show);
        let words = take.words.words.iter().map(|word| TranscriptWord {
            text: word.text.clone(),
            from_ms: ms(begin + word.start),
            to_ms: ms(begin + word.end),
        });
        let words: Vec<TranscriptWord> = words.collect();
        let speaker = cue.speaker.as_ref();
        lines.push(TranscriptLine {
            cue: cue.id.clone(),
            speaker: speaker.and_then(|id| cast().find(|member| member.id == *id).map(named)),
            language: (take.language != *language).then(|| take.language.clone()),
            from_ms: words.first().map_or(ms(begin), |word| word.from_ms),
            to_ms: words.last().map_or(ms(begin), |word| word.to_ms),
            text: take.text.clone(),
            words,
        });
    }
    Transcript {
        title: episode.title_in(language).to_owned(),
        language: language.clone(),
        length_ms: ms(timeline.samples()),
        chapters: timeline
            .chapters
            .iter()
            .map(|(from, title)| (ms(rate.sample_of(*from)), title.clone()))
            .collect(),
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_descriptions_take_two_lines_of_like_length() {
        assert_eq!(lines_of("[bell]", 32), ["[bell]"]);
        assert_eq!(
            lines_of("[the old lamp clicks off, and gulls wake]", 32),
            ["[the old lamp clicks", "off, and gulls wake]"]
        );
    }
}
