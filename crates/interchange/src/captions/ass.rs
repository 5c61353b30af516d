//! Advanced SubStation Alpha (v4+): captions as they are burned, for players and editors.

use std::fmt::Write as _;

use workprint_model::caption::{CaptionPlace, WordEffect};
use workprint_model::episode::Colour;
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::PlacedCaption;
use workprint_model::words::capitals;
use workprint_model::{CastId, Percent, Rate, SafeArea, SafeBox, Size};

use super::{nearest, one_line, timed};

/// How a caption is set where it is burned, which an ASS file repeats.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssLook {
    /// The family that players look for.
    pub font: String,
    /// The height of that family's lines in thousandths of the letter size (`usWinAscent` and
    /// `usWinDescent` of its OS/2 table): what ASS calls a font's size.
    pub line: u32,
    /// How far burned lines lie above where the margin below would put lines of that height, in
    /// thousandths of the letter size; negative is below.
    pub below: i32,
    /// How far they lie below where the margin above would.
    pub above: i32,
    /// The letters' size after they were made to fit, in percent of what the style asks for.
    pub fitted: u32,
}

/// Captions as ASS: one style for each distinct look among them, the frame's own pixels as
/// coordinates, times in hundredths of a second, speakers in the `Name` field.
///
/// Lines, size, place, colours, outline and box are those of burned captions, and words follow the
/// voice by `\\kf` and `\\t` where they do there. Players fill every line from the left, and round no
/// corners.
///
/// ASS has no way to write `{` and `\` literally that every player reads: `{` and `}` are written `\{`
/// and `\}`, which libass reads back exactly, and a word joiner (U+2060) follows a backslash so that it
/// never begins a command.
pub fn ass(
    captions: &[PlacedCaption],
    (rate, size): (Rate, Size),
    look_of: impl Fn(&PlacedCaption) -> AssLook,
    name_of: impl Fn(&CastId) -> Option<String>,
) -> String {
    let mut styles: Vec<Style> = Vec::new();
    let mut events = String::new();
    for (caption, from, to) in timed(captions, rate, 100) {
        let style = Style {
            of: caption.style.clone(),
            safe: caption.safe,
            look: look_of(caption),
        };
        let known = styles.iter().position(|known| *known == style);
        let number = known.unwrap_or_else(|| {
            styles.push(style);
            styles.len() - 1
        });
        let second = caption.second.as_ref().map(|second| &second.speaker);
        let names = caption.speaker.iter().chain(second).filter_map(&name_of);
        let names: Vec<String> = names.collect();
        let name = one_line(&names.join("; ")).replace(',', ";");
        let _ = writeln!(
            events,
            "Dialogue: 0,{},{},{},{name},0,0,0,,{}",
            clock(from),
            clock(to),
            style_name(number),
            middle(caption, size) + &text(caption, from, rate),
        );
    }
    let mut out = format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {}\nPlayResY: {}\nWrapStyle: 2\n\
         ScaledBorderAndShadow: yes\nYCbCr Matrix: TV.709\n\n[V4+ Styles]\nFormat: Name, Fontname, \
         Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
         Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
         Alignment, MarginL, MarginR, MarginV, Encoding\n",
        size.width, size.height,
    );
    for (number, style) in styles.iter().enumerate() {
        out.push_str(&style.line(&style_name(number), size));
    }
    out.push_str(
        "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
    );
    out.push_str(&events);
    out
}

/// What makes captions share a `Style:` line.
#[derive(PartialEq)]
struct Style {
    of: CaptionStyle,
    safe: Option<SafeBox>,
    look: AssLook,
}

impl Style {
    /// A box is `BorderStyle` 3, whose outline width is the box's padding and whose outline colour
    /// fills it.
    fn line(&self, name: &str, frame: Size) -> String {
        let Self {
            of: style,
            safe,
            look,
        } = self;
        let letters = u64::from(style.letter_size(frame)) * u64::from(look.fitted) / 100;
        let transparent = 255 - (hundredths_of(style.box_opacity, 255)).min(255) as u8;
        let (border, width, edge) = match style.box_colour {
            Some(fill) => (3, letters / 4, colour(fill, transparent)),
            None => (
                1,
                hundredths_of(style.outline, letters),
                colour(style.outline_colour, 0),
            ),
        };
        // What is filled goes from the secondary to the primary colour.
        let fills = matches!(style.effect, WordEffect::Fill | WordEffect::Marker);
        let primary = colour(if fills { style.accent } else { style.colour }, 0);
        let (alignment, margins) = self.place(frame, *safe, letters);
        format!(
            "Style: {name},{},{},{primary},{},{edge},{},{},0,0,0,100,100,0,0,{border},{},{},\
             {alignment},{},{},{},1\n",
            one_line(&look.font).replace(',', " "),
            decimal(letters * u64::from(look.line) / 1000),
            colour(style.colour, 0),
            if style.box_colour.is_none() && style.shadow > Percent::new(0) {
                colour(Colour::new(0, 0, 0), 0x60)
            } else {
                edge.clone()
            },
            if style.bold { -1 } else { 0 },
            decimal(width),
            decimal(hundredths_of(style.shadow, letters) / 2),
            margins[0],
            margins[1],
            margins[2],
        )
    }

    /// The alignment, and the margins at the left, at the right, and above or below.
    fn place(&self, frame: Size, safe: Option<SafeBox>, letters: u64) -> (u8, [u32; 3]) {
        let away = hundredths_of(self.of.bottom, u64::from(frame.height)) as u32;
        let SafeArea {
            left,
            top,
            right,
            bottom,
        } = area(safe, frame);
        // Letters are in hundredths of a pixel, and the two in thousandths of a letter.
        let off = |share: i32| (i64::from(share) * letters as i64 + 50_000).div_euclid(100_000);
        let sides = |vertical: u32, share: i32| {
            let vertical = i64::from(vertical) + off(share);
            [left, frame.width - right, vertical.max(0) as u32]
        };
        match self.of.place {
            CaptionPlace::Bottom => (2, sides(away.max(frame.height - bottom), self.look.below)),
            CaptionPlace::Middle => (5, sides(0, 0)),
            CaptionPlace::Top => (8, sides(away.max(top), self.look.above)),
        }
    }
}

/// Where captions stand.
fn area(safe: Option<SafeBox>, frame: Size) -> SafeArea {
    let whole = SafeArea {
        left: frame.width / 20,
        top: 0,
        right: frame.width - frame.width / 20,
        bottom: frame.height,
    };
    safe.map_or(whole, |safe| safe.within(frame))
}

/// Where a caption in the middle stands, unless that is the middle of the frame's height: margins do
/// not move lines of this alignment up or down.
fn middle(caption: &PlacedCaption, frame: Size) -> String {
    let SafeArea {
        left,
        top,
        right,
        bottom,
    } = area(caption.safe, frame);
    if caption.style.place != CaptionPlace::Middle || top + bottom == frame.height {
        return String::new();
    }
    let half = |sum: u32| decimal(u64::from(sum) * 50);
    format!(
        "{{\\an5\\pos({},{})}}",
        half(left + right),
        half(top + bottom)
    )
}

/// A caption's text, with what its words do.
fn text(caption: &PlacedCaption, start: u64, rate: Rate) -> String {
    let mut voice = Voice {
        style: &caption.style,
        at: 0,
    };
    let words = if caption.style.is_timed() {
        caption.words.as_slice()
    } else {
        &[]
    };
    let time = |frame| nearest(caption.from + frame, rate, 100).saturating_sub(start);
    let mut lines: Vec<String> = Vec::new();
    for (number, line) in caption.lines.iter().enumerate() {
        let mut out = String::new();
        let mut byte = 0;
        for (at, word) in words.iter().enumerate() {
            let (from, to) = (word.place.start as usize, word.place.end as usize);
            let (Some(before), Some(own)) = (line.get(byte..from), line.get(from..to)) else {
                continue;
            };
            if usize::from(word.place.line) != number {
                continue;
            }
            let next = words.get(at + 1).map_or(caption.length, |next| next.from);
            out.push_str(&plain(before, caption));
            out.push_str(
                &voice.command((time(word.from), time(word.from + word.length)), time(next)),
            );
            out.push_str(&plain(own, caption));
            byte = to;
        }
        out.push_str(&plain(line.get(byte..).unwrap_or_default(), caption));
        if !line.trim().is_empty() {
            lines.push(out);
        }
    }
    lines.join("\\N")
}

/// What a caption's words do, one after the other, in hundredths of a second from its start.
struct Voice<'a> {
    style: &'a CaptionStyle,
    /// How far the filling has come.
    at: u64,
}

impl Voice<'_> {
    /// The command before a word that is heard `from` and `to`; the next one begins at `next`.
    fn command(&mut self, (from, to): (u64, u64), next: u64) -> String {
        let (on, off) = (from * 10, next.max(from + 1) * 10);
        match self.style.effect {
            WordEffect::None => String::new(),
            WordEffect::Fill | WordEffect::Marker => {
                let pause = from.saturating_sub(self.at);
                let own = to.saturating_sub(from.max(self.at));
                self.at = self.at.max(to);
                match pause {
                    0 => format!("{{\\kf{own}}}"),
                    pause => format!("{{\\k{pause}}}{{\\kf{own}}}"),
                }
            }
            WordEffect::Colour | WordEffect::Pop | WordEffect::Pill => {
                let rest = short_colour(self.style.colour);
                let heard = short_colour(self.style.accent);
                format!("{{\\1c{rest}\\t({on},{on},\\1c{heard})\\t({off},{off},\\1c{rest})}}")
            }
            WordEffect::Type | WordEffect::Reveal => {
                format!("{{\\alpha&HFF&\\t({on},{on},\\alpha&H00&)}}")
            }
        }
    }
}

fn plain(text: &str, caption: &PlacedCaption) -> String {
    let text = one_line(text);
    let text = if caption.style.upper {
        capitals(&text, &caption.language)
    } else {
        text
    };
    text.replace('\\', "\\\u{2060}")
        .replace('{', "\\{")
        .replace('}', "\\}")
}

fn clock(cs: u64) -> String {
    let (hours, minutes, seconds) = (cs / 360_000, cs / 6000 % 60, cs / 100 % 60);
    format!("{hours}:{minutes:02}:{seconds:02}.{:02}", cs % 100)
}

fn style_name(index: usize) -> String {
    if index == 0 {
        "Default".to_owned()
    } else {
        format!("Style{}", index + 1)
    }
}

/// `share` of `whole`, rounded to nearest; a negative share is nothing.
fn hundredths_of(share: Percent, whole: u64) -> u64 {
    let share = u64::try_from(share.hundredths()).unwrap_or(0);
    (share * whole + 5000) / 10_000
}

/// Hundredths as a decimal number.
fn decimal(hundredths: u64) -> String {
    match hundredths % 100 {
        0 => (hundredths / 100).to_string(),
        rest => format!("{}.{rest:02}", hundredths / 100),
    }
}

/// `&HAABBGGRR`, where `AA` is how transparent the colour is.
fn colour(colour: Colour, transparent: u8) -> String {
    format!(
        "&H{transparent:02X}{:02X}{:02X}{:02X}",
        colour.b, colour.g, colour.r
    )
}

/// A colour inside a command.
fn short_colour(colour: Colour) -> String {
    format!("&H{:02X}{:02X}{:02X}&", colour.b, colour.g, colour.r)
}
