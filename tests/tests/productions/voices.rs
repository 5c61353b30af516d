//! Voices that are files, and voices of programs.

use std::fs;

use serde_json::{Value, json};
use workprint_fakes::{Fake, KEY};
use workprint_tests::{KEY_ENV, Production, Rendered, engine};

/// `piper` as `docs/CLI.md` of piper1-gpl has it: a line of text on standard input, bare samples on
/// standard output. It says a tone of a second for every unit of length, and writes down how it was
/// called.
const PIPER: &str = r#"#!/bin/sh
read -r line
echo "$@ < $line" >> FOLDER/calls
while [ $# -gt 0 ]; do
    case "$1" in
        --model) model="$2"; shift 2 ;;
        --config) test -f "$2" || exit 1; shift 2 ;;
        --length_scale) length="$2"; shift 2 ;;
        --speaker) shift 2 ;;
        --output_raw) raw=1; shift ;;
        *) echo "unrecognized arguments: $1" >&2; exit 2 ;;
    esac
done
test -f "$model" && test -n "$raw" || { echo "ValueError: Unable to find voice: $model" >&2; exit 1; }
exec ffmpeg -v error -f lavfi -i "sine=300:duration=$length:sample_rate=22050" -f s16le -ac 1 -ar 22050 -
"#;

/// Ann's lines.
const ANN: [&str; 5] = ["c2", "c3", "c8", "c9", "c12"];

fn voices_by_file(production: &Production) {
    production.edit(|manifest| {
        manifest["cast"][0]["voice"] = json!({"name": "file:takes/{speaker}/{line}.wav"});
    });
    for (line, hz) in ANN.iter().zip([300, 320, 340, 360, 380]) {
        fs::create_dir_all(production.root().join("takes/ann")).unwrap();
        production.tone(&format!("takes/ann/{line}.wav"), hz, 700);
    }
}

fn readout(production: &Production) -> Rendered {
    Rendered::of(&production.run(&["readout", "pilot", "--json"]))
}

fn line(production: &Production, id: &str) -> Value {
    let list: Value =
        serde_json::from_str(&production.read("episodes/pilot/readout/pilot.json")).unwrap();
    let lines = list["lines"].as_array().unwrap();
    lines.iter().find(|line| line["cue"] == id).unwrap().clone()
}

#[test]
fn files_are_voices_line_by_line() {
    let production = Production::small();
    voices_by_file(&production);
    let first = readout(&production).complete();
    assert_eq!(first.performed("voice").len(), 9);
    for id in ANN {
        let line = line(&production, id);
        let length = line["to_ms"].as_u64().unwrap() - line["from_ms"].as_u64().unwrap();
        assert!((690..=710).contains(&length), "{line}");
    }
    // A take is swapped by its file, and only that line is made again.
    production.tone("takes/ann/c8.wav", 500, 1200);
    let second = readout(&production).complete();
    assert_eq!(second.performed("voice"), ["voice/c8".to_owned()].into());
    let line = line(&production, "c8");
    assert_eq!(
        line["to_ms"].as_u64().unwrap() - line["from_ms"].as_u64().unwrap(),
        1200
    );
}

#[test]
fn a_missing_take_is_named_with_its_line() {
    let production = Production::small();
    voices_by_file(&production);
    fs::remove_file(production.root().join("takes/ann/c9.wav")).unwrap();
    let said = production.run(&["check", "pilot", "--json"]);
    assert_eq!(said.code, 3, "{}", said.out);
    let told = said.json();
    assert_eq!(told["code"], "media.unreadable");
    let message = told["message"].as_str().unwrap();
    assert!(
        message.starts_with("the voice of line `c9`: `takes/ann/c9.wav`"),
        "{message}"
    );
    let text = production.read("episodes/pilot/manifest.json");
    let start = told["place"]["span"]["start"].as_u64().unwrap() as usize;
    assert!(text[start..].starts_with("\"c9\""));
    // The script is read all the same, by somebody else.
    let run = readout(&production).complete();
    assert_eq!(run.diagnostics("media.unreadable").len(), 1);
    let note = line(&production, "c9")["note"].as_str().unwrap().to_owned();
    assert!(note.contains("`takes/ann/c9.wav` is missing"), "{note}");
}

#[test]
fn a_name_that_is_no_file_is_told() {
    for (name, why) in [
        ("file:takes/one.wav", "all lines would be the same file"),
        ("file:takes/{cue}.wav", "`{cue}` stands for nothing"),
        ("file:/etc/{line}.wav", "it begins with `/`"),
    ] {
        let production = Production::small();
        production.edit(|manifest| manifest["cast"][0]["voice"] = json!({"name": name}));
        let said = production.run(&["check", "pilot", "--json"]);
        assert_eq!(said.code, 3);
        let told = said
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let told = told
            .filter(|told| told["code"] == "voice.file")
            .collect::<Vec<_>>();
        assert_eq!(told.len(), 1, "{}", said.out);
        assert!(
            told[0]["message"].as_str().unwrap().contains(why),
            "{told:?}"
        );
    }
}

fn piper(production: &Production) -> std::path::PathBuf {
    let show = production.read("show.toml");
    production.write(
        "show.toml",
        &format!("{show}\n[engines.voices.own.piper]\nmodels = \"media/voices\"\n"),
    );
    production.edit(|manifest| {
        manifest["cast"][0]["voice"] = json!({"name": "own:alba#low", "rate": 200});
    });
    production.write("media/voices/alba.onnx", "a model");
    let settings = r#"{"audio": {"sample_rate": 22050}, "speaker_id_map": {"high": 0, "low": 3}}"#;
    production.write("media/voices/alba.onnx.json", settings);
    production.program("piper", PIPER)
}

#[test]
fn piper_is_called_as_documented() {
    let production = Production::small();
    let folder = piper(&production);
    let first = readout(&production).complete();
    assert_eq!(first.performed("voice").len(), 9);
    let calls = fs::read_to_string(folder.join("calls")).unwrap();
    assert_eq!(calls.lines().count(), ANN.len());
    let call = calls
        .lines()
        .find(|call| call.ends_with("< The red door opens."))
        .unwrap();
    assert!(
        call.contains("/media/voices/alba.onnx --config ") && call.contains("alba.onnx.json"),
        "{call}"
    );
    assert!(
        call.contains("--output_raw --length_scale 0.800 --speaker 3"),
        "{call}"
    );
    let line = line(&production, "c2");
    assert_eq!(
        line["to_ms"].as_u64().unwrap() - line["from_ms"].as_u64().unwrap(),
        800
    );
    // The voice is its model: another one is another voice.
    assert_eq!(readout(&production).complete().count("performed"), 0);
    production.write("media/voices/alba.onnx", "another model");
    assert_eq!(
        readout(&production).complete().performed("voice").len(),
        ANN.len()
    );
}

#[test]
fn what_piper_lacks_is_told() {
    let production = Production::small();
    let folder = piper(&production);
    fs::remove_file(production.root().join("media/voices/alba.onnx")).unwrap();
    let said = production.run(&["check", "pilot", "--json"]);
    assert!(
        said.code == 3
            && said
                .out
                .contains("the voice of line `c2`: `media/voices/alba.onnx`"),
        "{}",
        said.out
    );
    production.write("media/voices/alba.onnx", "a model");
    production.edit(|manifest| manifest["cast"][0]["voice"] = json!({"name": "own:alba#bass"}));
    let run = production.render(&["--only", "voice"]);
    let told: Vec<&Value> = run.named("step.failed").collect();
    assert_eq!(told.len(), ANN.len());
    assert!(
        told[0]["message"]
            .as_str()
            .unwrap()
            .contains("has no speaker `bass`"),
        "{told:?}"
    );
    assert_eq!(told[0]["hints"][0], "name one of: `high`, `low`");
    production.edit(|manifest| manifest["cast"][0]["voice"] = json!({"name": "own:alba"}));
    production.program(
        "piper",
        "#!/bin/sh\necho 'ValueError: bad model' >&2\nexit 1\n",
    );
    let run = production.render(&["--only", "voice"]);
    let told = run.named("step.failed").next().unwrap()["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(told.contains("ValueError: bad model"), "{told}");
    drop(folder);
}

#[test]
fn marks_are_heard_and_not_read() {
    let production = Production::small();
    let own = readout(&production).complete();
    assert_eq!(own.performed("voice").len(), 9);
    production.edit_cue("c2", |cue| {
        cue["text"] = json!("The *red* door. [pause 1200ms] It opens.");
    });
    production.edit_cue("c3", |cue| {
        cue["dub"] = json!({"es": "[pause 1s] Una *luz*."});
    });
    let run = readout(&production).complete();
    assert_eq!(run.performed("voice"), ["voice/c2".to_owned()].into());
    let line = line(&production, "c2");
    assert_eq!(line["text"], "The red door. It opens.");
    // Samples of 24 bits of two channels, behind 80 bytes of header.
    let wav = fs::read(production.root().join("episodes/pilot/readout/pilot.wav")).unwrap();
    let at = |name: &str| 80 + line[name].as_u64().unwrap() as usize * 48 * 6;
    let (mut quiet, mut longest) = (0u32, 0);
    for sample in wav[at("from_ms")..at("to_ms")].chunks_exact(6) {
        let value = i32::from_le_bytes([0, sample[0], sample[1], sample[2]]) >> 8;
        quiet = if value.abs() < 2000 { quiet + 1 } else { 0 };
        longest = longest.max(quiet);
    }
    assert!(
        (1150..=1300).contains(&(longest / 48)),
        "{} ms",
        longest / 48
    );
    let rendered = production.render(&["--output", "tiny"]).complete();
    assert_eq!(rendered.named("diagnostic").count(), 0);
    for name in [
        "pilot.tiny.srt",
        "pilot.tiny.ass",
        "pilot.tiny.transcript.md",
    ] {
        let text = production.read(&format!("episodes/pilot/final/{name}"));
        assert!(
            text.contains("The red door.") && !text.contains("*red*") && !text.contains("pause"),
            "{text}"
        );
    }
    let dubbed =
        Rendered::of(&production.run(&["readout", "pilot", "--lang", "es", "--json"])).complete();
    assert!(dubbed.performed("voice").contains("voice/c3@es"));
    assert!(
        production
            .read("episodes/pilot/readout/pilot.es.json")
            .contains("\"Una luz.\"")
    );
}

#[test]
fn words_are_said_by_the_sounds_of_the_lexicon() {
    let production = Production::small();
    production.edit_cue("c2", |cue| cue["text"] = json!("Wick is here."));
    readout(&production).complete();
    let length = |production: &Production| {
        let line = line(production, "c2");
        assert_eq!(line["text"], "Wick is here.");
        line["to_ms"].as_u64().unwrap() - line["from_ms"].as_u64().unwrap()
    };
    let spelt = length(&production);
    let show = production.read("show.toml");
    let with = |ipa: &str| format!("{show}\n[lexicon]\nWick = {{ ipa = \"{ipa}\" }}\n");
    production.write("show.toml", &with("viˌolaˈmanopiˌano"));
    let run = readout(&production).complete();
    assert_eq!(run.performed("voice"), ["voice/c2".to_owned()].into());
    let said = length(&production);
    assert!(said > spelt + 300, "{spelt} and {said} ms");
    // Another sound is another voice.
    production.write("show.toml", &with("ˈa"));
    let run = readout(&production).complete();
    assert_eq!(run.performed("voice"), ["voice/c2".to_owned()].into());
    assert!(length(&production) < said - 300);
    production.write("show.toml", &with("ʘa"));
    let run = production.render(&["--only", "voice"]);
    let told: Vec<&Value> = run.named("step.failed").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    let message = told[0]["message"].as_str().unwrap();
    assert!(
        message.contains("has no sound `ʘ`, which stands in `ʘa`"),
        "{told:?}"
    );
    assert!(
        told[0]["hints"][0]
            .as_str()
            .unwrap()
            .starts_with("write the word with its sounds"),
        "{told:?}"
    );
}

#[test]
fn what_an_engine_cannot_do_is_said_once() {
    let production = Production::small();
    piper(&production);
    production.edit(|manifest| manifest["cast"][0]["voice"]["pitch"] = json!(70));
    for id in ["c2", "c3"] {
        production.edit_cue(id, |cue| {
            cue["direction"] = json!("softly");
            cue["text"] = json!("One *lamp* burns.");
        });
    }
    let run = readout(&production).complete();
    let told: Vec<&str> = run
        .diagnostics("voice.cannot")
        .iter()
        .map(|told| told["message"].as_str().unwrap())
        .collect();
    let wanted = [
        "the engine `own` does not change `pitch` or `range` of a voice",
        "the engine `own` takes no `direction`",
        "the engine `own` does not stress words",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_line_has_its_own_pace_and_pitch() {
    let production = Production::small();
    let voices = |more: &[&str]| {
        let args: Vec<&str> = ["--only", "voice"].iter().chain(more).copied().collect();
        production.render(&args).performed("voice")
    };
    let told = |slot: &str, field: &str| {
        let explained = production.run(&["explain", slot, "--json"]).good().json();
        let value = explained.pointer(&format!("/steps/0/{field}"));
        value.and_then(Value::as_u64).unwrap()
    };
    let length = |slot: &str| told(slot, "output/length");
    assert_eq!(voices(&[]).len(), 9);
    assert_eq!(voices(&["--dub", "es"]).len(), 9);
    let own = length("voice/c2");
    production.edit_cue("c2", |cue| cue["rate"] = json!(110));
    assert_eq!(voices(&[]), ["voice/c2".to_owned()].into());
    // 220 words a minute are the speaker's own pace.
    let slow = length("voice/c2");
    assert!(slow * 10 > own * 15, "{slow} after {own} samples");
    production.edit_cue("c2", |cue| cue["pitch"] = json!(10));
    assert_eq!(voices(&[]), ["voice/c2".to_owned()].into());
    assert_eq!(voices(&["--dub", "es"]), ["voice/c2@es".to_owned()].into());
    let dub = |field| told("voice/c2@es", field);
    assert_eq!((dub("params/rate"), dub("params/pitch")), (260, 10));
    production.edit_cue("c2", |cue| {
        let cue = cue.as_object_mut().unwrap();
        cue.retain(|field, _| field != "rate" && field != "pitch");
    });
    assert_eq!(voices(&[]).len(), 0);

    production.tone("media/tone.wav", 300, 900);
    production.edit_cue("c2", |cue| {
        cue["recording"] = json!({"file": "media/tone.wav"});
        cue["rate"] = json!(110);
        cue["range"] = json!(80);
    });
    let run = production.render(&["--only", "voice"]);
    let told = run.diagnostics("voice.cannot");
    let told: Vec<&str> = told
        .iter()
        .filter_map(|told| told["message"].as_str())
        .collect();
    let wanted = "the recording of cue `c2` is heard as it is, without its `rate` and `range`";
    assert_eq!(told, [wanted]);
}

/// Engines of a show and espeak, by the names that a manifest gives their voices.
#[test]
fn voices_are_found_by_the_names_that_a_manifest_gives_them() {
    let fake = Fake::of("elevenlabs");
    let manifest =
        json!({"format": "workprint.manifest/1", "title": "V", "language": "en", "scenes": []});
    let show = format!(
        "format = \"workprint.show/1\"\ntitle = \"V\"\n\n[engines.voices.local.piper]\nmodels = \"media/voices\"\n\n{}",
        engine("voices", &fake)
    );
    let production = Production::bare(&show, &manifest);
    production.write("media/voices/de-one.onnx", "");
    let settings = json!({"audio": {"sample_rate": 22050}, "espeak": {"voice": "de"}});
    production.write("media/voices/de-one.onnx.json", &settings.to_string());
    let ask = |args: &[&str], key: &str| {
        let args = [&["voices"], args].concat();
        production.start_with(&args, &[(KEY_ENV, key)]).finish()
    };
    let found = ask(&["--language", "de", "-n", "3", "--json"], KEY)
        .good()
        .json();
    let names: Vec<&str> = found["voices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["voice"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "espeak:de",
            "local:de-one",
            "own:own1",
            "own:own3",
            "own:own5"
        ]
    );
    assert_eq!(found["silent"], json!([]));
    assert_eq!(found["voices"][2]["preview"], "https://example.org/1.mp3");
    // One without a key is told beside the others, and fails alone.
    let without = ask(&["--language", "de"], "").good();
    assert!(without.out.contains("local:de-one"), "{}", without.out);
    assert!(without.err.contains("own: "), "{}", without.err);
    let alone = ask(&["--engine", "own"], "");
    assert_ne!(alone.code, 0);
    let shared = ask(&["--engine", "own", "--shared", "-n", "1"], KEY).good();
    assert!(shared.out.contains("own:shared0"), "{}", shared.out);
    assert!(
        shared.err.contains("add it on the vendor's pages"),
        "{}",
        shared.err
    );
    let unknown = ask(&["--engine", "nobody"], KEY);
    assert!(
        unknown.err.contains("`espeak`, `local`, `own`"),
        "{}",
        unknown.err
    );
    assert!(fake.paid().is_empty());
}
