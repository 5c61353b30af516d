//! What can be ordered of an engine, and what comes of it: words in, a picture, a film, speech, music, an effect or a
//! text out; or a sound in, and its words or another voice out.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};
use workprint_model::Size;

use crate::dialogue::{Limits, Line, Parts};
use crate::error::CallError;
use crate::http::{Join, Reply, Request};
use crate::layers::load::Load;
use crate::recognised::Recognised;
use crate::voices::{Voice, Wanted};
use crate::webhook::Webhook;

/// What an engine makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// Pictures.
    Image,
    /// Films without words, seconds long.
    Video,
    /// Lines that are spoken.
    Speech,
    /// Texts: answers to words and pictures.
    Text,
    /// The words of sounds, with their times.
    Recognition,
    /// Music.
    Music,
    /// Sounds of things, seconds long.
    Effect,
    /// Lines that were spoken, in another voice.
    Change,
    /// Lines of several voices, said in one breath.
    Dialogue,
}

impl Capability {
    /// All, in their order.
    pub const ALL: [Self; 9] = [
        Self::Image,
        Self::Video,
        Self::Speech,
        Self::Text,
        Self::Recognition,
        Self::Music,
        Self::Effect,
        Self::Change,
        Self::Dialogue,
    ];

    /// What show.toml calls its engines: the table in `[engines]`.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Image => "images",
            Self::Video => "clips",
            Self::Speech | Self::Dialogue => "voices",
            Self::Text => "text",
            Self::Recognition => "recognisers",
            Self::Music => "composers",
            Self::Effect => "effects",
            Self::Change => "changers",
        }
    }

    /// What is made, as it is told to people.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Image => "a picture",
            Self::Video => "a clip",
            Self::Speech => "speech",
            Self::Text => "a text",
            Self::Recognition => "the words of a sound",
            Self::Music => "music",
            Self::Effect => "an effect",
            Self::Change => "speech in another voice",
            Self::Dialogue => "a conversation",
        }
    }

    /// The media type of what an engine of this kind made, by how it begins; nothing where it is
    /// something else.
    pub fn media_type(self, bytes: &[u8]) -> Option<&'static str> {
        match self {
            Self::Image => picture_type(bytes),
            Self::Video => film_type(bytes),
            Self::Speech | Self::Music | Self::Effect | Self::Change | Self::Dialogue => {
                sound_type(bytes)
            }
            Self::Text => text_type(bytes),
            Self::Recognition => Recognised::media_type(bytes),
        }
    }
}

/// A file that is shown to a model, or a sound that is played to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `image/png`, `image/jpeg`, `image/webp` or `audio/wav`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Reference {
    /// Its bytes in base64.
    pub fn base64(&self) -> String {
        BASE64.encode(&self.bytes)
    }

    /// As a `data:` URL (RFC 2397).
    pub fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, self.base64())
    }
}

/// How much a model tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// The least.
    Low,
    /// Some.
    Medium,
    /// The most.
    High,
}

/// What is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A picture.
    Image {
        /// The size to ask for; vendors give the nearest that they make.
        size: Size,
        /// How much to try, for models that ask.
        effort: Effort,
    },
    /// A clip. The first reference is its first frame.
    Video {
        /// The size to ask for; vendors give the nearest that they make.
        size: Size,
        /// How long it should be, in milliseconds; vendors give the nearest that is no shorter.
        length_ms: u32,
    },
    /// A spoken line.
    Speech {
        /// The voice, as the vendor names it.
        voice: String,
        /// How fast, in percent of the voice's own pace.
        speed: u16,
        /// How it should be said, for models that take direction.
        direction: Option<String>,
        /// The language's subtag, such as `en`.
        language: String,
    },
    /// A text: the answer to the prompt. The references are pictures that are shown with what was asked
    /// first.
    Text {
        /// What the model is told before all: what it is to do, and how to answer.
        system: String,
        /// What was said before the prompt, the oldest first.
        said: Vec<Turn>,
        /// What the answer must be like, as a JSON Schema whose top is an object; any text where there is none.
        schema: Option<Value>,
        /// Whether the pictures are small: 512 pixels on the longer side at most.
        small: bool,
        /// The most tokens of the answer, those included that a model thinks with.
        most_tokens: u32,
    },
    /// What is said in the first reference, a WAV; the prompt is empty.
    Recognition {
        /// How long the sound is, in milliseconds.
        length_ms: u32,
        /// The language's subtag, such as `en`.
        language: String,
    },
    /// Music.
    Music {
        /// How long it should be, in milliseconds.
        length_ms: u32,
        /// Whether nobody may sing.
        instrumental: bool,
    },
    /// A sound of something.
    Effect {
        /// How long it should be, in milliseconds; the model's own choice where it is missing.
        length_ms: Option<u32>,
        /// Whether its end leads into its beginning.
        loops: bool,
        /// How closely it keeps to the words, in percent; the model's own where it is missing.
        influence: Option<u8>,
    },
    /// The line in the first reference, a WAV, in another voice; the prompt is empty.
    Change {
        /// The voice, as the vendor names it.
        voice: String,
        /// How long the sound is, in milliseconds.
        length_ms: u32,
    },
    /// A conversation; the prompt is empty.
    Dialogue {
        /// What is said, in order.
        lines: Vec<Line>,
        /// The language's subtag, such as `en`.
        language: String,
    },
}

/// Something that was asked of a model, and what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// What was asked.
    pub asked: String,
    /// What it answered.
    pub answered: String,
}

/// What a model that speaks can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Speaks {
    /// Whether it is told in words how to say a line.
    pub directed: bool,
    /// How slowly and how fast it speaks, in percent of the voice's own pace; nothing where it has its own
    /// pace alone.
    pub paces: Option<(u16, u16)>,
    /// Whether it tells when words are heard.
    pub timed: bool,
    /// What it takes of a conversation in one order; nothing where it speaks lines one by one alone.
    pub dialogue: Option<Limits>,
}

/// Something to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The vendor's name of the model.
    pub model: String,
    /// What should be seen, or is said.
    pub prompt: String,
    /// The seed, for models that take one.
    pub seed: u32,
    /// What it should be like; a clip's first frame.
    pub references: Vec<Reference>,
    /// What else a model is told, by the names that it has for that.
    pub options: Map<String, Value>,
    /// The graph to be run, for engines that run graphs.
    pub graph: Option<Graph>,
    /// What it is.
    pub what: What,
}

/// A graph of nodes, and where in it an order goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// Nodes by name, as the engine's own editor exports them.
    pub nodes: Map<String, Value>,
    /// The places of what is asked, such as `prompt`: a node and one of its inputs, `6.text`.
    pub places: BTreeMap<String, String>,
}

impl Order {
    /// What an engine has to be able to do for it.
    pub const fn capability(&self) -> Capability {
        match self.what {
            What::Image { .. } => Capability::Image,
            What::Video { .. } => Capability::Video,
            What::Speech { .. } => Capability::Speech,
            What::Text { .. } => Capability::Text,
            What::Recognition { .. } => Capability::Recognition,
            What::Music { .. } => Capability::Music,
            What::Effect { .. } => Capability::Effect,
            What::Change { .. } => Capability::Change,
            What::Dialogue { .. } => Capability::Dialogue,
        }
    }

    /// A model's input with what else it is told.
    pub(crate) fn with_options(&self, mut input: Value) -> Value {
        if let Some(input) = input.as_object_mut() {
            let all = self.options.iter();
            input.extend(all.map(|(name, value)| (name.clone(), value.clone())));
        }
        input
    }

    /// The size that is asked for; nothing of what is heard or read.
    pub const fn size(&self) -> Size {
        match self.what {
            What::Image { size, .. } | What::Video { size, .. } => size,
            _ => Size {
                width: 0,
                height: 0,
            },
        }
    }
}

/// What was made, or where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parcel {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Its address, for a while.
    At(String),
}

/// What a vendor counted, where it tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of text and of references that were read.
    pub tokens_in: u64,
    /// Tokens that were made.
    pub tokens_out: u64,
    /// Pixels of pictures that were made, where it tells their size.
    pub pixels: u64,
}

/// When something is heard, in seconds from the start of the sound: from, to.
pub type Heard = (f64, f64);

/// What an order came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// What was made.
    pub parcel: Parcel,
    /// When each word of a spoken text, between white space, is heard; nothing where the vendor does not
    /// tell, or tells of other words.
    pub words: Option<Vec<Heard>>,
    /// Where each line of a conversation is heard; nothing where it is none.
    pub lines: Option<Parts>,
    /// What was counted.
    pub usage: Usage,
}

impl Delivery {
    /// What was made, and nothing told of it.
    pub fn of(parcel: Parcel) -> Self {
        Self {
            parcel,
            words: None,
            lines: None,
            usage: Usage::default(),
        }
    }
}

/// What came of handing an order in.
#[derive(Debug, Clone, PartialEq)]
pub enum Submitted {
    /// The vendor has a job for it: all that is needed to ask for it again, as text.
    Job(String),
    /// It is done.
    Done(Delivery),
    /// It was done and came to nothing: it is charged for by what was counted.
    Failed {
        /// Why.
        why: String,
        /// What to do.
        hint: &'static str,
        /// What was counted.
        usage: Usage,
    },
}

/// A model that a server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Whether it is in memory, so that it answers at once.
    pub is_resident: bool,
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Polled {
    /// Not begun, or not ended.
    Pending,
    /// Ended well; what it made is asked for by another request.
    Ready(Request),
    /// Ended well.
    Done(Delivery),
    /// Ended badly. A vendor that charges for it all the same says so in its row.
    Failed(String),
}

/// What a server tells of a job while it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// So many thousandths are done.
    Done(u16),
    /// It has ended, well or badly.
    Over,
}

/// What a vendor says of an order whose outcome nobody knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It has a job for it.
    Job(String),
    /// It has none, and lists all it was given since.
    None,
    /// It cannot tell.
    Unknown,
    /// It tells in another reply.
    Ask(Request),
}

/// An order whose outcome nobody knows.
#[derive(Debug, Clone, Copy)]
pub struct Lost<'a> {
    /// The order.
    pub order: &'a Order,
    /// The key of ours that it was sent with.
    pub key: &'a str,
    /// When it was about to be sent: milliseconds since 1970, UTC.
    pub since: i64,
    /// Jobs of other orders.
    pub known: &'a [String],
}

/// A vendor's format: requests to be sent, and what its replies mean. Nothing here sends.
pub trait Vendor: std::fmt::Debug + Send + Sync {
    /// What a model of it can do that speaks.
    fn speaks(&self, model: &str) -> Speaks {
        let _ = model;
        Speaks::default()
    }
    /// Asks which voices it has, from `after` on; nothing where it does not tell.
    fn ask_voices(&self, wanted: &Wanted, after: Option<&str>) -> Option<Request> {
        let _ = (wanted, after);
        None
    }
    /// What it tells, and where it goes on; nothing where that is all.
    fn read_voices(
        &self,
        wanted: &Wanted,
        after: Option<&str>,
        reply: &Reply,
    ) -> Result<(Vec<Voice>, Option<String>), CallError> {
        let _ = (wanted, after);
        Err(reply.unexpected("nothing"))
    }
    /// Why an order cannot be handed in as it is, and what to do.
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let _ = order;
        None
    }
    /// What must be sent before an order, costs nothing and may be sent twice: its files.
    fn before(&self, order: &Order) -> Vec<Request> {
        let _ = order;
        Vec::new()
    }
    /// Asks which models the server has; none where it does not tell.
    fn list(&self) -> Vec<Request> {
        Vec::new()
    }
    /// What it tells, of the replies to all of these.
    fn listed(&self, replies: &[Reply]) -> Vec<Known> {
        let _ = replies;
        Vec::new()
    }
    /// Asks how much the server has to do and what it has in memory; none where it does not tell.
    fn load(&self) -> Vec<Request> {
        self.list()
    }
    /// What it tells, of the replies to all of these.
    fn loaded(&self, replies: &[Reply]) -> Load {
        let known = self.listed(replies).into_iter();
        let resident = known.filter(|one| one.is_resident).map(|one| one.name);
        Load {
            jobs: 0,
            resident: resident.collect(),
        }
    }
    /// Hands an order in, with a key of ours: a UUID, the same whenever this order is meant.
    fn submit(&self, order: &Order, key: &str) -> Request;
    /// The same where it needs what was answered to [`Self::before`].
    fn submit_with(&self, order: &Order, key: &str, sent: &[Reply]) -> Result<Request, CallError> {
        let _ = sent;
        Ok(self.submit(order, key))
    }
    /// Puts the parts together in which the answer to an order may come.
    fn join(&self) -> Option<Join> {
        None
    }
    /// What came of it. An error of this is an outcome that nobody knows.
    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError>;
    /// Asks how a job stands.
    fn poll(&self, job: &str) -> Option<Request> {
        let _ = job;
        None
    }
    /// What the reply says.
    fn polled(&self, job: &str, reply: &Reply) -> Result<Polled, CallError> {
        let _ = job;
        Err(reply.unexpected("nothing"))
    }
    /// What a job made, for [`Polled::Ready`].
    fn made(&self, job: &str, reply: &Reply) -> Result<Polled, CallError> {
        let _ = job;
        Err(reply.unexpected("nothing"))
    }
    /// The path where the server tells how far a job is, over a WebSocket.
    fn listen(&self, job: &str) -> Option<String> {
        let _ = job;
        None
    }
    /// What it tells.
    fn heard(&self, order: &Order, job: &str, text: &str) -> Option<Told> {
        let _ = (order, job, text);
        None
    }
    /// How it calls when a job may have ended; nothing where it does not.
    fn webhook(&self) -> Option<&'static dyn Webhook> {
        None
    }
    /// Stops a job, by these one after the other; none where it does not do that.
    fn cancel(&self, job: &str) -> Vec<Request> {
        let _ = job;
        Vec::new()
    }
    /// The job of an identifier that a person read in the vendor's own pages.
    fn adopt(&self, url: &str, id: &str, model: &str) -> Option<String> {
        let _ = (url, id, model);
        None
    }
    /// Asks for an order whose outcome nobody knows, or for the latest ones.
    fn look(&self, lost: &Lost<'_>) -> Option<Request> {
        let _ = lost;
        None
    }
    /// What the reply says of it.
    fn find(&self, lost: &Lost<'_>, reply: &Reply) -> Result<Found, CallError> {
        let _ = (lost, reply);
        Ok(Found::Unknown)
    }
}

/// The bytes in a `data:` URL of base64.
pub(crate) fn data_url(url: &str) -> Option<Vec<u8>> {
    let (_, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    BASE64.decode(data.trim()).ok()
}

/// Bytes in base64.
pub(crate) fn base64(value: &Value) -> Option<Vec<u8>> {
    BASE64.decode(value.as_str()?.trim()).ok()
}

/// A picture's type, by how it begins: PNG, JPEG, WebP or GIF.
pub fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else if bytes.starts_with(b"GIF8") {
        Some("image/gif")
    } else {
        None
    }
}

/// A film's type, by how it begins: MP4 and QuickTime, Matroska and WebM, or a moving GIF or WebP.
fn film_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) == Some(b"ftyp") {
        Some("video/mp4")
    } else if bytes.starts_with(b"\x1a\x45\xdf\xa3") {
        Some("video/x-matroska")
    } else {
        picture_type(bytes).filter(|found| matches!(*found, "image/gif" | "image/webp"))
    }
}

/// A sound's type, by how it begins: WAV, FLAC, Ogg or MP3.
pub(crate) fn sound_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE") {
        Some("audio/wav")
    } else if bytes.starts_with(b"fLaC") {
        Some("audio/flac")
    } else if bytes.starts_with(b"OggS") {
        Some("audio/ogg")
    } else if bytes.starts_with(b"ID3")
        || matches!(bytes, [0xff, second, ..] if second & 0xe6 == 0xe2)
    {
        Some("audio/mpeg")
    } else {
        None
    }
}

/// A text's type: any that is UTF-8 and not empty.
fn text_type(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.trim().is_empty()).then_some("text/plain")
}
