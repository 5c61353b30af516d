//! Puppets: mouths move with the voice, and an edit costs the frames that show it.

use std::collections::BTreeSet;

use serde_json::json;
use workprint_tests::Production;

/// A puppet whose mouths are as different as can be, at one place of the frame.
const FACE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<rect width="100" height="100" fill="#204060"/>
<g id="mouth-X"><rect x="30" y="48" width="40" height="4" fill="#808080"/></g>
<g id="mouth-A"><rect x="30" y="48" width="40" height="4" fill="#a0a0a0"/></g>
<g id="mouth-D"><rect x="30" y="30" width="40" height="40" fill="#ffffff"/></g>
<g id="mouth-F"><rect x="40" y="40" width="20" height="20" fill="#000000"/></g>
<g id="mouth-G"><rect x="30" y="40" width="40" height="12" fill="#ffff00"/></g>
</svg>"##;

/// The small production with a puppet of Ann in three of its shots: `c2` and `c9` are hers, `c11` is
/// silent.
fn with_puppets() -> Production {
    let production = Production::small();
    production.write("media/puppets/face.svg", FACE);
    for cue in ["c2", "c9", "c11"] {
        production.edit_cue(cue, |cue| {
            cue["shots"][0]["puppets"] = json!([{
                "speaker": "ann", "file": "media/puppets/face.svg",
                "x": 50, "y": 90, "height": 80, "idle": 0,
            }]);
        });
    }
    production
}

fn draw(production: &Production, from: &str, to: &str) {
    let svg = production.read("media/puppets/face.svg");
    assert!(svg.contains(from));
    production.write("media/puppets/face.svg", &svg.replace(from, to));
}

#[test]
fn another_line_costs_its_mouth_and_a_redrawn_mouth_its_frames() {
    let production = with_puppets();
    production.render(&[]).complete();
    let again = production.render(&[]).complete();
    assert_eq!(again.count("performed"), 0);

    production.edit_cue("c2", |cue| cue["text"] = "The door moves.".into());
    let plan = production.plan(&[]);
    let run = production.render(&[]).complete();
    let laid = production.laid("pilot.mp4", &[]);
    assert_eq!(run.performed("voice"), ["voice/c2".to_owned()].into());
    assert_eq!(run.performed("puppet"), BTreeSet::new());
    assert_eq!(run.performed("chunk"), laid.shot("s2"));
    assert_eq!(plan.to_run("voice"), ["voice/c2".to_owned()].into());

    // The resting mouth is seen in all three shots, the wide one where she speaks.
    draw(&production, "#ffffff", "#00ff00");
    let run = production.render(&[]).complete();
    assert!(!run.performed("puppet").is_empty());
    let performed = run.performed("chunk");
    assert!(!performed.is_empty());
    assert!(performed.is_disjoint(&laid.shot("s11")), "{performed:?}");
    draw(&production, "#808080", "#909090");
    let run = production.render(&[]).complete();
    assert!(run.performed("chunk").is_superset(&laid.shot("s11")));
}

#[test]
fn mouths_move_with_the_voice_and_rest_without_it() {
    let production = with_puppets();
    production.render(&[]).complete();
    let laid = production.laid("pilot.mp4", &[]);
    let film = production.film("pilot.mp4");
    let levels = film.luma_at((156, 86));
    let spoken = mouths(&levels, laid.cue("c2"));
    assert!(spoken.len() >= 4, "{spoken:?}");
    assert_eq!(mouths(&levels, laid.cue("c11")).len(), 1);
}

/// The different levels in a stretch, one after the other.
fn mouths(levels: &[u8], (from, to): (u64, u64)) -> Vec<u8> {
    let stretch = &levels[from as usize..to as usize];
    let mut seen: Vec<u8> = stretch.iter().map(|level| level / 24).collect();
    seen.dedup();
    seen
}

#[test]
fn a_recording_moves_the_mouth_too() {
    let production = with_puppets();
    production.render(&[]).complete();
    production.tone("voice.wav", 440, 900);
    production
        .run(&["takes", "add", "pilot", "voice/c2", "voice.wav"])
        .good();
    let run = production.render(&[]).complete();
    assert_eq!(run.performed("lips"), ["lips/c2".to_owned()].into());
    let laid = production.laid("pilot.mp4", &[]);
    let levels = production.film("pilot.mp4").luma_at((156, 86));
    assert!(mouths(&levels, laid.cue("c2")).len() >= 3);
    assert_eq!(production.plan(&[]).count("run"), 0);
}
