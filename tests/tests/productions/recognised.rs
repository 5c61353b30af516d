//! Recordings whose words a recogniser hears, from a fake.

use std::path::Path;

use serde_json::{Value, json};
use workprint_fakes::{Fake, KEY, Saying};
use workprint_tests::{KEY_ENV, Production, Rendered, engine};

/// A line of the corpus: its text, where it lies in the recording in milliseconds, and its words there.
fn line(number: usize) -> (String, [u64; 2], Saying) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/en-slt.json");
    let corpus: Value = serde_json::from_slice(&std::fs::read(corpus).unwrap()).unwrap();
    let line = &corpus["lines"][number];
    let text = line["text"].as_str().unwrap().to_owned();
    let from = line["from"].as_u64().unwrap() / 16;
    let to = from + line["samples"].as_u64().unwrap() / 16;
    let words = line["words"].as_array().unwrap().iter().map(|word| {
        let [first, past, start, end] = [0, 1, 2, 3].map(|at| word[at].as_u64().unwrap());
        let word: String = text
            .chars()
            .skip(first as usize)
            .take((past - first) as usize)
            .collect();
        (word.to_lowercase(), start / 16, end / 16)
    });
    let words = words.collect();
    (text, [from, to], words)
}

/// The reader leaves out a word that is written. What was heard is bought once, whatever is killed or edited.
#[test]
fn a_word_that_a_reader_skips_is_told_by_name() {
    let fake = Fake::of("assemblyai");
    let (said, [from, to], words) = line(3);
    fake.hears(to - from, words);
    fake.slow(2);
    let text = said.replace("the village", "the whole village");
    let shot = json!({"id": "s1", "picture": {"plate": {"colour": "#204060"}}});
    let recording = json!({"file": "media/slt.flac", "from_ms": from, "to_ms": to});
    let cue = json!({"id": "c1", "speaker": "ann", "text": text, "recording": recording, "shots": [shot]});
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Heard", "language": "en",
        "cast": [{"id": "ann", "voice": {"name": "espeak:en-us"}}],
        "scenes": [{"id": "one", "cues": [cue]}],
    });
    let show = format!(
        "format = \"workprint.show/1\"\ntitle = \"Heard\"\n\n[outputs.main]\nwidth = 160\nheight = 90\n\
         rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n\n[engines]\nrecogniser = \"own\"\n\n{}\n\
         [budget]\nepisode = 1\n",
        engine("recognisers", &fake),
    );
    let production = Production::bare(&show, &manifest);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/en-slt.flac");
    production.write("media/.keep", "");
    std::fs::copy(corpus, production.root().join("media/slt.flac")).unwrap();
    let run = |args: &[&str]| production.start_with(args, &[(KEY_ENV, KEY)]).finish();

    // Killed when the vendor has it, and when it is here and settled, it is paid for once.
    let args = ["render", "pilot", "--json"];
    for boundary in ["submitted", "settled"] {
        let kill = format!("{boundary}:1");
        let kill = [(KEY_ENV, KEY), ("WORKPRINT_TEST_KILL", kill.as_str())];
        let killed = production.start_with(&args, &kill).finish();
        assert_eq!(killed.code, -1, "{boundary}: {}", killed.err);
    }
    let made = Rendered::of(&run(&args)).complete();
    assert_eq!(fake.paid().len(), 1);
    let told = made.diagnostics("align.left-out");
    assert_eq!(told.len(), 1, "{told:?}");
    let message = told[0]["message"].as_str().unwrap();
    assert!(message.contains("`c1` leaves out `whole`"), "{message}");
    // Less than four seconds at 0.006 dollars a minute.
    let costs = run(&["costs", "--json"]).good().json();
    assert_eq!(costs["total"]["spent_micros"], 400, "{costs}");
    let explained = run(&["explain", "align/c1", "--json"]).good().json();
    let mut steps = explained["steps"].as_array().unwrap().iter();
    let step = steps.find(|step| step["slot"] == "align/c1").unwrap();
    let heard = &step["output"]["judgement"]["recognised"];
    assert_eq!([&heard["found"], &heard["words"]], [&json!(12), &json!(13)]);
    assert_eq!(heard["confidence"], 900);
    assert_eq!(Rendered::of(&run(&args)).complete().count("performed"), 0);

    // A text that says what is read is laid against what was heard before.
    let edited = manifest.to_string().replace("whole village", "village");
    production.write("episodes/pilot/manifest.json", &edited);
    let again = Rendered::of(&run(&args)).complete();
    assert_eq!(again.performed("align"), ["align/c1".to_owned()].into());
    assert!(again.diagnostics("align.left-out").is_empty());
    assert_eq!(fake.paid().len(), 1);
}
