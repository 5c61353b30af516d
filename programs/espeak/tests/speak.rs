//! Runs the built program against the installed libespeak-ng.

use std::error::Error;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

type Checked = Result<(), Box<dyn Error>>;

struct Word {
    start: usize,
    end: usize,
    text: String,
}

struct Answer {
    header: Value,
    words: Vec<Word>,
    samples: usize,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own: its tests run it as its callers do"
)]
fn program(command: &str, input: &[u8], library: Option<&str>) -> Result<Output, Box<dyn Error>> {
    let mut builder = Command::new(env!("CARGO_BIN_EXE_workprint-espeak"));
    builder
        .arg(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(name) = library {
        builder.args(["--library", name]);
    }
    let mut child = builder.spawn()?;
    let mut stdin = child.stdin.take().ok_or("no stdin")?;
    // A request that is too long is refused before it is read to its end.
    let _ = stdin.write_all(input);
    drop(stdin);
    Ok(child.wait_with_output()?)
}

fn number(value: &Value, key: &str) -> Result<usize, Box<dyn Error>> {
    let number = value
        .get(key)
        .and_then(Value::as_u64)
        .ok_or_else(|| format!("no {key}"))?;
    Ok(usize::try_from(number)?)
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, Box<dyn Error>> {
    Ok(value
        .get(key)
        .and_then(Value::as_array)
        .ok_or_else(|| format!("no {key}"))?)
}

/// Speaks and checks what holds for every answer.
fn speak_request(request: &Value) -> Result<Answer, Box<dyn Error>> {
    let output = program("speak", request.to_string().as_bytes(), None)?;
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(complaint.into());
    }
    assert_eq!(complaint, "");
    let cut = output
        .stdout
        .iter()
        .position(|b| *b == b'\n')
        .ok_or("no header line")?;
    let (line, rest) = output.stdout.split_at(cut);
    let header: Value = serde_json::from_slice(line)?;
    assert_eq!(header.get("format"), Some(&json!("workprint.espeak/1")));
    assert_eq!(number(&header, "sample_rate")?, 22_050);
    let samples = number(&header, "samples")?;
    assert_eq!(rest.len(), 1 + 2 * samples);
    assert!(rest.iter().skip(1).any(|b| *b != 0), "silent audio");

    let text: Vec<char> = request
        .get("text")
        .and_then(Value::as_str)
        .ok_or("text")?
        .chars()
        .collect();
    let mut words = Vec::new();
    let (mut time, mut place) = (0, 0);
    for word in list(&header, "words")? {
        let (start, end) = (number(word, "start")?, number(word, "end")?);
        let (from, to) = (number(word, "from")?, number(word, "to")?);
        assert!(
            start >= time && end > start && end <= samples,
            "{word} after {time}"
        );
        assert!(
            from >= place && to > from && to <= text.len(),
            "{word} after {place}"
        );
        (time, place) = (end, to);
        let written = text.get(from..to).ok_or("range")?.iter().collect();
        words.push(Word {
            start,
            end,
            text: written,
        });
    }
    let mut time = 0;
    for phoneme in list(&header, "phonemes")? {
        assert_eq!(
            number(phoneme, "start")?.max(time),
            number(phoneme, "start")?
        );
        time = number(phoneme, "end")?;
        assert!(time > number(phoneme, "start")? && time <= samples);
    }
    Ok(Answer {
        header,
        words,
        samples,
    })
}

fn speak(voice: &str, text: &str) -> Result<Answer, Box<dyn Error>> {
    speak_request(&json!({"text": text, "voice": voice}))
}

/// Every token of a text with spaces is timed, except those without a letter or digit.
fn all_timed(voice: &str, text: &str) -> Result<Answer, Box<dyn Error>> {
    let answer = speak(voice, text)?;
    let wanted: Vec<&str> = text
        .split_whitespace()
        .filter(|t| t.chars().any(char::is_alphanumeric))
        .collect();
    let found: Vec<&str> = answer.words.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(found, wanted, "{voice}");
    Ok(answer)
}

fn word<'a>(answer: &'a Answer, text: &str) -> Result<&'a Word, Box<dyn Error>> {
    Ok(answer
        .words
        .iter()
        .find(|w| w.text == text)
        .ok_or_else(|| format!("no {text:?}"))?)
}

/// The sounds of one word, silence as `_`.
fn sounds(answer: &Answer, word: &Word) -> Result<String, Box<dyn Error>> {
    let mut names = Vec::new();
    for phoneme in list(&answer.header, "phonemes")? {
        if number(phoneme, "start")? >= word.start && number(phoneme, "end")? <= word.end {
            let ipa = phoneme.get("ipa").and_then(Value::as_str).ok_or("ipa")?;
            names.push(if ipa.is_empty() { "_" } else { ipa });
        }
    }
    Ok(names.join(" "))
}

#[test]
fn merged_clitics_each_get_their_own_sounds() -> Checked {
    let answer = all_timed(
        "en-us",
        "Out of the way, in the house of the king until the end.",
    )?;
    let second = answer.words.get(1).ok_or("of")?;
    assert_eq!(
        (second.text.as_str(), sounds(&answer, second)?.as_str()),
        ("of", "ə v")
    );
    let until = word(&answer, "until")?;
    assert_eq!(sounds(&answer, until)?, "ʌ n t ɪ l");
    all_timed(
        "en-us",
        "I am for a boy, than an idol, and I am out of it on the moon for a day.",
    )?;
    Ok(())
}

#[test]
fn numbers_stay_inside_their_token() -> Checked {
    let answer = all_timed("en-us", "1,250 and $3.50 in 1969 were paid")?;
    assert!(sounds(&answer, word(&answer, "1,250")?)?.starts_with("w ʌ n θ aʊ z"));
    assert!(sounds(&answer, word(&answer, "$3.50")?)?.starts_with("d ɑː l ɚ θ ɹ iː"));
    assert_eq!(sounds(&answer, word(&answer, "and")?)?, "æ n d");
    assert_eq!(sounds(&answer, word(&answer, "in")?)?, "ɪ n");
    assert!(sounds(&answer, word(&answer, "1969")?)?.ends_with("s ɪ k s t i n aɪ n"));
    Ok(())
}

#[test]
fn abbreviations_dashes_and_quotes() -> Checked {
    let text =
        "Dr. Smith - don't ask - said “no,” (quietly) — then e.g. 3:45pm… “Yes—maybe” at 10% …";
    let answer = all_timed("en-gb", text)?;
    assert_eq!(sounds(&answer, word(&answer, "Dr.")?)?, "d ɒ k t ə");
    assert_eq!(sounds(&answer, word(&answer, "don't")?)?, "d əʊ n t");
    assert_eq!(sounds(&answer, word(&answer, "then")?)?, "ð ɛ n");
    Ok(())
}

#[test]
fn spoken_symbols_are_tokens() -> Checked {
    let answer = speak("en-us", "salt & pepper 😀 done - 5 + 6")?;
    let found: Vec<&str> = answer.words.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(found, ["salt", "&", "pepper", "😀", "done", "5", "+", "6"]);
    assert_eq!(sounds(&answer, word(&answer, "done")?)?, "d ʌ n");
    Ok(())
}

#[test]
fn a_word_ends_before_the_pause() -> Checked {
    let answer = all_timed("en-gb", "First sentence. Second one, and a third part")?;
    for (before, after) in [("sentence.", "Second"), ("one,", "and")] {
        let gap = word(&answer, after)?.start - word(&answer, before)?.end;
        assert!(gap > 22_050 / 10, "{before} {gap}");
    }
    assert!(answer.words.last().ok_or("words")?.end < answer.samples);
    Ok(())
}

#[test]
fn languages_with_spaces() -> Checked {
    all_timed(
        "es",
        "¿Qué alegría, 25 años! El niño está en el agua de la calle.",
    )?;
    all_timed("hi", "मैं घर जा रहा हूँ और १९६९ में ऐसा हुआ। तुम क्या कर रहे हो?")?;
    all_timed("ar", "ذهبت إلى المدرسة في الصباح الباكر، ثم عدت إلى البيت.")?;
    all_timed(
        "ru",
        "Москва является столицей России, 1250 рублей; это — рубль в подъезде.",
    )?;
    all_timed(
        "de",
        "Ich möchte am 3. Mai nicht arbeiten, der Beamte hat Erfolg.",
    )?;
    all_timed(
        "fr",
        "L'homme est allé à l'école, les enfants ont vingt ans.",
    )?;
    all_timed(
        "en-gb+f3",
        "All you see until the end, full of 1,250 strangers.",
    )?;
    all_timed(
        "en-us+klatt",
        "All you see until the end, full of 1,250 strangers.",
    )?;
    Ok(())
}

#[test]
fn chinese_by_character() -> Checked {
    let answer = speak("zh", "今天很忙，明天 Hello 3号上班。")?;
    let found: Vec<&str> = answer.words.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(
        found,
        [
            "今", "天", "很", "忙", "明", "天", "Hello", "3", "号", "上", "班"
        ]
    );
    assert_eq!(
        answer.header.get("voice"),
        Some(&json!("sit/cmn-Latn-pinyin"))
    );
    assert_eq!(sounds(&answer, word(&answer, "忙")?)?, "m a ŋ");
    Ok(())
}

#[test]
fn japanese_kana_share_the_sounds_of_their_run() -> Checked {
    let answer = speak("ja", "こんにちは、せかい。きょうはカタカナ")?;
    let found: String = answer.words.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(found, "こんにちはせかいきょうはカタカナ");
    assert_eq!(sounds(&answer, word(&answer, "こ")?)?, "k o̞");
    assert_eq!(sounds(&answer, word(&answer, "せ")?)?, "s e̞");
    assert_eq!(sounds(&answer, word(&answer, "ナ")?)?, "n ä");
    Ok(())
}

#[test]
fn nothing_in_the_text_is_a_command() -> Checked {
    let plain = speak("en-us", "a  50P b")?;
    let embedded = speak("en-us", "a \u{1}50P b")?;
    assert_eq!(plain.samples, embedded.samples);
    let tags = all_timed(
        "en-us",
        "one <break time=\"5s\"/> two &amp; [[wib]] <voice name=\"de\"> three",
    )?;
    assert!(sounds(&tags, word(&tags, "[[wib]]")?)?.contains("w ɪ b"));
    Ok(())
}

#[test]
fn runs_of_symbols_do_not_crash_the_library() -> Checked {
    for text in ["%%% एक", "*** नमस्ते", "एक $$$ दो"] {
        assert!(!speak("hi", text)?.words.is_empty());
    }
    Ok(())
}

#[test]
fn a_crash_in_the_library_is_an_error_line() -> Checked {
    // Crashes 1.51; a later version may speak it.
    let request = json!({"text": "for, -, `, \r\n, 𐎀", "voice": "vi"}).to_string();
    let output = program("speak", request.as_bytes(), None)?;
    if !output.status.success() {
        assert_eq!(output.status.code(), Some(5));
        assert_eq!(output.stdout.len(), 0);
        let said = String::from_utf8(output.stderr)?;
        let report: Value = serde_json::from_str(said.lines().last().ok_or("no line")?)?;
        assert!(report.pointer("/error/hint").is_some());
    }
    Ok(())
}

#[test]
fn settings_change_the_audio() -> Checked {
    let request = |rate: i64, gap: i64| json!({"text": "one two three", "voice": "en", "rate_wpm": rate, "word_gap_ms": gap});
    let normal = speak_request(&request(175, 0))?.samples;
    assert!(speak_request(&request(80, 0))?.samples > normal);
    assert!(speak_request(&request(450, 0))?.samples < normal);
    assert!(speak_request(&request(175, 200))?.samples > normal + 2 * 3_000);
    Ok(())
}

#[test]
fn stressed_words_are_longer_and_stay_in_their_place() -> Checked {
    let text = "Now you see the big door, it is open.";
    let plain = speak("en-gb", text)?;
    let request =
        json!({"text": text, "voice": "en-gb", "rate_wpm": 160, "stress": [[4, 7], [16, 24]]});
    let stressed = speak_request(&request)?;
    let texts = |answer: &Answer| {
        answer
            .words
            .iter()
            .map(|word| word.text.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&stressed), texts(&plain));
    let length = |answer: &Answer, text| word(answer, text).map(|word| word.end - word.start);
    for (text, least) in [("you", 115), ("big", 108), ("see", 0), ("open.", 0)] {
        let same = speak_request(
            &json!({"text": "Now you see the big door, it is open.", "voice": "en-gb", "rate_wpm": 160}),
        )?;
        let (long, short) = (length(&stressed, text)?, length(&same, text)?);
        assert!(long * 100 >= short * least, "{text}: {long} of {short}");
        assert!(
            least > 0 || long * 100 <= short * 112,
            "{text}: {long} of {short}"
        );
    }
    Ok(())
}

#[test]
fn words_are_said_by_their_sounds_and_keep_their_place() -> Checked {
    let text = "Mr. Wick sees “Wick”, and Wick's dog.";
    let own = |from: usize, ipa: &str| json!([from, from + 4, ipa]);
    let request = json!({
        "text": text, "voice": "en-us",
        "sounds": [own(4, "/ˈʒɑk/"), own(15, "ʒˈɑːk"), own(26, "nˈaɪt͡ʃoʊ")],
    });
    let answer = speak_request(&request)?;
    let words: Vec<&str> = answer.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, text.split(' ').collect::<Vec<_>>());
    let heard: Result<Vec<String>, _> = answer
        .words
        .iter()
        .map(|word| sounds(&answer, word))
        .collect();
    let heard = heard?;
    assert_eq!(heard[1], "ʒ ɑː k");
    assert_eq!(heard[3], "ʒ ɑː k");
    // What follows within the word is said as after the letters: `Wick's` ends with an s.
    assert_eq!(heard[5], "n aɪ tʃ oʊ s");
    assert_eq!(heard[6], "d ɑː ɡ");
    Ok(())
}

#[test]
fn sounds_may_follow_each_other_within_a_word() -> Checked {
    let request = json!({
        "text": "Wick'Nguyen sees", "voice": "en-us", "sounds": [[0, 4, "wˈɪk"], [5, 11, "nˈaɪ"]],
    });
    let answer = speak_request(&request)?;
    assert_eq!(
        sounds(&answer, word(&answer, "Wick'Nguyen")?)?,
        "w ɪ k n aɪ"
    );
    assert_eq!(answer.words.len(), 2);
    Ok(())
}

/// The library reads brackets as sounds only where this program wrote them.
#[test]
fn brackets_of_the_text_stay_text_beside_sounds() -> Checked {
    let text = "Ann said [[h@l'oU]] twice.";
    let with = json!({"text": text, "voice": "en-us", "sounds": [[0, 3, "ˈɛm"]]});
    let (with, plain) = (speak_request(&with)?, speak("en-us", text)?);
    let heard = |answer: &Answer| sounds(answer, word(answer, "[[h@l'oU]]")?);
    assert_eq!(heard(&with)?, heard(&plain)?);
    assert_eq!(sounds(&with, &with.words[0])?, "ɛ m");
    Ok(())
}

#[test]
fn sounds_that_a_voice_has_not_got_are_told() -> Checked {
    let request = |ipa: &str| {
        let request = json!({"text": "Wick is here", "voice": "en-us", "sounds": [[0, 4, ipa]]});
        request.to_string()
    };
    refused(request("wʘk").as_bytes(), None, 2, "unknown_sound")?;
    refused(request(" ˈ ").as_bytes(), None, 2, "unknown_sound")?;
    refused(
        request(&"w".repeat(1001)).as_bytes(),
        None,
        2,
        "out_of_range",
    )?;
    for (from, to) in [(0, 0), (5, 13)] {
        let request =
            json!({"text": "Wick is here", "voice": "en-us", "sounds": [[from, to, "w"]]});
        refused(request.to_string().as_bytes(), None, 2, "out_of_range")?;
    }
    // Every voice has these, by its own name for them.
    for voice in [
        "en-gb", "es", "hi", "ru", "ja", "de", "fr-fr", "cmn", "ar", "fi",
    ] {
        let request = json!({"text": "Wick", "voice": voice, "sounds": [[0, 4, "mˈana"]]});
        let answer = speak_request(&request)?;
        let heard = sounds(&answer, &answer.words[0])?;
        assert!(
            heard.starts_with('m') && heard.contains('n'),
            "{voice}: {heard}"
        );
    }
    Ok(())
}

#[test]
fn the_same_request_gives_the_same_bytes() -> Checked {
    let request = json!({"text": "In the end, 1,250 of the idols — don't ask.", "voice": "en-gb+whisper", "rate_wpm": 150}).to_string();
    let first = program("speak", request.as_bytes(), None)?.stdout;
    assert!(!first.is_empty());
    for _ in 0..20 {
        assert!(program("speak", request.as_bytes(), None)?.stdout == first);
    }
    Ok(())
}

/// Checks one failure: its exit code, its one JSON line, and no output.
fn refused(input: &[u8], library: Option<&str>, code: i32, kind: &str) -> Checked {
    let output = program("speak", input, library)?;
    let line = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(code), "{line}");
    assert_eq!(output.stdout.len(), 0);
    assert_eq!(line.trim_end().lines().count(), 1);
    let report: Value = serde_json::from_str(&line)?;
    let error = report.get("error").ok_or("error")?;
    assert_eq!(error.get("kind"), Some(&json!(kind)), "{line}");
    for key in ["message", "hint"] {
        assert!(
            error
                .get(key)
                .and_then(Value::as_str)
                .is_some_and(|s| !s.is_empty()),
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn bad_requests_are_refused() -> Checked {
    let spoken = |text: &str| json!({"text": text, "voice": "en"}).to_string();
    let cases = [
        (String::new(), "invalid_json"),
        ("{".to_owned(), "invalid_json"),
        ("[1]".to_owned(), "invalid_json"),
        (r#"{"text":"a"}"#.to_owned(), "invalid_json"),
        (
            r#"{"text":"a","voice":"en","extra":1}"#.to_owned(),
            "invalid_json",
        ),
        (
            r#"{"text":"\ud800","voice":"en"}"#.to_owned(),
            "invalid_json",
        ),
        (spoken("a\0b"), "nul_character"),
        (spoken(""), "nothing_to_say"),
        (spoken(" \n\t "), "nothing_to_say"),
        (spoken("- … — !!! ()"), "nothing_to_say"),
        (spoken("\u{1}\u{200b}"), "nothing_to_say"),
        (spoken(&"word ".repeat(200_000)), "text_too_long"),
        (spoken(&"word ".repeat(600_000)), "request_too_long"),
        (
            json!({"text": "a", "voice": ""}).to_string(),
            "invalid_voice",
        ),
        (
            json!({"text": "a", "voice": "en", "rate_wpm": 79}).to_string(),
            "out_of_range",
        ),
        (
            json!({"text": "a", "voice": "en", "rate_wpm": 451}).to_string(),
            "out_of_range",
        ),
        (
            json!({"text": "a", "voice": "en", "pitch": -1}).to_string(),
            "out_of_range",
        ),
        (
            json!({"text": "a", "voice": "en", "range": 101}).to_string(),
            "out_of_range",
        ),
        (
            json!({"text": "a", "voice": "en", "volume": 201}).to_string(),
            "out_of_range",
        ),
        (
            json!({"text": "a", "voice": "en", "word_gap_ms": 1_000_000}).to_string(),
            "out_of_range",
        ),
    ];
    for (input, kind) in &cases {
        refused(input.as_bytes(), None, 2, kind)?;
    }
    refused(b"\xff\xfe", None, 2, "invalid_json")?;
    Ok(())
}

#[test]
fn unknown_voices_are_refused() -> Checked {
    for voice in [
        "xx",
        "en+nosuch",
        "../../etc/passwd",
        "/etc/passwd",
        "mb-en1",
        "+f3",
        "a\0b",
        "en+../f3",
    ] {
        let request = json!({"text": "hello", "voice": voice}).to_string();
        refused(request.as_bytes(), None, 4, "voice_unknown")?;
    }
    Ok(())
}

#[test]
fn a_missing_library_is_explained() -> Checked {
    let request = json!({"text": "hello", "voice": "en"}).to_string();
    refused(
        request.as_bytes(),
        Some("/nonexistent/libespeak-ng.so.1"),
        3,
        "library_missing",
    )?;
    let output = program("version", b"", Some("/nonexistent/libespeak-ng.so.1"))?;
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr)?.contains("apt-get install espeak-ng"));
    Ok(())
}

#[test]
fn speech_of_more_than_four_hours_is_refused() -> Checked {
    let text = "a ".repeat(49_000);
    let request = json!({"text": text, "voice": "en", "rate_wpm": 80, "word_gap_ms": 5_000});
    refused(request.to_string().as_bytes(), None, 5, "synthesis_failed")
}

#[test]
fn a_long_text_is_spoken() -> Checked {
    let text = "In the end, of the 1,250 words, none was lost. ".repeat(400);
    let answer = speak_request(&json!({"text": text, "voice": "en-us", "rate_wpm": 450}))?;
    assert_eq!(answer.words.len(), 4_000);
    Ok(())
}

#[test]
fn voices_and_version() -> Checked {
    let version: Value = serde_json::from_slice(&program("version", b"", None)?.stdout)?;
    assert_eq!(version.get("format"), Some(&json!("workprint.espeak/1")));
    for key in ["library_version", "data_path"] {
        assert!(
            version
                .get(key)
                .and_then(Value::as_str)
                .is_some_and(|s| !s.is_empty())
        );
    }
    let voices: Value = serde_json::from_slice(&program("voices", b"", None)?.stdout)?;
    let voices = voices.as_array().ok_or("array")?;
    let british = voices
        .iter()
        .find(|v| v.get("id") == Some(&json!("gmw/en")))
        .ok_or("gmw/en")?;
    assert!(list(british, "languages")?.contains(&json!("en-gb")));
    assert_eq!(british.get("gender"), Some(&json!("male")));
    assert!(program("nonsense", b"", None)?.status.code() == Some(2));
    Ok(())
}

/// The library's own thread once lost its code while the program ended.
#[test]
fn it_ends_well_however_often_it_is_asked() -> Checked {
    let asked = std::thread::scope(|scope| {
        let ask = || -> Result<(), String> {
            for _ in 0..60 {
                let output = program("version", b"", None).map_err(|error| error.to_string())?;
                if !output.status.success() {
                    return Err(String::from_utf8_lossy(&output.stderr).into_owned());
                }
            }
            Ok(())
        };
        let askers: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        askers
            .into_iter()
            .map(|asker| asker.join().map_err(|_| "an asker panicked".to_owned())?)
            .collect::<Result<Vec<()>, String>>()
    });
    asked.map(drop).map_err(Into::into)
}
