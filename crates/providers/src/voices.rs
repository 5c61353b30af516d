//! Voices that engines have, to be named in a manifest as `engine:voice`. Asking for them costs nothing.

use serde::Serialize;
use workprint_media::{Media, MediaError};
use workprint_model::path::is_hidden;

use crate::engine::Engine;
use crate::error::CallError;
use crate::server::wait;
use crate::speech::SpeechError;
use crate::stock::{page, plain};

/// The most voices that are asked for at once.
pub const MOST_VOICES: u32 = 1000;
/// The longest name of a voice.
const MOST_ID: usize = 200;

/// Which voices are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words in their names or in what is told of them; any where there are none.
    pub words: String,
    /// A language's subtag, such as `en` or `en-GB`.
    pub language: Option<String>,
    /// `female`, `male`, or what else an engine calls it.
    pub gender: Option<String>,
    /// An accent, such as `british`.
    pub accent: Option<String>,
    /// How many at most.
    pub count: u32,
    /// Those that a vendor's customers share, in the place of one's own.
    pub shared: bool,
}

/// A voice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Voice {
    /// How its engine names it.
    pub id: String,
    /// How people call it.
    pub name: String,
    /// The languages that it speaks, as far as its engine tells.
    pub languages: Vec<String>,
    /// `female`, `male`, or what else its engine calls it.
    pub gender: Option<String>,
    /// Its accent.
    pub accent: Option<String>,
    /// How old it sounds.
    pub age: Option<String>,
    /// What else is told of it; may be empty.
    pub description: String,
    /// Where it is heard.
    pub preview: Option<String>,
    /// Under which terms it may be used, where that is told.
    pub licence: Option<String>,
    /// Who shares it: it speaks only once it is among one's own voices.
    pub owner: Option<String>,
}

/// Something that has voices.
pub trait HasVoices: Send + Sync {
    /// Those that are wanted, in the order in which it lists them. It blocks.
    fn voices(&self, wanted: &Wanted) -> Result<Vec<Voice>, VoicesError>;
}

/// Why nothing is told of an engine's voices.
#[derive(Debug, thiserror::Error)]
pub enum VoicesError {
    /// A vendor did not say.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A program or a server of one's own did not say.
    #[error(transparent)]
    Speech(#[from] SpeechError),
    /// It has no list of them.
    #[error("{who} does not tell which voices it has")]
    Untold {
        /// Who.
        who: String,
    },
}

impl VoicesError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Call(error) => error.hint().to_owned(),
            Self::Speech(error) => error.hint(),
            Self::Untold { .. } => "look at its own pages for their names".to_owned(),
        }
    }
}

impl From<MediaError> for VoicesError {
    fn from(error: MediaError) -> Self {
        Self::Speech(error.into())
    }
}

impl Voice {
    /// A voice of a name that is one: nothing where it could be read as another.
    pub(crate) fn named(id: &str) -> Option<Self> {
        let is_name = !id.is_empty() && id.len() <= MOST_ID && !id.contains(is_hidden);
        is_name.then(|| Self {
            id: id.to_owned(),
            ..Self::default()
        })
    }

    /// Whether it is wanted, by what is told of it.
    pub(crate) fn fits(&self, wanted: &Wanted) -> bool {
        let told = format!("{} {} {}", self.id, self.name, self.description).to_lowercase();
        let mut words = wanted.words.split_whitespace();
        let is_said = words.all(|word| told.contains(&word.to_lowercase()));
        let language = wanted.language.as_deref();
        let speaks =
            language.is_none_or(|wanted| self.languages.iter().any(|own| is_of(own, wanted)));
        let same = |wanted: Option<&str>, own: Option<&str>| {
            wanted.is_none_or(|wanted| own.is_some_and(|own| own.eq_ignore_ascii_case(wanted)))
        };
        is_said
            && speaks
            && same(wanted.gender.as_deref(), self.gender.as_deref())
            && same(wanted.accent.as_deref(), self.accent.as_deref())
    }
}

/// Whether a language is the wanted one, or a kind of it: `en-GB` is of `en`.
fn is_of(own: &str, wanted: &str) -> bool {
    let [own, wanted] = [own, wanted].map(|tag| tag.replace('_', "-").to_ascii_lowercase());
    own == wanted
        || own
            .strip_prefix(&wanted)
            .is_some_and(|rest| rest.starts_with('-'))
}

/// Of a list, those that are wanted.
pub(crate) fn wanted_of(all: Vec<Voice>, wanted: &Wanted) -> Vec<Voice> {
    let fit = all.into_iter().filter(|voice| voice.fits(wanted));
    fit.take(wanted.count as usize).collect()
}

/// A text of somebody else's, on one line; nothing where none is there.
pub(crate) fn told(text: Option<&str>) -> Option<String> {
    text.map(plain).filter(|text| !text.is_empty())
}

/// An address that people may follow.
pub(crate) fn heard_at(text: Option<&str>) -> Option<String> {
    text.and_then(page)
}

/// The voices of espeak.
#[derive(Debug)]
pub struct EspeakVoices(pub Media);

impl HasVoices for EspeakVoices {
    fn voices(&self, wanted: &Wanted) -> Result<Vec<Voice>, VoicesError> {
        let all = self.0.espeak_voices()?.into_iter();
        // By its language it is asked for; several have one name.
        let all = all.filter_map(|own| {
            let voice = Voice::named(own.languages.first()?)?;
            Some(Voice {
                name: plain(&own.name),
                languages: own.languages.iter().map(|tag| plain(tag)).collect(),
                gender: told(Some(&own.gender)).filter(|gender| gender != "none"),
                ..voice
            })
        });
        Ok(wanted_of(all.collect(), wanted))
    }
}

impl HasVoices for Engine {
    fn voices(&self, wanted: &Wanted) -> Result<Vec<Voice>, VoicesError> {
        let untold = || VoicesError::Untold {
            who: self.row().name.to_owned(),
        };
        wait(self.list_voices(wanted))??.ok_or_else(untold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice() -> Voice {
        Voice {
            name: "Rachel".to_owned(),
            languages: vec!["en-GB".to_owned(), "de".to_owned()],
            gender: Some("female".to_owned()),
            accent: Some("British".to_owned()),
            description: "calm, for audiobooks".to_owned(),
            ..Voice::named("a7").unwrap()
        }
    }

    #[test]
    fn what_is_wanted_fits_and_nothing_else() {
        let wanted = |edit: fn(&mut Wanted)| {
            let mut wanted = Wanted::default();
            edit(&mut wanted);
            voice().fits(&wanted)
        };
        assert!(wanted(|_| {}));
        assert!(wanted(|all| all.words = "rachel CALM".to_owned()));
        assert!(!wanted(|all| all.words = "rachel loud".to_owned()));
        for (language, fits) in [
            ("en", true),
            ("en_gb", true),
            ("e", false),
            ("en-US", false),
            ("de", true),
        ] {
            let all = Wanted {
                language: Some(language.to_owned()),
                ..Wanted::default()
            };
            assert_eq!(voice().fits(&all), fits, "{language}");
        }
        assert!(wanted(|all| all.gender = Some("Female".to_owned())));
        assert!(!wanted(|all| all.gender = Some("male".to_owned())));
        assert!(!wanted(|all| all.accent = Some("irish".to_owned())));
    }

    #[test]
    fn a_name_that_could_be_read_as_another_is_none() {
        for name in ["", "a\u{202e}b", "a\nb", "a\u{1b}[31m", &"a".repeat(201)] {
            assert_eq!(Voice::named(name), None, "{name:?}");
        }
    }
}
