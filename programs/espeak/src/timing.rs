//! From the library's events to a time for every written token.
//!
//! espeak-ng 1.51 sends WORD events whose positions drift: numbers add events
//! inside their token, clitics share one event ("of the"), the first word of a
//! clause may point before itself, a spurious event ends the message. So:
//! phonemes are laid on the time line first; each WORD event is then mapped to
//! a written token; tokens left without an event share the phonemes of the
//! event before them, split where the pronunciation of each alone fits best.

use serde::Serialize;

use crate::library::Event;
use crate::split;
use crate::tokens::Token;

/// When a written token is heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct WordTime {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// When a phoneme is heard; an empty name is silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PhonemeTime {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) ipa: String,
}

/// All times of one utterance.
#[derive(Debug)]
pub(crate) struct Timing {
    pub(crate) words: Vec<WordTime>,
    pub(crate) phonemes: Vec<PhonemeTime>,
}

/// A stretch of the time line: one phoneme, or silence.
#[derive(Debug, Clone)]
struct Span {
    start: usize,
    end: usize,
    ipa: String,
    /// Index of the WORD event it belongs to; none for silence and for sound
    /// before the first WORD event.
    event: Option<usize>,
}

/// A nameless phoneme longer than this (at 22 050 Hz: 113 ms) is a pause.
const LONGEST_NAMELESS: usize = 2_500;
/// A nameless phoneme is a pause when its root mean square is below this part
/// of the peak: measured 0-0.9 % for pauses and 3.6-17 % for glides and schwas.
const AUDIBLE: f64 = 0.02;
/// Where in vowel + l the l begins; its event comes only when it is over.
const LATE_PART: (usize, usize) = (3, 5);

/// Times every token. `isolated` gives the phonemes of a text on its own.
pub(crate) fn time(
    tokens: &[Token],
    events: &[Event],
    samples: &[i16],
    isolated: &mut dyn FnMut(&str) -> Vec<String>,
) -> Timing {
    let mut spans = lay_out(events, samples);
    repair_late(&mut spans);
    let owners = map_events(tokens, events, &spans, isolated);
    let words = time_words(tokens, &spans, &owners, isolated);
    Timing {
        words,
        phonemes: merge(spans),
    }
}

/// Puts phonemes and pauses on the time line, without gaps.
fn lay_out(events: &[Event], samples: &[i16]) -> Vec<Span> {
    let peak = samples.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0);
    let mut spans: Vec<Span> = Vec::new();
    let mut word = None;
    // Where the next sounding phoneme starts, when that is before its event:
    // the WORD event of a stop is at its closure, the PHONEME event at its burst.
    let mut onset: Option<usize> = None;
    let mut first = false;
    let mut last = 0;
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Word { sample, .. } => {
                last = (*sample).clamp(last, samples.len());
                (word, onset, first) = (Some(index), Some(last), true);
            }
            Event::Phoneme { sample, ipa } => {
                last = (*sample).clamp(last, samples.len());
                if ipa.starts_with('(') {
                    if first {
                        onset = onset.or(Some(last));
                    }
                    continue;
                }
                if ipa.is_empty() {
                    let end = next_sample(events, index, samples.len()).max(last);
                    if audible(samples.get(last..end).unwrap_or_default(), peak) {
                        // A glide or schwa: part of the sound before or after it.
                        continue;
                    }
                    spans.push(Span {
                        start: last,
                        end: last,
                        ipa: String::new(),
                        event: None,
                    });
                    onset = None;
                } else {
                    let start = onset.take().unwrap_or(last);
                    spans.push(Span {
                        start,
                        end: start,
                        ipa: ipa.clone(),
                        event: word,
                    });
                    first = false;
                }
            }
        }
    }
    let ends: Vec<usize> = spans
        .iter()
        .skip(1)
        .map(|s| s.start)
        .chain([samples.len()])
        .collect();
    for (span, end) in spans.iter_mut().zip(ends) {
        span.end = end.max(span.start);
    }
    spans
}

fn next_sample(events: &[Event], index: usize, end: usize) -> usize {
    match events.get(index + 1) {
        Some(Event::Word { sample, .. } | Event::Phoneme { sample, .. }) => (*sample).min(end),
        None => end,
    }
}

fn audible(samples: &[i16], peak: u16) -> bool {
    if samples.is_empty() || samples.len() > LONGEST_NAMELESS {
        return false;
    }
    let energy: f64 = samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
    let count = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    (energy / f64::from(count)).sqrt() > AUDIBLE * f64::from(peak)
}

/// Gives late phonemes (an l after a vowel, and any of no length) their part
/// of the phoneme before them.
fn repair_late(spans: &mut [Span]) {
    for index in 1..spans.len() {
        let (before, after) = spans.split_at_mut(index);
        let (Some(previous), Some(this)) = (before.last_mut(), after.first_mut()) else {
            continue;
        };
        if this.ipa.is_empty() || this.event.is_none() || this.event != previous.event {
            continue;
        }
        let lateral = this.ipa.starts_with(['l', 'ɫ', 'ʎ', 'ɭ']) && split::is_vowel(&previous.ipa);
        if lateral || this.start == this.end {
            let start = previous.start + (this.end - previous.start) * LATE_PART.0 / LATE_PART.1;
            if start < this.start {
                this.start = start;
                previous.end = start;
            }
        }
    }
}

/// For every event index: the token it speaks, if it is a WORD event with sound.
fn map_events(
    tokens: &[Token],
    events: &[Event],
    spans: &[Span],
    isolated: &mut dyn FnMut(&str) -> Vec<String>,
) -> Vec<Option<usize>> {
    let mut sounds = vec![false; events.len()];
    for event in spans.iter().filter_map(|s| s.event) {
        if let Some(flag) = sounds.get_mut(event) {
            *flag = true;
        }
    }
    let mut direct = vec![false; tokens.len()];
    let mut found: Vec<Option<Pointer>> = vec![None; events.len()];
    for ((event, slot), _) in events
        .iter()
        .zip(&mut found)
        .zip(&sounds)
        .filter(|(_, s)| **s)
    {
        let Event::Word { position, .. } = event else {
            continue;
        };
        let index = tokens
            .partition_point(|t| t.to <= *position)
            .min(tokens.len().saturating_sub(1));
        let Some(token) = tokens.get(index) else {
            continue;
        };
        let trailing = token.silent_from(*position);
        let early = *position < token.from;
        *slot = Some(Pointer {
            index,
            trailing,
            early,
        });
        if let (false, false, Some(flag)) = (trailing, early, direct.get_mut(index)) {
            *flag = true;
        }
    }
    let paused = events_after_silence(spans, events.len());
    let mut greatest = 0;
    let mut map = vec![None; events.len()];
    for ((target, slot), paused) in map.iter_mut().zip(found).zip(paused) {
        let Some(Pointer {
            index,
            trailing,
            early,
        }) = slot
        else {
            continue;
        };
        let own_event = direct.get(index).copied().unwrap_or(false);
        let index = if trailing {
            moved_on(tokens, &direct, index, isolated)
        } else if early && own_event && !paused {
            // The last word of a symbol ("grinning face") points behind it.
            index.saturating_sub(1)
        } else {
            index
        };
        greatest = greatest.max(index);
        *target = Some(greatest);
    }
    map
}

/// Where a WORD event points.
#[derive(Debug, Clone, Copy)]
struct Pointer {
    index: usize,
    /// At the silent punctuation that closes the token.
    trailing: bool,
    /// At the white space before the token.
    early: bool,
}

/// For every event index: whether silence comes right before its sound.
fn events_after_silence(spans: &[Span], events: usize) -> Vec<bool> {
    let mut paused = vec![false; events];
    let mut silent = true;
    let mut seen = None;
    for span in spans {
        if span.event.is_some() && span.event != seen {
            seen = span.event;
            if let Some(flag) = span.event.and_then(|e| paused.get_mut(e)) {
                *flag = silent;
            }
        }
        silent = span.ipa.is_empty();
    }
    paused
}

/// An event that points at the punctuation that closes a token (or at a
/// punctuation-only token) speaks the next token, unless that has its own event.
fn moved_on(
    tokens: &[Token],
    direct: &[bool],
    index: usize,
    isolated: &mut dyn FnMut(&str) -> Vec<String>,
) -> usize {
    let stays = tokens.get(index).is_some_and(|t| t.wordlike);
    let next = (index + 1..tokens.len()).find(|next| {
        tokens.get(*next).is_some_and(|t| {
            t.wordlike || (!t.silent_from(t.from) && !isolated(&t.text).is_empty())
        })
    });
    match next {
        Some(next) if !(stays && direct.get(next).copied().unwrap_or(false)) => next,
        _ => index,
    }
}

/// The tokens that share the phonemes of a run of WORD events.
struct Block {
    /// The token that the WORD events point at.
    owner: usize,
    tokens: Vec<usize>,
    spans: Vec<usize>,
}

fn time_words(
    tokens: &[Token],
    spans: &[Span],
    owners: &[Option<usize>],
    isolated: &mut dyn FnMut(&str) -> Vec<String>,
) -> Vec<WordTime> {
    let mut words: Vec<WordTime> = Vec::new();
    for block in blocks(tokens, spans, owners) {
        for (index, start, end) in time_block(tokens, spans, &block, isolated) {
            let Some(token) = tokens.get(index) else {
                continue;
            };
            let start = words.last().map_or(start, |w| start.max(w.end));
            words.push(WordTime {
                start,
                end: end.max(start),
                from: token.from,
                to: token.to,
            });
        }
    }
    words
}

fn blocks(tokens: &[Token], spans: &[Span], owners: &[Option<usize>]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        let owner = span.event.and_then(|e| owners.get(e).copied().flatten());
        let Some(owner) = owner else { continue };
        match blocks.last_mut() {
            Some(block) if block.owner == owner => block.spans.push(index),
            _ => blocks.push(Block {
                owner,
                tokens: Vec::new(),
                spans: vec![index],
            }),
        }
    }
    let ends: Vec<usize> = blocks
        .iter()
        .skip(1)
        .map(|b| b.owner)
        .chain([tokens.len()])
        .collect();
    let mut from = 0;
    for (block, end) in blocks.iter_mut().zip(ends) {
        // Silent punctuation never takes a share; other tokens do, those
        // before the first event too.
        block.tokens = (from..end)
            .filter(|i| {
                let symbol = |t: &Token| *i == block.owner && !t.silent_from(t.from);
                tokens.get(*i).is_some_and(|t| t.wordlike || symbol(t))
            })
            .collect();
        from = end;
    }
    blocks
}

/// (token, start, end) for every token of a block that is heard.
fn time_block(
    tokens: &[Token],
    spans: &[Span],
    block: &Block,
    isolated: &mut dyn FnMut(&str) -> Vec<String>,
) -> Vec<(usize, usize, usize)> {
    let sound: Vec<&Span> = block.spans.iter().filter_map(|i| spans.get(*i)).collect();
    let (Some(first), Some(last)) = (sound.first(), sound.last()) else {
        return Vec::new();
    };
    if let [only] = block.tokens.as_slice() {
        return vec![(*only, first.start, last.end)];
    }
    let parts: Vec<split::Part> = block
        .tokens
        .iter()
        .filter_map(|i| tokens.get(*i).map(|t| (*i, t)))
        .map(|(i, token)| {
            let phonemes = isolated(&token.text);
            // A word the voice cannot speak at all may stay without a time.
            let required = token.ideograph || !phonemes.is_empty() || i == block.owner;
            split::Part { phonemes, required }
        })
        .collect();
    let names: Vec<&str> = sound.iter().map(|s| s.ipa.as_str()).collect();
    let opens: Vec<bool> = (0..sound.len())
        .map(|i| i == 0 || sound.get(i - 1).map(|s| s.event) != sound.get(i).map(|s| s.event))
        .collect();
    match split::split(&names, &opens, &parts) {
        Some(cuts) => block
            .tokens
            .iter()
            .zip(&cuts)
            .filter_map(|(token, range)| {
                let own = sound.get(range.clone())?;
                Some((*token, own.first()?.start, own.last()?.end))
            })
            .collect(),
        None => split::share(first.start, last.end, &parts)
            .into_iter()
            .zip(&block.tokens)
            .map(|((start, end), token)| (*token, start, end))
            .collect(),
    }
}

/// The reported phonemes: no empty spans, neighbouring silences joined.
fn merge(spans: Vec<Span>) -> Vec<PhonemeTime> {
    let mut phonemes: Vec<PhonemeTime> = Vec::new();
    for span in spans.into_iter().filter(|s| s.end > s.start) {
        match phonemes.last_mut() {
            Some(last) if last.ipa.is_empty() && span.ipa.is_empty() => last.end = span.end,
            _ => phonemes.push(PhonemeTime {
                start: span.start,
                end: span.end,
                ipa: span.ipa,
            }),
        }
    }
    phonemes
}
