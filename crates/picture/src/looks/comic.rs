//! Comic: a printed panel. Outlines are drawn where it is darker than round about (Winnemöller, "XDoG:
//! advanced image stylization with extended difference-of-Gaussians", 2011), tones are a screen of
//! dots at 45 degrees, and around the panel there is paper.

use workprint_model::Size;
use workprint_model::look::Comic;

use super::Effect;
use super::range::{BLACK, NEUTRAL, SPAN};
use super::soft::Soft;
use crate::maths::{sine, smooth};
use crate::paint::kernel::Kernel;
use crate::resolve::Moment;
use crate::yuv::{YuvMut, bt709, chroma_size};

/// Tones are looked up in quarters of a luma.
const TONES: usize = 1024;

/// A press, ready for pages of one size.
#[derive(Debug)]
pub(super) struct Printed {
    page: Page,
    /// How much ink each tone takes, of 255.
    ink: Vec<u8>,
    /// Thresholds of the screen, `pitch` rows as long as the page's, and how sharp its dots are.
    screen: Vec<u8>,
    pitch: usize,
    sharp: i32,
    lines: i32,
    /// How much of the picture's colour is left, of 256.
    colour: i32,
    fine: Soft,
    wide: Soft,
    tone: Soft,
    drawn: Vec<u16>,
    inked: Vec<u8>,
}

/// Paper, ink, and where the panel lies.
#[derive(Debug)]
struct Page {
    paper: [i32; 3],
    ink: [i32; 3],
    margin: usize,
    border: usize,
}

impl Printed {
    pub(super) fn new(comic: &Comic, size: Size) -> Self {
        let height = f64::from(size.height);
        let (width, rows) = (size.width as usize, size.height as usize);
        let soft = |sigma: f64, least: f64| Soft::new(width, rows, (height * sigma).max(least));
        // At 45 degrees, rows of dots lie the square root of a half of this apart.
        let pitch = height * comic.dots.ratio().clamp(0.0, 0.05) * std::f64::consts::SQRT_2;
        let pitch = (pitch + 0.5) as usize;
        let screened = pitch >= 3;
        let even =
            |share: f64, most: f64| ((height * share.clamp(0.0, most)) / 2.0 + 0.5) as usize * 2;
        Self {
            page: Page {
                paper: bt709(comic.paper).map(i32::from),
                ink: bt709(comic.ink_colour).map(i32::from),
                margin: even(comic.margin.ratio(), 0.2),
                border: even(comic.border.ratio(), 0.05),
            },
            ink: tones(comic),
            screen: if screened {
                across(&screen(pitch), pitch, width)
            } else {
                vec![0; width]
            },
            pitch: if screened { pitch } else { 1 },
            sharp: if screened {
                (pitch as i32 * 2).clamp(5, 40)
            } else {
                0
            },
            lines: (comic.lines.ratio().clamp(0.0, 1.0) * 90.0) as i32,
            colour: (comic.colour.ratio().clamp(0.0, 1.0) * 256.0) as i32,
            fine: soft(0.000_9, 0.3),
            wide: soft(0.002_0, 0.9),
            tone: soft(0.002_4, 0.7),
            drawn: Vec::new(),
            inked: Vec::new(),
        }
    }

    /// How much ink each pixel takes.
    fn draw(&mut self, luma: &[u8], width: usize, kernel: Kernel) {
        self.drawn.resize(luma.len(), 0);
        self.inked.resize(luma.len(), 0);
        self.fine.blur(luma, kernel);
        let drawn = &mut self.drawn;
        self.fine.rows(kernel, |row, samples| {
            drawn[row * width..][..width].copy_from_slice(samples);
        });
        self.wide.blur(luma, kernel);
        let lines = self.lines;
        self.wide.rows(kernel, |row, wide| {
            outline(kernel, wide, lines, &mut drawn[row * width..][..width]);
        });
        self.tone.blur(luma, kernel);
        let (drawn, inked) = (&self.drawn, &mut self.inked);
        let (ink, screen, pitch, sharp) = (&self.ink, &self.screen, self.pitch, self.sharp);
        self.tone.rows(kernel, |row, tones| {
            let out = &mut inked[row * width..][..width];
            let thresholds = &screen[row % pitch * width..][..width];
            for (out, tone) in out.iter_mut().zip(tones) {
                *out = ink[usize::from(tone >> 6)];
            }
            if sharp > 0 {
                dot(kernel, thresholds, sharp, out);
            }
            overprint(kernel, &drawn[row * width..][..width], out);
        });
    }

    /// The panel's border, and nothing outside of it.
    fn frame(&mut self, width: usize, height: usize) {
        let Page { margin, border, .. } = self.page;
        let inner = margin + border;
        for (y, row) in self.inked.chunks_exact_mut(width).enumerate() {
            let away = y.min(height - 1 - y);
            let sides = width.min(2 * inner) / 2;
            if away < margin {
                row.fill(0);
                continue;
            }
            let across = margin.min(width / 2);
            if away < inner {
                row.fill(255);
            }
            row[..sides].fill(255);
            row[width - sides..].fill(255);
            row[..across].fill(0);
            row[width - across..].fill(0);
        }
    }
}

impl Effect for Printed {
    fn apply(&mut self, frame: &mut YuvMut<'_>, _: Option<Moment>, kernel: Kernel) {
        let (width, height) = (frame.size.width as usize, frame.size.height as usize);
        let half = chroma_size(frame.size).width as usize;
        self.draw(frame.planes()[0], width, kernel);
        self.frame(width, height);
        let Page {
            paper, ink, margin, ..
        } = self.page;
        let [y, u, v] = frame.planes_mut();
        print(kernel, &self.inked, (paper[0], ink[0]), y);
        let inked = self.inked.chunks(2 * width);
        let rows = u.chunks_exact_mut(half).zip(v.chunks_exact_mut(half));
        for (row, (inked, (u, v))) in inked.zip(rows).enumerate() {
            let inside = 2 * row >= margin && 2 * row + margin < height;
            let colour = if inside { self.colour } else { 0 };
            for (plane, at) in [(u, 1), (v, 2)] {
                let edge = (margin / 2).min(half / 2);
                let (left, rest) = plane.split_at_mut(edge);
                let (middle, right) = rest.split_at_mut(half - 2 * edge);
                left.fill(paper[at] as u8);
                right.fill(paper[at] as u8);
                let upper = &inked[2 * edge..width];
                print_colour(kernel, upper, (paper[at], ink[at], colour), middle);
            }
        }
    }
}

/// How much ink each tone takes: all of it in the dark, none in the light, steps between.
fn tones(comic: &Comic) -> Vec<u8> {
    let solid = 0.06 + 0.5 * comic.ink.ratio().clamp(0.0, 1.0);
    let bare = (solid + 0.42).min(0.92);
    let steps = f64::from(comic.tones.min(4));
    // Soft over a fiftieth of the range, so that no edge is jagged.
    let rise = |tone: f64, at: f64| smooth((at - tone) * 50.0 + 0.5);
    let ink = |tone: f64| {
        let mut ink = 0.0;
        let mut below = 0.0;
        for step in 0..comic.tones.min(4) {
            // From the lightest tone to the darkest.
            let at = bare - (bare - solid) * f64::from(step) / steps;
            let dark = 0.62 * (f64::from(step) + 1.0) / (steps + 0.35);
            ink += (dark - below) * rise(tone, at);
            below = dark;
        }
        ink + (1.0 - below) * rise(tone, solid)
    };
    (0..TONES)
        .map(|index| {
            let luma = (index as f64 + 0.5) / 4.0;
            let tone = (luma - f64::from(BLACK)) / f64::from(SPAN);
            (ink(tone).clamp(0.0, 1.0) * 255.0 + 0.5) as u8
        })
        .collect()
}

/// Thresholds of a screen of round dots at 45 degrees, `pitch` across and down: as many of each.
fn screen(pitch: usize) -> Vec<u8> {
    let angle = |at: usize| sine(f64::from((at * 360 / pitch) as u32 + 90));
    let mut places: Vec<(f64, usize)> = (0..pitch * pitch)
        .map(|at| {
            let (x, y) = (at % pitch, at / pitch);
            (angle(x + y) + angle(x + pitch - y), at)
        })
        .collect();
    places.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut out = vec![0; places.len()];
    for (rank, (_, at)) in places.iter().enumerate() {
        out[*at] = (1 + rank * 254 / places.len()) as u8;
    }
    out
}

/// The rows of a screen, again and again until they are `width` long.
fn across(screen: &[u8], pitch: usize, width: usize) -> Vec<u8> {
    let rows = screen.chunks_exact(pitch);
    rows.flat_map(|row| row.iter().copied().cycle().take(width))
        .collect()
}

super::kernel::twins! {
    /// Ink (of 255) where a fine blur is darker than a wide one.
    fn outline(wide: &[u16], lines: i32, fine: &mut [u16]) {
        for (fine, &wide) in fine.iter_mut().zip(wide) {
            // Of 256 to a luma; the first two of luma draw nothing.
            let darker = i32::from(wide) - i32::from(*fine) - 420;
            *fine = ((darker * lines) >> 9).clamp(0, 255) as u16;
        }
    }

    /// Makes tones dots.
    fn dot(thresholds: &[u8], sharp: i32, row: &mut [u8]) {
        for (sample, &threshold) in row.iter_mut().zip(thresholds) {
            let own = i32::from(*sample);
            let cover = (own - i32::from(threshold)) * sharp / 4 + 128;
            // Bare paper and solid ink have no dots.
            let cover = if own == 0 || own == 255 { own } else { cover };
            *sample = cover.clamp(0, 255) as u8;
        }
    }

    fn overprint(drawn: &[u16], row: &mut [u8]) {
        for (sample, &drawn) in row.iter_mut().zip(drawn) {
            *sample = (*sample).max(drawn as u8);
        }
    }

    fn print(inked: &[u8], tones: (i32, i32), row: &mut [u8]) {
        let (paper, ink) = tones;
        for (sample, &inked) in row.iter_mut().zip(inked) {
            let cover = i32::from(inked) + i32::from(inked >> 7);
            *sample = (paper + (((ink - paper) * cover + 128) >> 8)) as u8;
        }
    }

    /// `tones` are paper, ink, and how much of the picture's colour is left on paper.
    fn print_colour(inked: &[u8], tones: (i32, i32, i32), row: &mut [u8]) {
        let (paper, ink, colour) = tones;
        let printed = |sample: u8, inked: u8| {
            let cover = i32::from(inked) + i32::from(inked >> 7);
            let own = ((i32::from(sample) - NEUTRAL) * colour + 128) >> 8;
            let value = paper + own + (((ink - paper - own) * cover + 128) >> 8);
            value.clamp(1, 254) as u8
        };
        let (pairs, odd) = inked.as_chunks::<2>();
        for (sample, inked) in row.iter_mut().zip(pairs) {
            *sample = printed(*sample, inked[0]);
        }
        if let (Some(last), [inked]) = (row.get_mut(pairs.len()), odd) {
            *last = printed(*last, *inked);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yuv::Yuv;

    #[test]
    fn tones_fall_from_ink_to_paper() {
        let tones = tones(&Comic::default());
        assert!(tones[4 * 16] == 255 && tones[4 * 235] == 0);
        assert!(tones.windows(2).all(|pair| pair[1] <= pair[0]));
    }

    #[test]
    fn a_screen_has_as_many_of_every_threshold() {
        for pitch in [3, 8, 11] {
            let screen = screen(pitch);
            let below = screen.iter().filter(|&&threshold| threshold < 128).count();
            assert!((below * 2).abs_diff(pitch * pitch) <= pitch, "{pitch}");
        }
    }

    #[test]
    fn paper_lies_around_a_panel_with_a_border() {
        let size = Size {
            width: 400,
            height: 200,
        };
        let mut frame = Yuv::new(size).unwrap();
        frame.fill([235, 128, 128]);
        let comic = Comic::default();
        Printed::new(&comic, size).apply(&mut frame.lent(), None, Kernel::best());
        let [paper, ink] = [comic.paper, comic.ink_colour].map(|colour| bt709(colour)[0]);
        let row = &frame.planes()[0][100 * 400..][..400];
        // 3.5 percent of 200 is 7, and pairs of pixels are kept whole.
        assert_eq!(row[..8], [paper; 8]);
        assert_eq!(row[8..10], [ink; 2]);
        assert_eq!(
            (row[12], row[200], row[390], row[399]),
            (paper, paper, ink, paper)
        );
    }
}
