//! Conversations: lines that are bought in one order, said in one breath, and cut out of it.

use std::collections::BTreeSet;
use std::f64::consts::TAU;
use std::process::Command;

use serde_json::{Value, json};
use workprint_fakes::{At, Fake, Fault, KEY};
use workprint_tests::{KEY_ENV, Planned, Production, Rendered, Said, engine};

/// What the three lines of the conversation are bought by: one of them has a pause.
const TALK: &str = "Is it on? It is. Look there. So we see.";

fn cue(id: &str, who: &str, text: &str) -> Value {
    let shot = json!({"id": format!("s-{id}"), "picture": {"plate": {"colour": "#204060"}}});
    json!({"id": id, "speaker": who, "text": text, "shots": [shot]})
}

fn manifest() -> Value {
    let voice = |id: &str, name: &str| json!({"id": id, "voice": {"name": name}});
    json!({
        "format": "workprint.manifest/1", "title": "Talk", "language": "en",
        "cast": [
            voice("ann", "own:21m00Tcm4TlvDq8ikWAM"), voice("bob", "own:29vD33N1CtxCmqQRPOHJ"),
            voice("eve", "espeak:en-gb"),
        ],
        "scenes": [
            {"id": "talk", "dialogue": true, "cues": [
                cue("c1", "ann", "Is it on?"),
                cue("c2", "bob", "It is. [pause 400ms] Look there."),
                cue("c3", "ann", "So we see."),
            ]},
            {"id": "after", "cues": [cue("c4", "ann", "Good night.")]},
        ],
    })
}

fn production(fake: &Fake) -> Production {
    let show = format!(
        "format = \"workprint.show/1\"\ntitle = \"Talk\"\n\n[outputs.main]\nwidth = 160\nheight = 90\n\
         rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\nstems = true\n\n{}\n[budget]\nepisode = 1\n",
        engine("dialogues", fake),
    );
    Production::bare(&show, &manifest())
}

fn run(production: &Production, args: &[&str]) -> Said {
    production.start_with(args, &[(KEY_ENV, KEY)]).finish()
}

fn render(production: &Production, more: &[&str]) -> Rendered {
    let args = [&["render", "pilot", "--json"], more].concat();
    Rendered::of(&run(production, &args))
}

fn plan(production: &Production) -> Planned {
    Planned(run(production, &["plan", "pilot", "--json"]).good().json())
}

fn slots(slots: &[&str]) -> BTreeSet<String> {
    slots.iter().map(|slot| (*slot).to_owned()).collect()
}

fn spent(production: &Production) -> Value {
    let costs = run(production, &["costs", "--json"]).good().json();
    assert_eq!(costs["total"]["reserved_micros"], 0, "{costs}");
    costs["total"]["spent_micros"].clone()
}

/// 300 millionths of a dollar for each character that is said.
fn price(lines: &[&str]) -> Value {
    let characters: usize = lines.iter().map(|line| line.chars().count()).sum();
    json!(300 * characters)
}

/// The lines of the film, and what is heard of its voices.
fn heard(production: &Production) -> (Vec<Value>, Vec<f32>) {
    let told = std::fs::read(production.finals().join("pilot.transcript.json")).unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    let decoded = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(production.finals().join("pilot.stems/voice.wav"))
        .args(["-af", "pan=mono|c0=c0", "-f", "f32le", "-"])
        .output()
        .unwrap();
    assert!(decoded.status.success(), "{decoded:?}");
    let samples = decoded.stdout.chunks_exact(4);
    let samples = samples.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
    (told["lines"].as_array().unwrap().clone(), samples.collect())
}

/// How much of what is heard there is the tone that the fake says a letter by, from 0 to 1.
fn share(samples: &[f32], from_ms: u64, letter: char) -> f64 {
    let window = &samples[(from_ms as usize + 10) * 48..(from_ms as usize + 50) * 48];
    let step = f64::from(200 + u32::from(letter) % 50 * 10) * TAU / 48_000.0;
    let (mut sine, mut cosine, mut all) = (0.0, 0.0, 1e-12);
    for (n, sample) in window.iter().enumerate() {
        let sample = f64::from(*sample);
        sine += sample * (step * n as f64).sin();
        cosine += sample * (step * n as f64).cos();
        all += sample * sample;
    }
    2.0 * (sine * sine + cosine * cosine) / window.len() as f64 / all
}

#[test]
fn a_conversation_is_one_order_and_each_line_its_own_sound() {
    let fake = Fake::of("elevenlabs");
    let production = production(&fake);
    let planned = plan(&production);
    assert_eq!(planned.to_run("dialogue"), slots(&["dialogue/talk"]));
    assert_eq!(planned.to_run("speak"), slots(&["speak/c4"]));
    let said = ["Is it on?", "It is.", "Look there.", "So we see."];
    let all = price(&[&said[..], &["Good night."]].concat());
    assert_eq!(planned.0["totals"]["cost_micros"], all);

    let made = render(&production, &[]).complete();
    assert_eq!(made.performed("speaker").len(), 0, "words are the vendor's");
    let (lines, samples) = heard(&production);
    let mut paid = fake.paid();
    paid.sort();
    assert_eq!(paid, ["Good night.", TALK]);
    assert_eq!(spent(&production), all);
    // Every word is heard where it is said to be, in the tone of its first letter.
    let mut words = 0;
    for (line, text) in lines.iter().zip([
        "Is it on?",
        "It is. Look there.",
        "So we see.",
        "Good night.",
    ]) {
        assert_eq!(line["text"], text);
        let times = line["words"].as_array().unwrap();
        assert_eq!(times.len(), text.split_whitespace().count(), "{line}");
        for (time, word) in times.iter().zip(text.split_whitespace()) {
            let from = time["from_ms"].as_u64().unwrap();
            let share = share(&samples, from, word.chars().next().unwrap());
            assert!(share > 0.8, "`{word}` of {line}: {share}");
            words += 1;
        }
    }
    assert_eq!(words, 12);
    // The pause is as long as it is written, whatever the vendor left between the two parts.
    let second = lines[1]["words"].as_array().unwrap();
    let time = |n: usize, name: &str| second[n][name].as_u64().unwrap();
    let pause = time(2, "from_ms") - time(1, "to_ms");
    assert!(pause.abs_diff(400) <= 80, "{second:?}");

    let again = render(&production, &[]).complete();
    assert_eq!((again.count("performed"), fake.paid().len()), (0, 2));
    // What it cost is shared out among the voices.
    let credits = run(&production, &["credits", "pilot", "--json"]).good();
    let parts = credits.json()["parts"].as_array().unwrap().clone();
    let cost = |voice: &str| {
        let by = format!("elevenlabs eleven_v3, voice {voice}");
        let part = parts.iter().find(|part| part["made_by"] == by.as_str());
        let part = part.unwrap_or_else(|| unreachable!("no {by} in {parts:?}"));
        let slots = part["slots"].as_array().unwrap().iter();
        let slots: BTreeSet<String> = slots
            .map(|slot| slot.as_str().unwrap().to_owned())
            .collect();
        (slots, part["cost_micros"].clone())
    };
    let ann = price(&[said[0], said[3], "Good night."]);
    let own = slots(&["voice/c1", "voice/c3", "voice/c4"]);
    assert_eq!(cost("21m00Tcm4TlvDq8ikWAM"), (own, ann));
    let bob = (slots(&["voice/c2"]), price(&said[1..3]));
    assert_eq!(cost("29vD33N1CtxCmqQRPOHJ"), bob);
}

#[test]
fn an_edited_line_buys_its_conversation_anew_and_no_other() {
    let fake = Fake::of("elevenlabs");
    let production = production(&fake);
    render(&production, &[]).complete();
    production.edit_cue("c4", |cue| cue["text"] = json!("Good night, all."));
    let made = render(&production, &[]).complete();
    assert_eq!(made.performed("dialogue").len(), 0);
    production.edit_cue("c3", |cue| cue["text"] = json!("So we saw."));
    let planned = plan(&production);
    assert_eq!(planned.to_run("dialogue"), slots(&["dialogue/talk"]));
    assert_eq!(planned.to_run("speak"), slots(&[]));
    let draft = Rendered::of(&run(&production, &["animatic", "pilot", "--json"])).complete();
    let stand_in = slots(&["voice/c1~espeak", "voice/c2~espeak", "voice/c3~espeak"]);
    assert_eq!(draft.performed("voice"), stand_in);
    assert_eq!(fake.paid().len(), 3, "a draft buys nothing");
    let made = render(&production, &[]).complete();
    assert_eq!(
        made.performed("voice"),
        slots(&["voice/c3"]),
        "what sounds as before is the same line"
    );
    assert_eq!(fake.paid()[3..], [TALK.replace("see", "saw")]);
    // A pause and a pace are none of what was bought, and the pace cannot be had.
    production.edit_cue("c2", |cue| {
        cue["text"] = json!("It is. [pause 900ms] Look there.");
        cue["rate"] = json!(200);
    });
    let made = render(&production, &[]).complete();
    assert_eq!(made.performed("voice"), slots(&["voice/c2"]));
    assert_eq!(made.diagnostics("voice.cannot").len(), 1);
    // A file in the place of a line is heard, and the others go on answering what is written.
    production.write("media/.keep", "");
    production.tone("media/c2.wav", 330, 900);
    run(
        &production,
        &["takes", "add", "pilot", "voice/c2", "media/c2.wav"],
    )
    .good();
    let made = render(&production, &[]).complete();
    assert_eq!(made.performed("voice"), slots(&["voice/c2"]));
    assert_eq!(fake.paid().len(), 4);
    // Asked for by its stage it is bought again.
    render(&production, &["--from", "speak"]).complete();
    assert_eq!(fake.paid().len(), 6);
}

#[test]
fn a_long_conversation_is_cut_between_lines_and_a_recording_is_none_of_it() {
    let fake = Fake::of("elevenlabs");
    let production = production(&fake);
    let long = |word: &str| [word; 150].join(" ");
    production.write("media/.keep", "");
    production.tone("media/c9.wav", 330, 900);
    production.edit(|manifest| {
        let mut recorded = cue("c9", "eve", "Hush.");
        recorded["recording"] = json!({"file": "media/c9.wav"});
        manifest["scenes"][0]["cues"] = json!([
            cue("c1", "ann", &long("first")),
            cue("c2", "bob", &long("other")),
            recorded,
            cue("c3", "ann", &long("third")),
        ]);
    });
    let planned = plan(&production);
    let wanted = slots(&["dialogue/talk", "dialogue/talk~2"]);
    assert_eq!(planned.to_run("dialogue"), wanted);
    Rendered::of(&run(&production, &["readout", "pilot", "--json"])).complete();
    let mut paid = fake.paid();
    paid.sort_by_key(String::len);
    let lines = [long("first"), long("other")].join(" ");
    assert_eq!(paid, ["Good night.".to_owned(), long("third"), lines]);
}

#[test]
fn what_cannot_be_cut_out_is_kept_paid_once_and_waits_for_a_person() {
    let whys = [
        "line 4 has no segment",
        "segment 1 is of line 4, out of turn",
        "segment 1 is of line 100, of 4",
        "the sound is",
    ];
    for (n, why) in whys.into_iter().enumerate() {
        let fake = Fake::of("elevenlabs");
        let production = production(&fake);
        production.edit(|manifest| {
            manifest["scenes"].as_array_mut().unwrap().truncate(1);
        });
        // Each time it is broken in another way.
        fake.break_segments(n);
        fake.trouble(At::Job, &[Fault::Garbles]);
        for _ in 0..2 {
            let made = render(&production, &[]);
            assert_eq!(made.status(), "failed", "{why}: {}", made.err);
            let failed: Vec<&Value> = made.named("step.failed").collect();
            assert_eq!(failed.len(), 1, "{failed:#?}");
            assert_eq!(failed[0]["slot"], "dialogue/talk");
            assert!(failed[0].to_string().contains(why), "{why}: {failed:#?}");
            assert_eq!(fake.paid(), [TALK], "it is paid once");
        }
        let jobs = run(&production, &["jobs", "--json"]).good().json();
        assert_eq!(jobs[0]["state"], "fetched");
        assert_eq!(jobs[0]["artifacts"].as_array().map(Vec::len), Some(2));
        // Nothing that was bought is cleared away while nobody has let go of it.
        run(&production, &["gc"]).good();
        assert_eq!(render(&production, &[]).status(), "failed");
        assert_eq!(fake.paid().len(), 1);
        let id = jobs[0]["id"].to_string();
        run(&production, &["jobs", "resolve", &id, "--paid"]).good();
        render(&production, &[]).complete();
        assert_eq!(fake.paid(), [TALK, TALK]);
        let one = price(&["Is it on?", "It is.", "Look there.", "So we see."]);
        assert_eq!(spent(&production), json!(2 * one.as_i64().unwrap()));
    }
}

#[test]
fn a_conversation_that_nobody_can_have_is_told_before() {
    let fake = Fake::of("elevenlabs");
    let production = production(&fake);
    let check = |code: &str, place: &str| {
        let said = run(&production, &["check", "pilot"]);
        assert_eq!(said.code, 3, "{code}: {}", said.err);
        assert!(
            said.err.contains(code) && said.err.contains(place),
            "{}",
            said.err
        );
    };
    let first = manifest();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut edited = first.clone();
        change(&mut edited);
        production.write("episodes/pilot/manifest.json", &edited.to_string());
    };
    with(&|manifest| manifest["scenes"][0]["cues"][1]["speaker"] = json!("eve"));
    check("dialogue.engine", "`espeak:en-gb`, the voice of cue `c2`");
    with(&|manifest| {
        manifest["scenes"][0]["cues"][2]["text"] = json!("x".repeat(2001));
    });
    check("dialogue.line", "cue `c3` is a line of 2001 characters");
    with(&|manifest| {
        let cues = (0..11).map(|n| {
            let mut cue = cue(&format!("d{n}"), "ann", "Me.");
            cue["voice"] = json!({"name": format!("own:voice{n}")});
            cue
        });
        manifest["scenes"][0]["cues"] = cues.collect();
    });
    check("dialogue.voices", "scene `talk` has 11 voices");
    // Another model of the same vendor is another engine.
    let second = engine("dialogues", &fake).replace(".own]", ".two]");
    let show = production
        .read("show.toml")
        .replace("[budget]", &format!("{second}\n[budget]"));
    production.write("show.toml", &show);
    with(&|manifest| manifest["cast"][1]["voice"]["name"] = json!("two:29vD33N1CtxCmqQRPOHJ"));
    check("dialogue.engines", "cue `c2` is spoken by `two`");
    // One that speaks lines alone.
    let show = show.replace("eleven_v3", "eleven_multilingual_v2");
    production.write("show.toml", &show);
    with(&|_| {});
    check("dialogue.engine", "the voice of cue `c1`");
    assert!(fake.requests().is_empty());
}
