//! Chords in time.

/// Semitones of a chord over the key's note: its bass, and the voices of a pad.
pub(super) struct Chord {
    pub(super) bass: f64,
    pub(super) voices: [f64; 4],
}

/// When a chord begins and how long it lasts, in frames.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) at: u64,
    pub(super) length: u64,
    /// Which chord of the progression.
    pub(super) chord: usize,
    /// The last one, which rings out.
    pub(super) last: bool,
}

/// What a bed is in at each moment, for what joins it.
pub(super) struct Harmony {
    /// The key's note, in semitones.
    pub(super) key: f64,
    /// Its chords in time; none for a bed that stays on its key.
    pub(super) spans: Vec<Span>,
    /// The progression.
    pub(super) chords: &'static [Chord],
}

impl Harmony {
    /// The chord that sounds at a frame, in semitones over no key: its bass and its voices.
    pub(super) fn at(&self, frame: u64) -> (f64, [f64; 4]) {
        let span = self.spans.iter().rev().find(|span| span.at <= frame);
        match span.and_then(|span| self.chords.get(span.chord)) {
            Some(chord) => (
                self.key + chord.bass,
                chord.voices.map(|voice| self.key + voice),
            ),
            None => (
                self.key,
                [0.0, 7.0, 12.0, 19.0].map(|voice| self.key + voice),
            ),
        }
    }
}

/// Lays chords of about `each` frames over `length`, the last, the progression's first, lasting
/// `ending` frames. The progression of `count` chords is counted back from the end, so that its last
/// chord leads home; the very first chord is the first of the progression too.
pub(super) fn lay(length: u64, each: u64, ending: u64, count: usize) -> Vec<Span> {
    let ending = ending.min(length * 2 / 5).max(1);
    let body = length - ending.min(length);
    let chords = ((body + each / 2) / each).max(1);
    let mut spans: Vec<Span> = (0..chords)
        .map(|n| {
            let at = body * n / chords;
            let back = (chords - n) as usize % count;
            Span {
                at,
                length: body * (n + 1) / chords - at,
                chord: if n == 0 { 0 } else { (count - back) % count },
                last: false,
            }
        })
        .collect();
    spans.push(Span {
        at: body,
        length: ending,
        chord: 0,
        last: true,
    });
    spans
}

/// Semitones of a major pentatonic scale's step, counted from the key's note over any octaves.
pub(super) fn pentatonic(step: i32) -> f64 {
    let octave = step.div_euclid(5);
    let within = [0, 2, 4, 7, 9][step.rem_euclid(5) as usize];
    f64::from(octave * 12 + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_fill_the_length_and_lead_home() {
        for length in [1u64, 50, 48_000, 2_880_000, 28_800_000] {
            let spans = lay(length, 336_000, 432_000, 4);
            let mut at = 0;
            for span in &spans {
                assert_eq!(span.at, at);
                at += span.length;
            }
            assert_eq!(at, length);
            assert_eq!(spans[0].chord, 0);
            if let [.., before, last] = spans.as_slice() {
                assert!(last.last && last.chord == 0);
                assert!(before.chord == 3 || spans.len() == 2);
            }
        }
    }
}
