//! Music, an effect and a changed voice, bought from a fake.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use workprint_fakes::{Fake, KEY};
use workprint_tests::{KEY_ENV, Production, Rendered, Said, engine};

/// The voice of the speaker.
const VOICE: &str = "21m00Tcm4TlvDq8ikWAM";

/// A recorded line in another voice, over music, and then a door.
fn production(fake: &Fake) -> (Production, Value) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let lines: Value =
        serde_json::from_slice(&std::fs::read(corpus.join("en-slt.json")).unwrap()).unwrap();
    let line = &lines["lines"][3];
    let from = line["from"].as_u64().unwrap() / 16;
    let to = from + line["samples"].as_u64().unwrap() / 16;
    let recording = json!({"file": "media/slt.flac", "from_ms": from, "to_ms": to});
    let shot = json!({"id": "s1", "picture": {"plate": {"colour": "#204060"}}});
    let cue = json!({
        "id": "c1", "speaker": "ann", "text": line["text"], "recording": recording, "hold_ms": 6000,
        "shots": [shot],
    });
    let music = json!({"text": "slow piano", "length_ms": 3000});
    let door = json!({"text": "a door creaks", "length_ms": 800, "influence": 60});
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Sounds", "language": "en",
        "cast": [{"id": "ann", "voice": {"name": format!("own:{VOICE}")}}],
        "scenes": [{"id": "one", "cues": [cue]}],
        "music": [{"id": "bed", "source": {"music": music}, "gain_db": -12, "licence": {"name": "LicenseRef-plan"}}],
        "sfx": [{"id": "door", "source": {"effect": door}, "at": {"cue": "c1", "at": "end", "offset_ms": -900}}],
    });
    let tables = ["composers", "effects", "changers"].map(|table| engine(table, fake));
    let show = format!(
        "format = \"workprint.show/1\"\ntitle = \"Sounds\"\n\n[outputs.main]\nwidth = 160\nheight = 90\n\
         rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\nstems = true\n\n[engines]\ncomposer = \"own\"\n\
         effect = \"own\"\n\n{}\n[budget]\nepisode = 1\n",
        tables.join("\n"),
    );
    let production = Production::bare(&show, &manifest);
    production.write("media/.keep", "");
    std::fs::copy(
        corpus.join("en-slt.flac"),
        production.root().join("media/slt.flac"),
    )
    .unwrap();
    (production, manifest)
}

fn run(production: &Production, args: &[&str]) -> Said {
    production.start_with(args, &[(KEY_ENV, KEY)]).finish()
}

fn render(production: &Production) -> Rendered {
    Rendered::of(&run(production, &["render", "pilot", "--json"])).complete()
}

/// The left channel of a lane.
fn lane(production: &Production, name: &str) -> Vec<f32> {
    let path = production.finals().join(format!("pilot.stems/{name}.wav"));
    let decoded = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(path)
        .args(["-af", "pan=mono|c0=c0", "-f", "f32le", "-"])
        .output()
        .unwrap();
    assert!(decoded.status.success(), "{decoded:?}");
    let samples = decoded.stdout.chunks_exact(4);
    samples
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

fn loudest(samples: &[f32]) -> f32 {
    samples
        .iter()
        .fold(0.0, |most, sample| sample.abs().max(most))
}

#[test]
fn sounds_and_a_changed_voice_are_bought_once() {
    let fake = Fake::of("elevenlabs");
    let (production, manifest) = production(&fake);
    // The music is 3 seconds at 0.3 dollars a minute; how long the recording is, is seen when it is cut.
    let planned = run(&production, &["plan", "pilot", "--json"]).good().json();
    let cost = planned["totals"]["cost_micros"].as_i64().unwrap();
    assert!((135_001..160_000).contains(&cost), "{cost}");
    let made = render(&production);
    let mut paid = fake.paid();
    paid.sort();
    assert_eq!(paid, [VOICE, "a door creaks", "slow piano"]);
    assert!(made.diagnostics("align.mismatch").is_empty());
    // Not four seconds of speech at 0.12 dollars a minute.
    let costs = run(&production, &["costs", "--json"]).good().json();
    assert_eq!(
        costs["total"]["spent_micros"],
        15_000 + 120_000 + 4 * 2000,
        "{costs}"
    );
    assert_eq!(render(&production).count("performed"), 0);

    // Three seconds of music lie under six of film, and the door is heard where it stands.
    let (bed, door) = (lane(&production, "music"), lane(&production, "sfx"));
    let second = |lane: &[f32], n: usize| loudest(&lane[n * 48_000..(n + 1) * 48_000]);
    assert!(bed.len() == 6 * 48_000 && second(&bed, 1) > 0.01 && second(&bed, 4) > 0.01);
    assert!(second(&door, 4) < 0.001 && second(&door, 5) > 0.1);

    told_as_they_should(&production);
    // What is heard of the line is what came back: the recording, turned over.
    let changed = lane(&production, "voice");
    let own = manifest
        .to_string()
        .replace(&format!("own:{VOICE}"), "espeak:en");
    production.write("episodes/pilot/manifest.json", &own);
    render(&production);
    let recorded = lane(&production, "voice");
    let apart = changed.iter().zip(&recorded).map(|(a, b)| a + b);
    let apart = loudest(&apart.collect::<Vec<_>>());
    assert!(loudest(&recorded) > 0.1 && apart < 0.01, "{apart}");
    assert_eq!(fake.paid().len(), 3);
}

/// The credits, the film's own statement and the list of engines name what was made, and by which.
fn told_as_they_should(production: &Production) {
    let credits = run(production, &["credits", "pilot", "--json"])
        .good()
        .json();
    assert_eq!(credits["synthetic"], true);
    let parts = credits["parts"].as_array().unwrap();
    let wanted = [
        (
            "voices",
            format!("elevenlabs eleven_multilingual_sts_v2, voice {VOICE}"),
            "voice/c1",
        ),
        (
            "sounds",
            "elevenlabs eleven_text_to_sound_v2".to_owned(),
            "compose/door",
        ),
        ("sounds", "elevenlabs music_v2".to_owned(), "compose/bed"),
    ];
    for (what, by, slot) in wanted {
        let fits = |part: &&Value| part["what"] == what && part["made_by"] == by;
        let part = parts.iter().find(fits);
        let part = part.unwrap_or_else(|| unreachable!("no {by} in {credits}"));
        assert_eq!(
            (&part["origin"], &part["slots"]),
            (&json!("model"), &json!([slot]))
        );
        let licence = if slot == "compose/bed" {
            json!("LicenseRef-plan")
        } else {
            Value::Null
        };
        assert_eq!(part["licence"], licence, "{by}");
    }
    let told = run(production, &["engines", "pilot", "--json"])
        .good()
        .json();
    let uses = told["uses"].as_array().unwrap();
    for (step, engine, of) in [
        ("change", "changers/own", "ann"),
        ("compose", "composers/own", "bed"),
        ("compose", "effects/own", "door"),
    ] {
        let fits = |one: &Value| {
            one["step"] == step && one["engine"] == engine && one["of"] == json!([of])
        };
        assert!(uses.iter().any(fits), "{step} in {told}");
    }
}

#[test]
fn another_prompt_is_another_order_and_a_pinned_take_is_none() {
    let fake = Fake::of("elevenlabs");
    let (production, manifest) = production(&fake);
    render(&production);
    assert_eq!(fake.paid().len(), 3);
    let door = |text: &str| {
        let edited = manifest.to_string().replace("a door creaks", text);
        production.write("episodes/pilot/manifest.json", &edited);
    };
    // A draft buys nothing, and does without what is not bought.
    door("a gate creaks");
    let draft = run(&production, &["animatic", "pilot", "--json"]);
    let draft = Rendered::of(&draft).complete();
    assert!(draft.kept("compose").contains("compose/bed"));
    assert_eq!(fake.paid().len(), 3);
    let again = render(&production);
    assert_eq!(
        again.performed("compose"),
        ["compose/door".to_owned()].into()
    );
    assert_eq!(fake.paid()[3..], ["a gate creaks"]);
    // The first take comes back and stays, whatever is written.
    run(
        &production,
        &["takes", "select", "pilot", "sound/door", "1"],
    )
    .good();
    door("a hinge creaks");
    let pinned = render(&production);
    assert_eq!(
        (pinned.performed("compose").len(), fake.paid().len()),
        (0, 4)
    );
    // A new take of all that was made of words is asked for by its stage.
    Rendered::of(&run(
        &production,
        &["render", "pilot", "--json", "--from", "compose"],
    ))
    .complete();
    assert_eq!(fake.paid()[4..], ["slow piano"]);
}

#[test]
fn what_nothing_can_be_made_of_or_by_is_told() {
    let fake = Fake::of("elevenlabs");
    let (production, manifest) = production(&fake);
    let mut edited = manifest.clone();
    let cue = edited["scenes"][0]["cues"][0].as_object_mut().unwrap();
    cue.remove("recording");
    edited["sfx"][0]["source"]["effect"]["engine"] = json!("nobody");
    production.write("episodes/pilot/manifest.json", &edited.to_string());
    let said = run(&production, &["check", "pilot"]);
    assert_eq!(said.code, 3, "{}", said.err);
    for code in ["voice.no-recording", "engine.unknown"] {
        assert!(said.err.contains(code), "{code} in {}", said.err);
    }
    // Without an engine a sound is not heard, and costs nothing.
    production.write("episodes/pilot/manifest.json", &manifest.to_string());
    let show = production
        .read("show.toml")
        .replace("composer = \"own\"\n", "");
    production.write("show.toml", &show);
    let made = render(&production);
    assert_eq!(made.diagnostics("sound.no-engine").len(), 1);
    assert_eq!(fake.paid().len(), 2);
    assert!(loudest(&lane(&production, "sfx")) > 0.1);
}
