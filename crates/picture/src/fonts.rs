//! The fonts that text is set in: the ones in `crates/picture/fonts/` and what a show brings.
//!
//! Fonts of the system are never used, so the same words give the same pixels on every machine.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use fontique::{Blob, Collection, CollectionOptions, GenericFamily};
use parley::{FontContext, LayoutContext};
use resvg::usvg::fontdb;
use skrifa::MetadataProvider as _;
use skrifa::raw::TableProvider as _;
use workprint_model::digest::Hasher;
use workprint_model::{Digest, Language};

/// The digest of all font files in the tree, in the order of `FILES`, each with its length before it.
///
/// Part of the key of everything drawn with text; a test compares it with the files.
pub const REVISION: &str = "b67d6fa8f25f6f16c4e59aad5d17577841afd7ba138cdfe43a31f02ccd45b078";

/// Most bytes of fonts that a show may bring.
pub const MAX_EXTRA_BYTES: usize = 256 << 20;

macro_rules! font_files {
    ($($name:literal),* $(,)?) => {
        &[$(include_bytes!(concat!("../fonts/", $name)).as_slice()),*]
    };
}

const FILES: &[&[u8]] = font_files![
    "Inter-Regular.ttf",
    "Inter-Bold.ttf",
    "EBGaramond-500.ttf",
    "EBGaramond-600.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansArabic-Bold.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansDevanagari-Bold.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansThai-Bold.ttf",
    "NotoSansCJK-jp-Bold.otf",
    "NotoSansCJK-kr-Bold.otf",
    "NotoSansCJK-sc-Bold.otf",
    "NotoColorEmoji.ttf",
];

const SANS: &str = "Inter";
const EMOJI: &str = "Noto Color Emoji";

/// The digest of the fonts in the tree: [`REVISION`].
pub fn fonts_digest() -> Digest {
    REVISION
        .parse()
        .expect("the revision is a digest, as its test shows")
}

/// Fonts to set text in. Cheap to share; drawing from many threads at once is fine.
pub struct Fonts {
    collection: Collection,
    /// What shaping needs besides the fonts, kept for the next text.
    idle: Mutex<Vec<Setter>>,
    database: LazyLock<Arc<fontdb::Database>, Box<dyn FnOnce() -> Arc<fontdb::Database> + Send>>,
    extra_families: Vec<String>,
    digest: Digest,
}

/// A typesetter's tools: parley's contexts.
pub(crate) struct Setter {
    pub(crate) fonts: FontContext,
    pub(crate) layout: LayoutContext<()>,
}

impl Fonts {
    /// The fonts in the tree.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Fonts> = LazyLock::new(|| Fonts::with(&[]));
        &BUILT_IN
    }

    /// The fonts in the tree and `extra` font files (TTF, OTF, TTC).
    ///
    /// Files that are not fonts, and those past [`MAX_EXTRA_BYTES`], are left out: compare
    /// [`Fonts::extra_families`] to tell.
    pub fn with(extra: &[Arc<Vec<u8>>]) -> Self {
        let mut collection = Collection::new(CollectionOptions {
            shared: false,
            system_fonts: false,
        });
        for file in FILES {
            collection.register_fonts(Blob::new(Arc::new(*file)), None);
        }
        let mut room = MAX_EXTRA_BYTES;
        let mut families = BTreeSet::new();
        let mut kept = Vec::new();
        for file in extra {
            if file.len() > room {
                continue;
            }
            room -= file.len();
            let registered = collection.register_fonts(Blob::new(file.clone()), None);
            if !registered.is_empty() {
                kept.push(file.clone());
            }
            for (id, _) in registered {
                families.extend(collection.family_name(id).map(str::to_owned));
            }
        }
        if let Some(emoji) = collection.family_id(EMOJI) {
            collection.set_generic_families(GenericFamily::Emoji, std::iter::once(emoji));
        }
        let mut hasher = Hasher::default();
        hasher.update(fonts_digest().as_bytes());
        for file in &kept {
            hasher.update(Digest::of(file).as_bytes());
        }
        Self {
            collection,
            idle: Mutex::default(),
            digest: if kept.is_empty() {
                fonts_digest()
            } else {
                hasher.finish()
            },
            database: LazyLock::new(Box::new(move || Arc::new(database(&kept)))),
            extra_families: families.into_iter().collect(),
        }
    }

    /// The digest of all these fonts, for keys.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The names of the families that the show brought, sorted.
    pub fn extra_families(&self) -> &[String] {
        &self.extra_families
    }

    /// The families to look a character up in, best first: those of `face` and of each script, then
    /// the show's own, then the emoji's, which have signs of every kind.
    pub(crate) fn families<'a>(&'a self, face: Face, language: &Language) -> Vec<&'a str> {
        let mut families: Vec<&str> = face.families(language);
        families.extend(self.extra_families.iter().map(String::as_str));
        families.push(EMOJI);
        families
    }

    /// The fonts as SVG templates see them.
    pub(crate) fn database(&self) -> &Arc<fontdb::Database> {
        &self.database
    }

    /// Lends the tools to set one text.
    pub(crate) fn set<T>(&self, work: impl FnOnce(&mut Setter) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let lent = idle().pop();
        let mut setter = lent.unwrap_or_else(|| Setter {
            fonts: FontContext {
                collection: self.collection.clone(),
                source_cache: fontique::SourceCache::default(),
            },
            layout: LayoutContext::new(),
        });
        let result = work(&mut setter);
        idle().push(setter);
        result
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts")
            .field("digest", &self.digest)
            .field("extra_families", &self.extra_families)
            .finish_non_exhaustive()
    }
}

fn database(extra: &[Arc<Vec<u8>>]) -> fontdb::Database {
    let mut database = fontdb::Database::new();
    for file in FILES {
        database.load_font_source(fontdb::Source::Binary(Arc::new(*file)));
    }
    for file in extra {
        database.load_font_source(fontdb::Source::Binary(file.clone()));
    }
    database.set_sans_serif_family("Inter");
    database.set_serif_family("EB Garamond");
    database.set_monospace_family("Inter");
    database.set_cursive_family("EB Garamond");
    database.set_fantasy_family("EB Garamond");
    database
}

/// A face of the house.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Face {
    /// Inter: captions, names, small words.
    #[default]
    Sans,
    /// EB Garamond: titles.
    Display,
}

impl Face {
    /// `face` itself, then each script's, with the Han forms of `language` before those of others.
    fn families<'a>(self, language: &Language) -> Vec<&'a str> {
        let mut families = match self {
            Self::Sans => vec!["Inter"],
            Self::Display => vec!["EB Garamond", "Inter"],
        };
        let scripts = [
            Script::Arabic,
            Script::Hebrew,
            Script::Devanagari,
            Script::Thai,
        ];
        families.extend(scripts.map(|script| script.family(language)));
        families.extend(han_families(language));
        families
    }
}

/// Han characters look different in China, Japan and Korea.
fn han_families(language: &Language) -> [&'static str; 3] {
    match language.primary().as_str() {
        "ja" => ["Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK KR"],
        "ko" => ["Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans CJK SC"],
        _ => ["Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR"],
    }
}

/// How high the lines of a family are, in thousandths of the letter size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineMetrics {
    /// Above and below the baseline as letters are laid.
    pub(crate) laid: (i32, i32),
    /// Above and below the baseline as the OS/2 table tells Windows (`usWinAscent`, `usWinDescent`).
    pub(crate) windows: (i32, i32),
}

/// The family that most of a text is set in, and its lines.
pub(crate) fn main_family(text: &str, language: &Language) -> (&'static str, LineMetrics) {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let script = Script::of(c, chars.peek().copied());
        let family = match script {
            Some(Script::Emoji) => continue,
            Some(script) => script.family(language),
            None if c.is_alphabetic() => SANS,
            None => continue,
        };
        match counts.iter_mut().find(|(known, _)| *known == family) {
            Some((_, count)) => *count += 1,
            None => counts.push((family, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    let found = counts.iter().find(|(_, count)| Some(*count) == most);
    let family = found.map_or(SANS, |(family, _)| family);
    (family, line_metrics(family))
}

fn line_metrics(family: &str) -> LineMetrics {
    let mut found = FILES.iter().filter_map(|file| {
        let font = skrifa::FontRef::new(file).ok()?;
        let mut names = font.localized_strings(skrifa::string::StringId::FAMILY_NAME);
        let named = names.any(|name| name.chars().eq(family.chars()));
        let table = font.os2().ok().filter(|_| named)?;
        let unscaled = skrifa::instance::Size::unscaled();
        let own = font.metrics(unscaled, skrifa::instance::LocationRef::default());
        let unit = i32::from(own.units_per_em).max(1);
        let thousandths = |value: i32| value * 1000 / unit;
        Some(LineMetrics {
            laid: (
                thousandths(own.ascent as i32),
                thousandths(-own.descent as i32),
            ),
            windows: (
                thousandths(i32::from(table.us_win_ascent())),
                thousandths(i32::from(table.us_win_descent())),
            ),
        })
    });
    found.next().unwrap_or(LineMetrics {
        laid: (970, 240),
        windows: (970, 240),
    })
}

/// A script with a family of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Arabic,
    Hebrew,
    Devanagari,
    Thai,
    Han,
    Kana,
    Hangul,
    Emoji,
}

impl Script {
    /// The script of `c`, where `next` follows it: a variation selector or a keycap makes an emoji.
    pub(crate) const fn of(c: char, next: Option<char>) -> Option<Self> {
        if matches!(next, Some('\u{fe0f}' | '\u{20e3}')) {
            return Some(Self::Emoji);
        }
        match c {
            '\u{600}'..='\u{6ff}'
            | '\u{750}'..='\u{77f}'
            | '\u{8a0}'..='\u{8ff}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefe}' => Some(Self::Arabic),
            '\u{590}'..='\u{5ff}' | '\u{fb1d}'..='\u{fb4f}' => Some(Self::Hebrew),
            '\u{900}'..='\u{97f}' | '\u{a8e0}'..='\u{a8ff}' => Some(Self::Devanagari),
            '\u{e00}'..='\u{e7f}' => Some(Self::Thai),
            '\u{3040}'..='\u{30ff}' => Some(Self::Kana),
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => {
                Some(Self::Hangul)
            }
            '\u{2e80}'..='\u{303f}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ffef}' => Some(Self::Han),
            '\u{1f000}'..='\u{1faff}'
            | '⌚'
            | '⌛'
            | '⏩'
            | '⏪'
            | '⏰'
            | '⏳'
            | '☕'
            | '♻'
            | '⚓'
            | '⚡'
            | '⚽'
            | '⚾'
            | '⛄'
            | '⛅'
            | '⛔'
            | '⛵'
            | '✅'
            | '✊'
            | '✋'
            | '✨'
            | '❌'
            | '❓'
            | '❗'
            | '➕'
            | '➖'
            | '⬛'
            | '⬜'
            | '⭐'
            | '⭕' => Some(Self::Emoji),
            _ => None,
        }
    }

    /// Whether `c` belongs to whatever it follows: joiners, selectors, tones, keycaps.
    pub(crate) const fn joins(c: char) -> bool {
        matches!(
            c,
            '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{300}'..='\u{36f}'
        )
    }

    /// The family that has it, in the forms of `language`.
    pub(crate) fn family(self, language: &Language) -> &'static str {
        match self {
            Self::Arabic => "Noto Sans Arabic",
            Self::Hebrew => "Noto Sans Hebrew",
            Self::Devanagari => "Noto Sans Devanagari",
            Self::Thai => "Noto Sans Thai",
            Self::Han => han_families(language)[0],
            Self::Kana => "Noto Sans CJK JP",
            Self::Hangul => "Noto Sans CJK KR",
            Self::Emoji => EMOJI,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revision_is_that_of_the_files() {
        let mut hasher = Hasher::default();
        for file in FILES {
            hasher.update(&(file.len() as u64).to_le_bytes());
            hasher.update(file);
        }
        assert_eq!(REVISION, hasher.finish().to_string());
    }

    #[test]
    fn a_text_has_a_main_family_whose_lines_have_a_height() {
        let family = |tag: &str, text: &str| main_family(text, &tag.parse().unwrap());
        assert_eq!(family("en", "Hello 世").0, "Inter");
        assert_eq!(
            family("ar", "مرحبا Workprint بالعالم الجميل").0,
            "Noto Sans Arabic"
        );
        assert_eq!(family("ja", "直骨").0, "Noto Sans CJK JP");
        assert_eq!(family("en", "🔥 123").0, "Inter");
        for (tag, text) in [
            ("en", "a"),
            ("ar", "م"),
            ("hi", "न"),
            ("th", "ส"),
            ("ko", "안"),
        ] {
            let (name, LineMetrics { laid, windows }) = family(tag, text);
            for (above, below) in [laid, windows] {
                assert!((700..2000).contains(&above), "{name}: {above}");
                assert!((100..1000).contains(&below), "{name}: {below}");
            }
        }
    }

    #[test]
    fn hostile_font_files_are_left_out() {
        let mut cut = FILES[0][..4000].to_vec();
        cut[20] ^= 0xff;
        let extra = [
            Vec::new(),
            b"\0\x01\0\0\xff\xff\xff\xff\xff\xff".to_vec(),
            cut,
            vec![0xff; 100],
        ];
        let fonts = Fonts::with(&extra.map(Arc::new));
        assert!(fonts.extra_families().is_empty());
        assert_eq!(*fonts.digest(), fonts_digest());
        assert!(!fonts.database().is_empty());
    }

    #[test]
    fn a_show_adds_a_family() {
        let fonts = Fonts::with(&[Arc::new(FILES[0].to_vec())]);
        assert_eq!(fonts.extra_families(), ["Inter"]);
        assert_ne!(*fonts.digest(), fonts_digest());
    }

    #[test]
    fn a_show_brings_letters_that_the_tree_has_not() {
        // Two letters of Ogham, drawn for this test with fontTools' `FontBuilder`.
        let own = include_bytes!("../tests/fonts/ogham.ttf");
        let fonts = Fonts::with(&[Arc::new(own.to_vec())]);
        assert_eq!(fonts.extra_families(), ["Workprint Ogham"]);
        let language = "en".parse().expect("English has a code");
        let known = |fonts: &Fonts, face| {
            let style = crate::text::Type {
                face,
                ..crate::text::Type::new(40.0, &language)
            };
            let laid = crate::text::lay("a \u{1681}\u{1682} b", &style, None, fonts);
            let glyphs: Vec<u32> = laid
                .runs()
                .flat_map(|run| run.glyphs().map(|glyph| glyph.id).collect::<Vec<_>>())
                .collect();
            glyphs.iter().all(|id| *id != 0)
        };
        for face in [Face::Sans, Face::Display] {
            assert!(known(&fonts, face) && !known(Fonts::built_in(), face));
        }
    }
}
