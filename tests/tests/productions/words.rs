//! What is read and said: caption files against the film's own sound, and dubs.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};
use workprint_tests::Production;

/// An example with a draft so small that it is made at once.
fn small(example: &str) -> Production {
    let folder = format!("{}/../examples/{example}", env!("CARGO_MANIFEST_DIR"));
    let production = Production::of(folder.as_ref());
    let show = production.read("show.toml");
    let show = show
        .replace("width = 640", "width = 192")
        .replace("height = 360", "height = 108");
    production.write("show.toml", &show);
    production
}

/// From, to and lines of an SRT, in milliseconds.
fn captions(srt: &str) -> Vec<(u64, u64, Vec<String>)> {
    let time = |text: &str| {
        let (clock, ms) = text.split_once(',').expect("milliseconds");
        let seconds = clock.split(':').fold(0, |sum, part| {
            sum * 60 + part.parse::<u64>().expect("digits")
        });
        seconds * 1000 + ms.parse::<u64>().expect("digits")
    };
    let block = |block: &str| {
        let mut lines = block.lines().skip(1);
        let (from, to) = lines.next()?.split_once(" --> ")?;
        Some((time(from), time(to), lines.map(str::to_owned).collect()))
    };
    srt.split("\n\n").filter_map(block).collect()
}

/// The text of captions that somebody speaks.
fn spoken(captions: &[(u64, u64, Vec<String>)]) -> String {
    let lines = captions.iter().flat_map(|(_, _, lines)| lines);
    let said = lines.filter(|line| !line.starts_with(['[', '［']));
    let said: Vec<&str> = said.flat_map(|line| line.split_whitespace()).collect();
    said.join(" ")
}

/// The film's own sound, mono at 48 kHz.
fn sound(path: &std::path::Path) -> Vec<f32> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args([
            "-map", "0:a", "-ac", "1", "-ar", "48000", "-f", "f32le", "-",
        ])
        .output()
        .expect("ffmpeg starts");
    let bytes = output.stdout.chunks_exact(4);
    bytes
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

/// Where sound begins after a silence of 60 ms and more, within 300 ms of a place: in milliseconds, to
/// the millisecond. `None` where nothing is silent there.
fn onset(samples: &[f32], near_ms: u64) -> Option<u64> {
    let level = |ms: u64| {
        let from = ms as usize * 48;
        let part = samples.get(from..from + 48).unwrap_or_default();
        part.iter().map(|s| s * s).sum::<f32>() / 48.0
    };
    let loud = |ms: u64| level(ms) > 3e-6;
    let first = near_ms.saturating_sub(300);
    (first..near_ms + 300).find(|&ms| loud(ms) && ms >= 60 && !(ms - 60..ms).any(loud))
}

#[test]
fn caption_files_are_read_as_written_when_it_is_heard() {
    for (example, episode, least) in [("first-light", "pilot", 12), ("moon-stop", "night", 6)] {
        let production = small(example);
        if episode != "pilot" {
            let from = production.root().join("episodes").join(episode);
            std::fs::rename(from, production.root().join("episodes/pilot")).unwrap();
        }
        // The voices alone, so that their beginnings can be heard by a machine.
        production.edit(|manifest| {
            manifest["music"] = json!([]);
            manifest["sfx"] = json!([]);
        });
        let run = production.render(&["--output", "draft"]).complete();
        assert_eq!(run.named("diagnostic").count(), 0, "{example}");
        let file = "episodes/pilot/final/pilot.draft";
        let srt = captions(&production.read(&format!("{file}.srt")));
        let written = production.texts().join(" ");
        let written: Vec<&str> = written.split_whitespace().collect();
        assert_eq!(spoken(&srt), written.join(" "));
        for kind in ["srt", "vtt"] {
            let path = format!("{file}.{kind}");
            let args = ["captions", "pilot", &path, "--output", "draft", "--json"];
            let said = production.run(&args).good();
            assert_eq!(said.out, "", "{example}");
        }
        let samples = sound(&production.root().join(format!("{file}.mp4")));
        let mut heard = 0;
        for (from, _, lines) in srt.iter().filter(|c| !c.2[0].starts_with('[')) {
            let Some(onset) = onset(&samples, *from) else {
                continue;
            };
            heard += 1;
            let apart = onset.abs_diff(*from);
            assert!(apart <= 34, "{lines:?} at {from} ms is heard at {onset} ms");
        }
        assert!(heard >= least, "{heard} beginnings were heard in {example}");
    }
}

#[test]
fn transcripts_and_speakers_are_written_beside_the_film() {
    let production = small("first-light");
    for stage in ["voice", "align", "captions"] {
        production.render(&["--output", "draft", "--only", stage]);
    }
    let file = "episodes/pilot/final/pilot.draft";
    let vtt = production.read(&format!("{file}.vtt"));
    assert!(vtt.contains("<v Wick>Ada? Why does the lamp"), "{vtt}");
    assert!(vtt.contains("\n[waves on rocks]\n"), "{vtt}");
    let page = production.read(&format!("{file}.transcript.md"));
    assert!(page.contains("## A question (0:12)"), "{page}");
    assert!(page.contains("**Ada** (0:16) Because our shift is over, little one."));
    let json = production.read(&format!("{file}.transcript.json"));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["format"], "workprint.transcript/1");
    let words: Vec<&str> = json["lines"][2]["words"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|word| word["text"].as_str())
        .collect();
    assert_eq!(words.join(" "), json["lines"][2]["text"]);
}

#[test]
fn quick_exchanges_share_a_caption() {
    let production = Production::small();
    production.edit(|manifest| manifest["cast"][1]["name"] = json!("Bo & Co"));
    for (id, text) in [("c3", "No."), ("c4", "Yes.")] {
        production.edit_cue(id, |cue| {
            cue["text"] = json!(text);
            cue["tail_ms"] = json!(50);
            cue["shots"] = json!([]);
        });
    }
    let file = "episodes/pilot/final/pilot";
    let read = || ["srt", "vtt", "ass"].map(|end| production.read(&format!("{file}.{end}")));
    production.render(&["--only", "voice"]);
    production.render(&["--only", "align"]);
    production.render(&["--only", "captions"]).complete();
    let [srt, vtt, ass] = read();
    assert!(srt.contains("\n-No.\n-Yes.\n"), "{srt}");
    let voices = "\n<v ann>-No.</v>\n<v Bo &amp; Co>-Yes.</v>\n";
    assert!(vtt.contains(voices), "{vtt}");
    // What is burned is not shared unasked.
    assert!(ass.contains(",,No.\n") && ass.contains(",,Yes.\n"), "{ass}");
    for end in ["srt", "vtt"] {
        let path = format!("{file}.{end}");
        let said = production.run(&["captions", "pilot", &path, "--json"]);
        assert!(!said.out.contains("captions.s"), "{}", said.out);
    }
    let mixed = srt.replace("-No.\n-Yes.", "No.\nYes.");
    production.write("mixed.srt", &mixed);
    let said = production.run(&["captions", "pilot", "mixed.srt", "--json"]);
    assert!(said.out.contains("captions.speakers"), "{}", said.out);

    let before = production.plan(&[]).to_run("chunk");
    production.edit(|manifest| manifest["captions"]["rules"] = json!({"together_ms": 600}));
    assert_eq!(production.plan(&[]).to_run("chunk").len(), before.len());
    let run = production.render(&[]).complete();
    let [_, _, ass] = read();
    assert!(ass.contains(",ann; Bo & Co,0,0,0,,-No.\\N-Yes.\n"), "{ass}");
    assert!(run.performed("chunk").len() > 4);
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
    production.edit(|manifest| manifest["captions"]["rules"] = json!({"together_ms": 0}));
    production.render(&["--only", "captions"]);
    let [srt, ..] = read();
    assert!(srt.contains("\nNo.\n\n") && !srt.contains("-Yes."), "{srt}");
}

#[test]
fn dubs_speak_and_write_their_language_over_the_same_pictures() {
    let production = small("first-light");
    production.render(&["--output", "draft"]).complete();
    let original = production.laid("pilot.draft.mp4", &["--output", "draft"]);
    let mut films = BTreeSet::new();
    for (language, tag, word) in [
        ("es", "spa", "¿Ada? ¿Por qué se apaga la luz cada mañana?"),
        ("hi", "hin", "एडा? दीपक हर सुबह क्यों बुझ जाता है?"),
        (
            "ja",
            "jpn",
            "ねえ、エイダ。どうして朝になると灯りが消えるの？",
        ),
    ] {
        let flags = ["--output", "draft", "--dub", language];
        let run = production.render(&flags).complete();
        let told: Vec<&Value> = run.named("diagnostic").collect();
        assert!(told.is_empty(), "{told:?}");
        let voices = run.performed("voice");
        assert_eq!(voices.len(), 14);
        assert!(
            voices
                .iter()
                .all(|slot| slot.ends_with(&format!("@{language}")))
        );
        let graphics: BTreeSet<String> =
            ["end-title", "film-title", "meet-ada", "meet-wick", "years"]
                .map(|id| format!("graphic/{id}@{language}"))
                .into();
        assert_eq!(run.performed("graphic"), graphics);

        let name = format!("pilot.draft.{language}.mp4");
        let film = production.film(&name);
        assert_eq!(film.stream("audio")["tags"]["language"], tag);
        assert_eq!(film.frames(), original.length);
        assert!(
            films.insert(film.samples_md5()),
            "{language} sounds like another"
        );

        let file = format!("episodes/pilot/final/pilot.draft.{language}");
        let srt = captions(&production.read(&format!("{file}.srt")));
        let wanted = word.replace(char::is_whitespace, "");
        let read = spoken(&srt).replace(char::is_whitespace, "");
        assert!(read.contains(&wanted), "{read}");
        let path = format!("{file}.srt");
        let args: Vec<&str> = ["captions", "pilot", &path]
            .into_iter()
            .chain(flags)
            .collect();
        production.run(&args).good();
        let page = production.read(&format!("{file}.transcript.md"));
        assert!(!page.contains("Night") && !page.contains("lamp"), "{page}");

        // Pictures without words are the original's own.
        let dub = production.laid(&name, &flags);
        let worded = [original.words(), dub.words()].concat();
        let bare = |from: u64, to: u64| !worded.iter().any(|word| word.0 < to && from < word.1);
        let chunks = dub.chunks.iter().filter(|chunk| bare(chunk.from, chunk.to));
        let bare: BTreeSet<String> = chunks.map(|chunk| chunk.slot.clone()).collect();
        let made = run.performed("chunk");
        assert!(!bare.is_empty());
        assert!(made.is_disjoint(&bare), "{made:?} and {bare:?}");
    }
}

#[test]
fn a_sheet_goes_out_and_comes_back() {
    let production = small("first-light");
    let said = production.run(&["dub", "export", "pilot", "fr", "--to", "fr.csv"]);
    said.good();
    let sheet = production.read("fr.csv");
    assert!(sheet.contains("line/why,Wick,00:00:12:15,"), "{sheet}");
    let filled: String = sheet
        .lines()
        .map(|line| match line {
            line if line.starts_with("line/billion,") => {
                line.replace(".,,", ".,\"Personne. Encore cinq \"\"milliards\"\".\",")
            }
            line if line.starts_with("graphic/years/unit,") => line.replace("years,", "years,ans"),
            line => line.to_owned(),
        })
        .map(|line| line + "\r\n")
        .collect();
    production.write("fr.csv", &filled);
    let said = production
        .run(&["dub", "import", "pilot", "fr", "fr.csv"])
        .good();
    assert!(said.out.contains("2 texts in `fr`"), "{}", said.out);
    let manifest = production.manifest();
    let cues = manifest["scenes"].as_array().unwrap().iter();
    let mut cues = cues.flat_map(|scene| scene["cues"].as_array().unwrap());
    let billion = cues.find(|cue| cue["id"] == "billion").unwrap();
    assert_eq!(billion["dub"]["fr"], "Personne. Encore cinq \"milliards\".");
    assert_eq!(
        billion["dub"]["ja"]["say"],
        "だれも。あと ごじゅうおくねんは もつのよ。"
    );
    let overlays = manifest["overlays"].as_array().unwrap().iter();
    let years = overlays.clone().find(|o| o["id"] == "years").unwrap();
    assert_eq!(years["dub"]["fr"], json!({"unit": "ans"}));
    production.run(&["check", "pilot"]).good();
    production.write("fr.csv", "id;translation\nline/none;x\n");
    let said = production
        .run(&["dub", "import", "pilot", "fr", "fr.csv"])
        .good();
    assert!(said.err.contains("no text `line/none`"), "{}", said.err);
}

#[test]
fn a_long_translation_lengthens_its_cue_where_it_may() {
    let production = Production::small();
    production.edit_cue("c3", |cue| {
        cue["dub"]["es"] = "Una lámpara, y después otra lámpara, y todavía otra más allá.".into();
    });
    // It is too long: that is what this is about.
    production.edit(|manifest| {
        manifest["waive"] = json!({ "captions-speed": "the line is too long" });
    });
    let run = production.render(&["--dub", "es"]).complete();
    assert_eq!(run.diagnostics("dub.too-long").len(), 1);
    let before = production.laid("pilot.es.mp4", &["--dub", "es"]);
    let show = production.read("show.toml");
    production.write("show.toml", &format!("{show}\n[dub]\nlonger_ms = 6000\n"));
    let run = production.render(&["--dub", "es"]).complete();
    assert!(run.diagnostics("dub.too-long").is_empty());
    let laid = production.laid("pilot.es.mp4", &["--dub", "es"]);
    let (grown, was) = (laid.cue("c3"), before.cue("c3"));
    assert!(grown.1 - grown.0 > was.1 - was.0, "{grown:?} {was:?}");
    assert_eq!(
        laid.length - before.length,
        (grown.1 - grown.0) - (was.1 - was.0)
    );
    // What follows comes later and is the same.
    let own: BTreeSet<String> = ["s3", "s3b"]
        .iter()
        .flat_map(|shot| laid.shot(shot))
        .collect();
    assert!(
        run.performed("chunk").is_subset(&own),
        "{:?}",
        run.performed("chunk")
    );
    assert_eq!(
        production
            .render(&["--dub", "es"])
            .complete()
            .count("performed"),
        0
    );
}
