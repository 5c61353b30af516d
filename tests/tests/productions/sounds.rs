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
