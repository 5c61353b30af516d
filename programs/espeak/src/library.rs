//! The only file that touches libespeak-ng: it is found at run time, so that
//! building needs no headers, and every call is behind a safe method.
//!
//! The library keeps global state, so one process must hold at most one
//! [`Speech`]; `main` makes exactly one and the type is neither `Send` nor `Sync`.
#![allow(
    unsafe_code,
    reason = "calling a C library; every block says why it is sound"
)]

use std::ffi::{CStr, CString, c_char, c_int, c_uchar, c_uint, c_void};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libloading::Library;

use crate::error::Failure;

const CANDIDATES: &[&str] = if cfg!(target_os = "macos") {
    &[
        "libespeak-ng.1.dylib",
        "libespeak-ng.dylib",
        "/opt/homebrew/lib/libespeak-ng.1.dylib",
        "/opt/homebrew/lib/libespeak-ng.dylib",
        "/usr/local/lib/libespeak-ng.1.dylib",
        "/usr/local/lib/libespeak-ng.dylib",
    ]
} else if cfg!(windows) {
    &["libespeak-ng.dll", "espeak-ng.dll"]
} else {
    &["libespeak-ng.so.1", "libespeak-ng.so"]
};

const OUTPUT_SYNCHRONOUS: c_int = 2;
// Phoneme events (1), named in IPA (2); never exit the process (0x8000).
const INITIALIZE_OPTIONS: c_int = 1 | 2 | 0x8000;
const POSITION_CHARACTER: c_int = 1;
// UTF-8 and nothing else: no SSML (0x10).
const SYNTH_FLAGS: c_uint = 1;
// `[[phonemes]]` in the text.
const SYNTH_MNEMONICS: c_uint = 0x100;
const TEXT_UTF8: c_int = 1;
// IPA names (2) with `_` between phonemes.
const IPA_SEPARATED: c_int = 2 | ((b'_' as c_int) << 8);
const PARAMETER_RATE: c_int = 1;
const PARAMETER_VOLUME: c_int = 2;
const PARAMETER_PITCH: c_int = 3;
const PARAMETER_RANGE: c_int = 4;
const PARAMETER_WORD_GAP: c_int = 7;
const EVENT_END_OF_LIST: c_int = 0;
const EVENT_WORD: c_int = 1;
const EVENT_PHONEME: c_int = 7;
/// Four hours at 22 050 Hz: about 635 MB of samples.
const MAX_SAMPLES: usize = 22_050 * 3_600 * 4;
const CONTINUE: c_int = 0;
const ABORT: c_int = 1;

#[repr(C)]
struct RawEvent {
    kind: c_int,
    unique_identifier: c_uint,
    text_position: c_int,
    length: c_int,
    audio_position: c_int,
    sample: c_int,
    user_data: *mut c_void,
    id: RawEventId,
}

#[repr(C)]
union RawEventId {
    number: c_int,
    name: *const c_char,
    string: [u8; 8],
}

#[repr(C)]
struct RawVoice {
    name: *const c_char,
    languages: *const c_char,
    identifier: *const c_char,
    gender: c_uchar,
    age: c_uchar,
    variant: c_uchar,
    xx1: c_uchar,
    score: c_int,
    spare: *mut c_void,
}

type SynthCallback = unsafe extern "C" fn(*mut i16, c_int, *mut RawEvent) -> c_int;
type InitializeFn = unsafe extern "C" fn(c_int, c_int, *const c_char, c_int) -> c_int;
type SetSynthCallbackFn = unsafe extern "C" fn(SynthCallback);
type InfoFn = unsafe extern "C" fn(*mut *const c_char) -> *const c_char;
type ListVoicesFn = unsafe extern "C" fn(*mut RawVoice) -> *const *const RawVoice;
type SetVoiceByNameFn = unsafe extern "C" fn(*const c_char) -> c_int;
type SetParameterFn = unsafe extern "C" fn(c_int, c_int, c_int) -> c_int;
type SynthFn = unsafe extern "C" fn(
    *const c_void,
    usize,
    c_uint,
    c_int,
    c_uint,
    c_uint,
    *mut c_uint,
    *mut c_void,
) -> c_int;
type TextToPhonemesFn = unsafe extern "C" fn(*mut *const c_void, c_int, c_int) -> *const c_char;

/// An installed voice, or a variant (identifier `!v/...`).
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Languages with their priority; the smaller number is preferred.
    pub(crate) languages: Vec<(u8, String)>,
    pub(crate) gender: &'static str,
}

/// What the library reported while it spoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A word begins. `position` is 0-based, in characters; not to be trusted
    /// blindly (see `timing`).
    Word { sample: usize, position: usize },
    /// A phoneme begins; the name is empty for pauses and `(xx)` where the
    /// library changes language.
    Phoneme { sample: usize, ipa: String },
}

/// The settings of one utterance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) rate_wpm: i64,
    pub(crate) volume: i64,
    pub(crate) pitch: i64,
    pub(crate) range: i64,
    pub(crate) word_gap_ms: i64,
}

/// Audio and events, in the order the library sent them.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    pub(crate) samples: Vec<i16>,
    pub(crate) events: Vec<Event>,
    too_long: bool,
}

static CAPTURE: Mutex<Spoken> = Mutex::new(Spoken {
    samples: Vec::new(),
    events: Vec::new(),
    too_long: false,
});

fn capture() -> MutexGuard<'static, Spoken> {
    CAPTURE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The initialised library.
pub(crate) struct Speech {
    // Never unloaded: the library starts a thread that has no end, and its code must stay under it.
    _library: ManuallyDrop<Library>,
    info: InfoFn,
    list_voices: ListVoicesFn,
    set_voice_by_name: SetVoiceByNameFn,
    set_parameter: SetParameterFn,
    synth: SynthFn,
    text_to_phonemes: TextToPhonemesFn,
    flags: c_uint,
    sample_rate: u32,
    _one_thread: PhantomData<*const ()>,
}

impl Speech {
    /// Loads (from `path`, or wherever it is installed) and initialises the library.
    pub(crate) fn load(path: Option<&str>) -> Result<Self, Failure> {
        let library = open_library(path)?;
        crash::report();
        let initialize: InitializeFn = symbol(&library, c"espeak_Initialize")?;
        let set_callback: SetSynthCallbackFn = symbol(&library, c"espeak_SetSynthCallback")?;
        let mut speech = Self {
            info: symbol(&library, c"espeak_Info")?,
            list_voices: symbol(&library, c"espeak_ListVoices")?,
            set_voice_by_name: symbol(&library, c"espeak_SetVoiceByName")?,
            set_parameter: symbol(&library, c"espeak_SetParameter")?,
            synth: symbol(&library, c"espeak_Synth")?,
            text_to_phonemes: symbol(&library, c"espeak_TextToPhonemes")?,
            _library: ManuallyDrop::new(library),
            flags: SYNTH_FLAGS,
            sample_rate: 0,
            _one_thread: PhantomData,
        };
        // SAFETY: the pointer is `espeak_Initialize` of the loaded library with its
        // documented signature; a null path asks for the default data folder.
        let rate =
            unsafe { initialize(OUTPUT_SYNCHRONOUS, 0, std::ptr::null(), INITIALIZE_OPTIONS) };
        speech.sample_rate = u32::try_from(rate)
            .ok()
            .filter(|rate| *rate > 0)
            .ok_or_else(|| Failure::LibraryMissing {
                kind: "data_missing",
                message: "libespeak-ng was found, but not its data files (espeak-ng-data)"
                    .to_owned(),
            })?;
        // SAFETY: `on_audio` has the callback's C signature and lives for the whole program.
        unsafe { set_callback(on_audio) };
        Ok(speech)
    }

    /// Samples per second.
    pub(crate) fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// The library's version and the folder with its data.
    pub(crate) fn info(&self) -> (String, String) {
        let mut path: *const c_char = std::ptr::null();
        // SAFETY: `path` is valid for the one pointer the call writes.
        let version = unsafe { (self.info)(&raw mut path) };
        // SAFETY: both are null or static NUL-terminated strings of the library.
        let (version, path) = unsafe { (owned(version), owned(path)) };
        // Some builds add build details after the number.
        let number = version.split_whitespace().next().unwrap_or_default();
        (number.to_owned(), path)
    }

    /// Every voice that speaks a language. MBROLA voices need another program
    /// and are left out.
    pub(crate) fn voices(&self) -> Vec<Voice> {
        self.list(None)
    }

    /// Every variant that can follow a voice after `+`.
    pub(crate) fn variants(&self) -> Vec<Voice> {
        self.list(Some(c"variant"))
    }

    fn list(&self, language: Option<&CStr>) -> Vec<Voice> {
        let mut filter = RawVoice {
            name: std::ptr::null(),
            languages: language.map_or(std::ptr::null(), CStr::as_ptr),
            identifier: std::ptr::null(),
            gender: 0,
            age: 0,
            variant: 0,
            xx1: 0,
            score: 0,
            spare: std::ptr::null_mut(),
        };
        let filter = if language.is_some() {
            &raw mut filter
        } else {
            std::ptr::null_mut()
        };
        // SAFETY: the filter is null or points to a live structure with a static string.
        let mut entry = unsafe { (self.list_voices)(filter) };
        let mut voices = Vec::new();
        if entry.is_null() {
            return voices;
        }
        loop {
            // SAFETY: the list is an array of pointers that ends with a null pointer,
            // and `entry` has not passed that end.
            let raw = unsafe { *entry };
            if raw.is_null() {
                break;
            }
            // SAFETY: a listed voice stays valid until the next call that lists voices;
            // its strings are copied here.
            voices.push(unsafe { read_voice(&*raw) });
            // SAFETY: the entry just read was not the end, so the next one exists.
            entry = unsafe { entry.add(1) };
        }
        let variants = language.is_some();
        voices.retain(|v| !v.id.starts_with("mb/") && v.id.starts_with("!v/") == variants);
        voices.sort_by(|a, b| a.id.cmp(&b.id));
        voices
    }

    /// Loads a voice by an identifier that [`crate::voice::resolve`] made.
    pub(crate) fn set_voice(&mut self, id: &str) -> Result<(), Failure> {
        let refused = || Failure::VoiceUnknown {
            message: format!("libespeak-ng cannot load the voice {id:?}"),
            hint: "run `workprint-espeak voices` for the languages and names".to_owned(),
        };
        let name = CString::new(id).map_err(|_| refused())?;
        // SAFETY: a live NUL-terminated string.
        match unsafe { (self.set_voice_by_name)(name.as_ptr()) } {
            0 => Ok(()),
            _ => Err(refused()),
        }
    }

    fn apply(&mut self, settings: Settings) -> Result<(), Failure> {
        let values = [
            (PARAMETER_RATE, settings.rate_wpm),
            (PARAMETER_VOLUME, settings.volume),
            (PARAMETER_PITCH, settings.pitch),
            (PARAMETER_RANGE, settings.range),
            // The library counts in 10 ms.
            (PARAMETER_WORD_GAP, (settings.word_gap_ms + 5) / 10),
        ];
        for (parameter, value) in values {
            let value = c_int::try_from(value).map_err(|_| {
                Failure::synthesis("a setting is too large", "use the documented ranges")
            })?;
            // SAFETY: plain numbers; the voice is loaded and the library initialised.
            let code = unsafe { (self.set_parameter)(parameter, value, 0) };
            if code != 0 {
                return Err(Failure::synthesis(
                    format!("libespeak-ng refused a setting (code {code})"),
                    "use the documented ranges",
                ));
            }
        }
        Ok(())
    }

    /// From now on `[[…]]` in texts are mnemonics.
    pub(crate) fn read_mnemonics(&mut self) -> Result<(), Failure> {
        self.flags |= SYNTH_MNEMONICS;
        // What is only read, and not spoken, is read as the last text that was spoken.
        self.synthesise("[[t|'a]]").map(drop)
    }

    /// Speaks a text with the loaded voice.
    pub(crate) fn speak(&mut self, text: &str, settings: Settings) -> Result<Spoken, Failure> {
        self.apply(settings)?;
        self.synthesise(text)
    }

    fn synthesise(&mut self, text: &str) -> Result<Spoken, Failure> {
        let text = CString::new(text)
            .map_err(|_| Failure::synthesis("the text contains a NUL character", "remove it"))?;
        *capture() = Spoken::default();
        let size = text.as_bytes_with_nul().len();
        // SAFETY: `text` outlives the call, which in synchronous mode returns after all
        // audio went through `on_audio`; identifier and user data may be null.
        let code = unsafe {
            (self.synth)(
                text.as_ptr().cast(),
                size,
                0,
                POSITION_CHARACTER,
                0,
                self.flags,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
            )
        };
        let spoken = std::mem::take(&mut *capture());
        if spoken.too_long {
            return Err(Failure::synthesis(
                "the speech is longer than four hours",
                "split the text, or raise rate_wpm and lower word_gap_ms",
            ));
        }
        if code != 0 || spoken.samples.is_empty() {
            return Err(Failure::synthesis(
                format!("libespeak-ng made no speech (code {code})"),
                "check that the voice fits the script of the text",
            ));
        }
        Ok(spoken)
    }

    /// The phonemes of a text on its own, as IPA names without stress marks.
    pub(crate) fn phonemes(&mut self, text: &str) -> Vec<String> {
        let mut names = Vec::new();
        let Ok(owned_text) = CString::new(text) else {
            return names;
        };
        let mut rest: *const c_void = owned_text.as_ptr().cast();
        // One clause per call: never more calls than bytes.
        for _ in 0..=text.len() {
            if rest.is_null() {
                break;
            }
            // SAFETY: `rest` points into `owned_text` (the call moves it forward or sets
            // it to null) and the text ends with a NUL.
            let clause =
                unsafe { (self.text_to_phonemes)(&raw mut rest, TEXT_UTF8, IPA_SEPARATED) };
            // SAFETY: null or a NUL-terminated buffer that is valid until the next call.
            names.extend(split_phonemes(&unsafe { owned(clause) }));
        }
        names
    }
}

fn split_phonemes(clause: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut in_switch = false;
    for c in clause.chars() {
        match c {
            '(' => in_switch = true,
            ')' => {
                in_switch = false;
                plain.push('_');
            }
            _ if in_switch => {}
            'ˈ' | 'ˌ' | '\u{200D}' | '\u{0361}' => {}
            _ => plain.push(c),
        }
    }
    let parts = plain.split(|c: char| c == '_' || c.is_whitespace());
    parts
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn open_library(path: Option<&str>) -> Result<Library, Failure> {
    let names: Vec<&str> = path.map_or_else(|| CANDIDATES.to_vec(), |path| vec![path]);
    let mut reason = String::new();
    for name in names {
        // SAFETY: loading libespeak-ng runs only its ordinary start-up code; the name is
        // fixed, or chosen by the person who runs this program.
        match unsafe { Library::new(name) } {
            Ok(library) => return Ok(library),
            Err(error) if reason.is_empty() => reason = error.to_string(),
            Err(_) => {}
        }
    }
    Err(Failure::LibraryMissing {
        kind: "library_missing",
        message: format!("the speech library libespeak-ng is not installed ({reason})"),
    })
}

fn symbol<T: Copy>(library: &Library, name: &CStr) -> Result<T, Failure> {
    // SAFETY: every caller asks for a function of speak_lib.h with that header's
    // signature; the pointer is kept beside the library, which is never unloaded first.
    match unsafe { library.get::<T>(name) } {
        Ok(found) => Ok(*found),
        Err(error) => Err(Failure::LibraryMissing {
            kind: "library_missing",
            message: format!("the speech library found is not libespeak-ng: {error}"),
        }),
    }
}

/// Copies a C string; null becomes an empty string.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
unsafe fn owned(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, and NUL-terminated as the caller promises.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

/// # Safety
/// The strings of `raw` are null or as `speak_lib.h` describes them.
unsafe fn read_voice(raw: &RawVoice) -> Voice {
    let mut languages = Vec::new();
    let mut cursor = raw.languages;
    // SAFETY: the list holds (priority byte, NUL-terminated name) pairs and ends with a
    // zero priority byte; the cursor moves exactly over each pair.
    unsafe {
        while !cursor.is_null() && *cursor != 0 {
            let priority = *cursor.cast::<u8>();
            let name = CStr::from_ptr(cursor.add(1));
            languages.push((priority, name.to_string_lossy().into_owned()));
            cursor = cursor.add(1 + name.to_bytes_with_nul().len());
        }
    }
    // SAFETY: as the caller promises.
    let (id, name) = unsafe { (owned(raw.identifier), owned(raw.name)) };
    let gender = match raw.gender {
        1 => "male",
        2 => "female",
        _ => "none",
    };
    Voice {
        id,
        name,
        languages,
        gender,
    }
}

/// Receives audio and events. Must not panic: a panic here would cross C frames.
///
/// # Safety
/// Called by the library only, as `speak_lib.h` describes.
unsafe extern "C" fn on_audio(wave: *mut i16, count: c_int, events: *mut RawEvent) -> c_int {
    let mut captured = capture();
    if let (false, Ok(count @ 1..)) = (wave.is_null(), usize::try_from(count)) {
        if captured.samples.len() + count > MAX_SAMPLES {
            captured.too_long = true;
            return ABORT;
        }
        // SAFETY: the library passes `count` samples that stay valid during this call.
        captured
            .samples
            .extend_from_slice(unsafe { std::slice::from_raw_parts(wave, count) });
    }
    let mut cursor = events;
    while !cursor.is_null() {
        // SAFETY: the list ends with an event of kind 0 and the cursor has not passed it.
        let event = unsafe { &*cursor };
        if event.kind == EVENT_END_OF_LIST {
            break;
        }
        // SAFETY: `event` comes from the library's own list.
        if let Some(event) = unsafe { read_event(event) } {
            captured.events.push(event);
        }
        // SAFETY: that was not the last event of the list.
        cursor = unsafe { cursor.add(1) };
    }
    CONTINUE
}

/// # Safety
/// `raw` is an event of the library, so a phoneme event carries `id.string`.
unsafe fn read_event(raw: &RawEvent) -> Option<Event> {
    let sample = usize::try_from(raw.sample).unwrap_or(0);
    match raw.kind {
        EVENT_WORD => Some(Event::Word {
            sample,
            position: usize::try_from(raw.text_position)
                .unwrap_or(0)
                .saturating_sub(1),
        }),
        EVENT_PHONEME => {
            // SAFETY: phoneme events with this initialisation fill `string`; any eight
            // bytes are a valid `[u8; 8]`.
            let bytes = unsafe { raw.id.string };
            Some(Event::Phoneme {
                sample,
                ipa: ipa_name(bytes),
            })
        }
        _ => None,
    }
}

/// The name up to its NUL; one cut inside a character loses that character.
fn ipa_name(bytes: [u8; 8]) -> String {
    let used = bytes.split(|b| *b == 0).next().unwrap_or_default();
    let whole = used.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    whole.trim().to_owned()
}

/// Turns a crash inside the C library into the documented error line.
///
/// 1.51 has buffer overflows (`%%%` in Hindi ends it with SIGSEGV). Nothing is
/// on standard output before the speech is complete, so the answer is clean.
#[cfg(unix)]
mod crash {
    use std::ffi::{c_int, c_void};

    const LINE: &[u8] = b"{\"error\":{\"kind\":\"synthesis_failed\",\"message\":\"libespeak-ng crashed on this text\",\"hint\":\"leave out unusual symbols, split the text, or install a newer eSpeak NG\"}}\n";
    const STANDARD_ERROR: c_int = 2;
    const SYNTHESIS_FAILED: c_int = 5;
    const BUS: c_int = if cfg!(target_os = "linux") { 7 } else { 10 };
    // Illegal instruction, abort, bus error, arithmetic, bad address.
    const SIGNALS: [c_int; 5] = [4, 6, BUS, 8, 11];

    unsafe extern "C" {
        fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
        fn write(file: c_int, bytes: *const c_void, count: usize) -> isize;
        fn _exit(code: c_int) -> !;
    }

    extern "C" fn on_crash(_: c_int) {
        // SAFETY: `write` and `_exit` may be called in a signal handler, and the
        // bytes are static.
        unsafe {
            write(STANDARD_ERROR, LINE.as_ptr().cast(), LINE.len());
            _exit(SYNTHESIS_FAILED);
        }
    }

    /// Handles the crash signals from now on.
    pub(super) fn report() {
        for number in SIGNALS {
            // SAFETY: the handler has the C signature and only makes calls that are
            // allowed in one; it does not return to the broken code.
            unsafe { signal(number, on_crash) };
        }
    }
}

#[cfg(not(unix))]
mod crash {
    /// Elsewhere the caller sees the crash as an unusual exit code.
    pub(super) fn report() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cut_inside_a_character_stay_valid() {
        assert_eq!(ipa_name(*b"a\0xxxxxx"), "a");
        assert_eq!(ipa_name([0; 8]), "");
        assert_eq!(
            ipa_name([b'a', 0xCA, 0x8A, b'b', b'c', b'd', b'e', 0xCA]),
            "aʊbcde"
        );
    }

    #[test]
    fn phoneme_lists_lose_stress_and_language_marks() {
        assert_eq!(
            split_phonemes("(en)h_ə_lˈəʊ(cmn) w_ˌɜː"),
            ["h", "ə", "ləʊ", "w", "ɜː"]
        );
    }
}
