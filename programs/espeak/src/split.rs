//! Divides the phonemes of one WORD event among several written tokens.

use std::ops::Range;

/// One token of the division.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its phonemes when spoken alone.
    pub(crate) phonemes: Vec<String>,
    /// Whether it must get at least one phoneme.
    pub(crate) required: bool,
}

/// Above this many steps the division falls back to proportions.
const MAX_STEPS: usize = 4_000_000;
/// Cost of a cut that is not at a WORD event.
const CUT_INSIDE_EVENT: f32 = 0.6;

/// True when an IPA name begins with a vowel.
pub(crate) fn is_vowel(ipa: &str) -> bool {
    ipa.chars()
        .next()
        .is_some_and(|c| "aeiouyæɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏøœᵻᵿäöü".contains(c))
}

/// The range of `sounds` that each part gets, in order; `None` when there are
/// fewer phonemes than parts that need one. `opens[i]` tells that a WORD event
/// begins at phoneme `i`.
pub(crate) fn split(sounds: &[&str], opens: &[bool], parts: &[Part]) -> Option<Vec<Range<usize>>> {
    let needed = parts.iter().filter(|p| p.required).count();
    if needed > sounds.len() || parts.is_empty() {
        return None;
    }
    let total: usize = parts.iter().map(|p| p.phonemes.len() + 1).sum();
    let steps = total
        .saturating_mul(sounds.len())
        .saturating_mul(sounds.len());
    if steps > MAX_STEPS {
        return None;
    }
    let width = sounds.len() + 1;
    let mut cost = vec![f32::INFINITY; width];
    cost[0] = 0.0;
    let mut origins: Vec<Vec<usize>> = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let mut next = vec![f32::INFINITY; width];
        let mut origin = vec![0; width];
        for from in (0..width).filter(|i| cost[*i].is_finite()) {
            let inside =
                index > 0 && from < sounds.len() && !opens.get(from).copied().unwrap_or(true);
            let base = cost[from] + if inside { CUT_INSIDE_EVENT } else { 0.0 };
            for (length, edits) in distances(&sounds[from..], &part.phonemes)
                .into_iter()
                .enumerate()
            {
                if part.required && length == 0 {
                    continue;
                }
                if base + edits < next[from + length] {
                    next[from + length] = base + edits;
                    origin[from + length] = from;
                }
            }
        }
        cost = next;
        origins.push(origin);
    }
    let mut end = sounds.len();
    let mut ranges = Vec::with_capacity(parts.len());
    for origin in origins.iter().rev() {
        let from = origin[end];
        ranges.push(from..end);
        end = from;
    }
    ranges.reverse();
    Some(ranges)
}

/// Edit distance of `wanted` to every prefix of `sounds` (index = its length).
fn distances(sounds: &[&str], wanted: &[String]) -> Vec<f32> {
    let mut column: Vec<f32> = Vec::with_capacity(wanted.len() + 1);
    let mut sum = 0.0;
    column.push(sum);
    for _ in wanted {
        sum += 1.0;
        column.push(sum);
    }
    let mut result = vec![sum];
    for sound in sounds {
        let mut diagonal = column[0];
        column[0] += 1.0;
        for (row, name) in wanted.iter().enumerate() {
            let best = (diagonal + substitution(sound, name))
                .min(column[row] + 1.0)
                .min(column[row + 1] + 1.0);
            diagonal = std::mem::replace(&mut column[row + 1], best);
        }
        result.push(column[wanted.len()]);
    }
    result
}

fn substitution(heard: &str, wanted: &str) -> f32 {
    if heard == wanted {
        return 0.0;
    }
    match (is_vowel(heard), is_vowel(wanted)) {
        (true, true) => 0.3,
        (false, false) => 0.7,
        _ => 1.5,
    }
}

/// Divides a stretch of samples in proportion to the parts' phonemes.
pub(crate) fn share(start: usize, end: usize, parts: &[Part]) -> Vec<(usize, usize)> {
    let weight = |part: &Part| part.phonemes.len().max(1);
    let total: usize = parts.iter().map(weight).sum();
    let length = end.saturating_sub(start);
    let mut used = 0;
    let mut shares = Vec::with_capacity(parts.len());
    for part in parts {
        let from = start + length * used / total.max(1);
        used += weight(part);
        shares.push((from, start + length * used / total.max(1)));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(phonemes: &[&str]) -> Part {
        Part {
            phonemes: phonemes.iter().map(|p| (*p).to_owned()).collect(),
            required: true,
        }
    }

    #[test]
    fn of_the_splits_between_its_words() {
        let parts = [part(&["ʌ", "v"]), part(&["ð", "ə"])];
        let cuts = split(&["ə", "v", "ð", "ɪ"], &[true, false, false, false], &parts);
        assert_eq!(cuts, Some(vec![0..2, 2..4]));
    }

    #[test]
    fn every_required_part_gets_a_phoneme() {
        let parts = [part(&["a"]), part(&[]), part(&["a"])];
        let cuts = split(&["a", "a", "x"], &[true; 3], &parts);
        assert!(cuts.is_some_and(|c| c.iter().all(|r| !r.is_empty())));
        assert_eq!(split(&["a"], &[true], &parts), None);
    }

    #[test]
    fn shares_cover_the_stretch() {
        assert_eq!(
            share(10, 40, &[part(&["a", "b"]), part(&["c"])]),
            [(10, 30), (30, 40)]
        );
    }
}
