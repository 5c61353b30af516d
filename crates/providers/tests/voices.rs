//! Voices that engines list, over fakes and files.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fs;

use serde_json::json;
use workprint_fakes::{At, Fake, Fault, KEY};
use workprint_model::outside::EngineSpec;
use workprint_model::speech::{PiperSpec, VoiceEngine};
use workprint_providers::order::Capability;
use workprint_providers::secret::Secret;
use workprint_providers::vendors::{Accounts, voices};
use workprint_providers::voices::{HasVoices, Voice, VoicesError, Wanted};

fn listed(fake: &Fake, key: &str, wanted: &Wanted) -> Result<Vec<Voice>, VoicesError> {
    let spec = EngineSpec {
        vendor: fake.vendor().to_owned(),
        model: fake.model("voices").unwrap().to_owned(),
        url: Some(fake.url()),
        price: "0".parse().ok(),
        per_minute: Some(60_000),
        ..EngineSpec::default()
    };
    let engine = Accounts::default().engine(Capability::Speech, &spec, Secret::new(key), "X");
    engine.unwrap().voices(wanted)
}

fn wanted(count: u32) -> Wanted {
    Wanted {
        count,
        ..Wanted::default()
    }
}

#[test]
fn a_list_is_gone_through_page_by_page_and_no_further_than_asked() {
    let fake = Fake::of("elevenlabs");
    let some = listed(&fake, KEY, &wanted(120)).unwrap();
    assert_eq!((some.len(), fake.requests().len()), (120, 2));
    // The first has a name that leads elsewhere.
    assert_eq!(some[0].id, "own1");
    assert_eq!(listed(&fake, KEY, &wanted(1000)).unwrap().len(), 249);
    let german = Wanted {
        language: Some("de".to_owned()),
        gender: Some("male".to_owned()),
        words: "Voice 7".to_owned(),
        ..wanted(1000)
    };
    let german = listed(&fake, KEY, &german).unwrap();
    let names: Vec<&str> = german.iter().map(|voice| voice.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Voice 7", "Voice 71", "Voice 73", "Voice 75", "Voice 77", "Voice 79"
        ]
    );
    assert_eq!(german[0].languages, ["de"]);
    assert!(german.iter().all(|voice| voice.owner.is_none()));
    assert!(fake.paid().is_empty());
}

#[test]
fn what_others_share_says_whose_it_is() {
    let fake = Fake::of("elevenlabs");
    let shared = Wanted {
        shared: true,
        ..wanted(1000)
    };
    let all = listed(&fake, KEY, &shared).unwrap();
    assert_eq!((all.len(), fake.requests().len()), (120, 2));
    assert_eq!(all[0].owner.as_deref(), Some("owner0"));
    let terms = all[0].licence.as_deref().unwrap();
    assert!(
        terms.contains("paying") && terms.contains("90 days"),
        "{terms}"
    );
    assert_eq!(all[1].licence, None);
    assert_eq!(
        all[119].preview.as_deref(),
        Some("https://example.org/s119.mp3")
    );
}

#[test]
fn an_engine_that_does_not_tell_says_so() {
    let fake = Fake::of("elevenlabs");
    assert!(matches!(
        listed(&fake, "wrong", &wanted(9)),
        Err(VoicesError::Call(_))
    ));
    for fault in [Fault::Page, Fault::Complaint] {
        fake.trouble(At::Poll, &vec![fault; 5]);
        let refused = listed(&fake, KEY, &wanted(9));
        assert!(matches!(refused, Err(VoicesError::Call(_))), "{refused:?}");
    }
    let fake = Fake::of("openai");
    let refused = listed(&fake, KEY, &wanted(9)).unwrap_err();
    assert!(matches!(refused, VoicesError::Untold { .. }), "{refused}");
    assert!(fake.requests().is_empty());
}

#[test]
fn a_folder_of_pipers_is_read_and_what_is_no_voice_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let alba = json!({
        "audio": {"sample_rate": 22050, "quality": "medium"}, "dataset": "alba",
        "language": {"code": "en_GB"}, "num_speakers": 1,
    });
    let many =
        json!({"audio": {"sample_rate": 22050}, "espeak": {"voice": "de"}, "num_speakers": 3});
    for (name, settings) in [
        ("en_GB-alba-medium", alba.to_string()),
        ("de-many", many.to_string()),
        ("broken", "{".to_owned()),
    ] {
        write(&format!("{name}.onnx"), "");
        write(&format!("{name}.onnx.json"), &settings);
    }
    write("lonely.onnx.json", &alba.to_string());
    let models = folder.path().file_name().unwrap().to_str().unwrap();
    let engine = VoiceEngine::Piper(PiperSpec {
        models: models.parse().unwrap(),
    });
    let root = folder.path().parent().unwrap();
    let all = voices(&engine, root).unwrap().voices(&wanted(9)).unwrap();
    let ids: Vec<&str> = all.iter().map(|voice| voice.id.as_str()).collect();
    assert_eq!(ids, ["de-many", "en_GB-alba-medium"]);
    assert!(
        all[0].description.contains("3 speakers"),
        "{}",
        all[0].description
    );
    let british = Wanted {
        language: Some("en".to_owned()),
        words: "alba".to_owned(),
        ..wanted(9)
    };
    let british = voices(&engine, root).unwrap().voices(&british).unwrap();
    assert_eq!(
        (british.len(), british[0].languages[0].as_str()),
        (1, "en-GB")
    );
    let missing = voices(&engine, &root.join("nowhere"))
        .unwrap()
        .voices(&wanted(9));
    assert!(matches!(missing, Err(VoicesError::Speech(_))));
}
