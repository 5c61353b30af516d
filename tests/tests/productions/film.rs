//! What a finished film is.

use serde_json::json;
use workprint_tests::{Production, made};

/// The words of an SRT, in order, without numbers and times.
fn words_of(srt: &str) -> Vec<String> {
    let blocks = srt.split("\n\n");
    let texts = blocks.flat_map(|block| block.lines().skip(2));
    // Sounds are described in brackets.
    let texts = texts.filter(|line| !line.starts_with('['));
    texts
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

fn written(production: &Production) -> Vec<String> {
    let texts = production.texts().join(" ");
    texts.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn is_what_the_show_asks_for() {
    let production = Production::small();
    let run = production.render(&[]).complete();
    let name = "episodes/pilot/final/pilot";
    let ends = [
        "mp4",
        "srt",
        "vtt",
        "ass",
        "transcript.md",
        "transcript.json",
    ];
    let finals: Vec<String> = ends.iter().map(|end| format!("{name}.{end}")).collect();
    assert_eq!(run.summary()["finals"], json!(finals));

    let film = production.film("pilot.mp4");
    let video = film.stream("video");
    let want = [
        ("codec_name", "h264"),
        ("pix_fmt", "yuv420p"),
        ("r_frame_rate", "30/1"),
        ("avg_frame_rate", "30/1"),
        ("color_range", "tv"),
        ("color_space", "bt709"),
        ("color_transfer", "bt709"),
        ("color_primaries", "bt709"),
    ];
    for (field, value) in want {
        assert_eq!(video[field], value, "{field}");
    }
    assert_eq!(
        (&video["width"], &video["height"]),
        (&320.into(), &180.into())
    );
    let audio = film.stream("audio");
    assert_eq!(audio["codec_name"], "aac");
    assert_eq!(audio["sample_rate"], "48000");

    let boxes = film.boxes();
    let at = |name: &str| boxes.iter().position(|known| known == name);
    assert!(at("moov").is_some() && at("moov") < at("mdat"), "{boxes:?}");

    let difference = (film.seconds("audio") - film.seconds("video")).abs();
    assert!(difference < 1.0 / 30.0, "{difference} s apart");
    let laid = production.laid("pilot.mp4", &[]);
    assert_eq!(film.frames(), laid.length);
    assert_eq!(laid.chunks.last().unwrap().to, laid.length);

    let (loudness, peak) = film.loudness();
    assert!((loudness + 14.0).abs() <= 0.5, "{loudness} LUFS");
    assert!(peak <= -1.0, "{peak} dBTP");
}

#[test]
fn captions_read_as_written() {
    let production = Production::small();
    production.render(&["--only", "voice"]);
    production.render(&["--only", "align"]);
    let run = production.render(&["--only", "captions"]);
    assert_eq!(run.by_kind().get("captions"), Some(&1), "{}", run.summary());
    let srt = production.read("episodes/pilot/final/pilot.srt");
    assert_eq!(words_of(&srt), written(&production));
}

/// The example, small, as it is shown first.
#[test]
fn the_first_light_draft_is_worth_showing() {
    let production = Production::first_light();
    let run = production.render(&["--output", "draft"]).complete();
    assert!(run.performed("chunk").len() >= 10);
    let film = production.film("pilot.draft.mp4");
    let video = film.stream("video");
    assert_eq!(
        (&video["width"], &video["height"]),
        (&640.into(), &360.into())
    );
    assert_eq!(
        film.frames(),
        production
            .laid("pilot.draft.mp4", &["--output", "draft"])
            .length
    );
    let difference = (film.seconds("audio") - film.seconds("video")).abs();
    assert!(difference < 1.0 / 30.0, "{difference} s apart");
    let (loudness, peak) = film.loudness();
    assert!((loudness + 14.0).abs() <= 0.5, "{loudness} LUFS");
    assert!(peak <= -1.0, "{peak} dBTP");
    assert_eq!(film.dead_stretches(), Vec::<String>::new());
    let srt = production.read("episodes/pilot/final/pilot.draft.srt");
    assert_eq!(words_of(&srt), written(&production));
    let again = production.render(&["--output", "draft"]).complete();
    assert_eq!(again.count("performed"), 0);
}

/// The eyes that found nothing in the example see a shot that stands still on black.
#[test]
fn dead_stretches_are_seen() {
    let production = Production::small();
    production.edit(|manifest| {
        let card = json!({"card": {"title": ".", "colour": "#000000"}});
        let cue =
            json!({"id": "still", "hold_ms": 3000, "shots": [{"id": "still", "picture": card}]});
        manifest["scenes"] = json!([{"id": "all", "cues": [cue]}]);
        for gone in ["overlays", "sfx", "chapters"] {
            manifest[gone] = json!([]);
        }
    });
    production.render(&[]).complete();
    let told = production.film("pilot.mp4").dead_stretches().join("\n");
    assert!(
        told.contains("black_start") && told.contains("freeze_start"),
        "{told}"
    );
}

/// ffmpeg reads no animated WebP, which many programs that make pictures write.
#[test]
fn an_animated_webp_is_a_clip() {
    let shot = json!({"id": "s1", "picture": {"clip": {"file": "media/a.webp", "then": "hold"}}});
    let cue = json!({"id": "c1", "hold_ms": 2400, "shots": [shot]});
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Moving", "language": "en",
        "scenes": [{"id": "one", "cues": [cue]}],
    });
    let show = "format = \"workprint.show/1\"\ntitle = \"Moving\"\n\n[outputs.main]\nwidth = 128\nheight = 96\n\
                rate = \"25\"\ncrf = 12\npreset = \"ultrafast\"\n";
    let production = Production::bare(show, &manifest);
    production.write("media/.keep", "");
    let moving = made(
        "-f lavfi -i color=black:s=128x96:r=10:d=2 -vf geq=lum=40+8*N:cb=128:cr=128 -c:v libwebp_anim -lossless 1",
        "webp",
    );
    std::fs::copy(moving, production.root().join("media/a.webp")).unwrap();
    production.render(&[]).complete();
    let luma = production.film("pilot.mp4").luma_at((60, 40));
    assert_eq!(luma.len(), 60);
    for (frame, value) in luma.iter().enumerate() {
        // Each stands for a tenth of a second, the last one to the end.
        let shown = (frame * 10 / 25).min(19) as u8;
        assert!(value.abs_diff(40 + 8 * shown) <= 4, "{frame}: {luma:?}");
    }
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
}
