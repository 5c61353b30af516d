//! Scripts become episodes that can be made, and screenplays read back as they were written.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use workprint_interchange::{Imported, fountain, markdown};
use workprint_model::episode::{Cue, Episode, Picture, Shot, Transition};
use workprint_model::markup::{self, Piece};

const SCREENPLAY: &str = "Title: The *Lamp*
Author: A. Writer

# Act One

= The keeper wakes.

INT. LAMP ROOM - NIGHT #1A#
The lamp is /* a *big* cut */ dark. [[light it later]]

KEEPER (V.O.)
(whispering)
Who is *there*?
(louder)
Answer me!

> DISSOLVE TO:

EXT. CLIFF - DAWN

[[shot s1: media/cliff.png]]

@McCLANE
I disagree.

NARRATOR ^
Nobody said a thing.

> THE END <

The sea goes on.
";

/// An episode in a few lines.
fn told(imported: &Imported) -> String {
    let mut out = format!("{}\n", imported.episode.title);
    for member in &imported.episode.cast {
        let name = member.name.as_deref().unwrap_or_default();
        let _ = writeln!(out, "cast {} = {name}, {}", member.id, member.voice.name);
    }
    for scene in &imported.episode.scenes {
        let heading = scene.heading.as_deref().unwrap_or("-");
        let _ = writeln!(out, "scene {}: {heading}", scene.id);
        for cue in &scene.cues {
            let _ = writeln!(out, "  {}", told_cue(cue));
        }
    }
    for note in &imported.notes {
        let _ = writeln!(out, "{note}");
    }
    out
}

fn told_cue(cue: &Cue) -> String {
    let mut out = cue.id.to_string();
    for shot in &cue.shots {
        let _ = write!(out, " [{}]", told_shot(shot));
    }
    if let (Some(speaker), Some(text)) = (&cue.speaker, &cue.text) {
        let direction = cue
            .direction
            .as_deref()
            .map_or_else(String::new, |d| format!(" ({d})"));
        let _ = write!(out, " {speaker}{direction}: {text}");
    }
    out
}

fn told_shot(shot: &Shot) -> String {
    let picture = match &shot.picture {
        Picture::Image(image) => format!("image {}", image.file),
        Picture::Clip(clip) => format!("clip {}", clip.file),
        Picture::Card(card) => format!("card {}", card.title),
        Picture::Prompt(prompt) => format!("prompt {}", prompt.text),
        Picture::Plate(plate) => format!("plate {}", plate.colour),
    };
    match shot.transition {
        Transition::Cut => picture,
        Transition::Dissolve { ms } => format!("dissolve {ms} {picture}"),
        Transition::Dip { ms, .. } => format!("dip {ms} {picture}"),
        passing => format!("{passing:?} {picture}"),
    }
}

#[test]
fn a_screenplay() {
    let imported = fountain::import(SCREENPLAY);
    assert_eq!(
        told(&imported),
        "The Lamp
cast keeper = Keeper, espeak:en-gb
cast mcclane = McCLANE, espeak:en-us+f3
cast narrator = Narrator, espeak:en-gb-scotland+m3
scene lamp-room-night: INT. LAMP ROOM - NIGHT
  title-card [card The Lamp]
  lamp-room-night-1 [prompt The lamp is dark.] keeper (whispering): Who is *there*?
  lamp-room-night-2 keeper (louder): Answer me!
scene cliff-dawn: EXT. CLIFF - DAWN
  cliff-dawn-1 [dissolve 500 image media/cliff.png] mcclane: I disagree.
  cliff-dawn-2 narrator: Nobody said a thing.
  cliff-dawn-3 [card THE END]
  cliff-dawn-4 [prompt The sea goes on.]
warning[import.dual-dialogue]: dual dialogue is said one after the other
"
    );
    let notes = imported.episode.notes.clone().unwrap();
    assert_eq!(
        notes,
        "author: A. Writer\nAct One\nThe keeper wakes.\nlight it later"
    );
    can_be_made(&imported).unwrap();
}

#[test]
fn a_markdown_script() {
    let imported = markdown::import(
        "# The Lamp\n\nIt was *very* dark.\n\n## On the cliff\n\n![a cliff](media/cliff.svg)\n\n\
         > afraid\n\n**Keeper:** Who is **there**?\nAnswer me!\nGULL: Kraa.\n\n---\n\n\
         ![no](http://x/y.png)\n\n![film](media/sea.mp4)\n\nThe: sea.\n\n```\ncode\n```\n\n1. One\n2. Two\n",
    );
    assert_eq!(
        told(&imported),
        "The Lamp
cast narrator = Narrator, espeak:en-gb
cast keeper = Keeper, espeak:en-us+f3
cast gull = Gull, espeak:en-gb-scotland+m3
scene scene: -
  title-card [card The Lamp]
  scene-1 narrator: It was *very* dark.
scene on-the-cliff: On the cliff
  on-the-cliff-1 [image media/cliff.svg] keeper (afraid): Who is *there*? Answer me!
  on-the-cliff-2 gull: Kraa.
  on-the-cliff-3 [clip media/sea.mp4] narrator: The: sea.
  on-the-cliff-4 narrator: One
  on-the-cliff-5 narrator: Two
warning[import.path]: `http://x/y.png` is not a path inside the production: it contains a backslash, a colon or a control character
warning[import.left-out]: code was left out
"
    );
    can_be_made(&imported).unwrap();
}

/// The texts of an imported script.
fn said(imported: &Imported) -> Vec<&str> {
    let cues = imported.episode.cues();
    cues.filter_map(|cue| cue.text.as_deref()).collect()
}

#[test]
fn emphasis_is_stress() {
    let play = fountain::import(
        "BOB\nNot *that*, _this_ and **both**.\n\nBOB\nun*believ*able, \\*no\\*\n\nBOB\nand/_or_ ***now***\n",
    );
    let wanted = [
        "Not *that*, *this* and *both*.",
        "unbelievable, \\*no\\*",
        "and/*or* *now*",
    ];
    assert_eq!(said(&play), wanted);
    let script = markdown::import(
        "Not *that*, _this_ and **both**.\n\n**No!** I *will\nnot*.\n\n**Bob:** *Never*\n\nBOB: 2 * 3 \\*no\\*\n",
    );
    let wanted = [
        "Not *that*, *this* and *both*.",
        "*No!* I *will* *not*.",
        "*Never*",
        "2 \\* 3 \\*no\\*",
    ];
    assert_eq!(said(&script), wanted);
}

#[test]
fn what_is_marked_is_exported_and_read_back() {
    let mut episode = markdown::import("One.\n\nTwo.\n\nThree.\n\nFour.\n").episode;
    let texts = [
        "Wait. [pause] Not *that* door!",
        "[pause 1500ms] and/*or* \\*no\\* [pause 2000ms]",
        "*2* \\* 3_4 [pause 300ms][pause 300ms] > 5",
        "!No",
    ];
    let cues = episode.scenes.iter_mut().flat_map(|scene| &mut scene.cues);
    for (cue, text) in cues.filter(|cue| cue.text.is_some()).zip(texts) {
        cue.text = Some(text.to_owned());
    }
    let written = fountain::export(&episode);
    assert!(written.contains("Not *that* door!"), "{written}");
    let after = fountain::import(&written);
    for (before, after) in texts.iter().zip(said(&after)) {
        assert_eq!(pieces_of(before), pieces_of(after), "{written}");
    }
}

/// What is carried before and after a screenplay, with the screenplay.
fn there_and_back(before: &Episode) -> (Vec<String>, Vec<String>, String) {
    let written = fountain::export(before);
    let after = fountain::import(&written).episode;
    (carried(before), carried(&after), written)
}

#[test]
fn what_is_said_in_parentheses_keeps_its_stress() {
    let before = markdown::import("**Bob:** (*a*)").episode;
    assert_eq!(
        carried(&before).last().unwrap(),
        "Some(\"Bob\") None Some(\"(*a*)\")"
    );
    let (before, after, written) = there_and_back(&before);
    assert_eq!(before, after, "{written}");
}

#[test]
fn a_direction_keeps_its_own_parentheses() {
    for direction in ["(", ")", "(aside)", "to (Ann)"] {
        for text in ["( )", "(no)", "No."] {
            let before = markdown::import(&format!("> {direction}\n\n**Bob:** {text}")).episode;
            let (before, after, written) = there_and_back(&before);
            assert_eq!(before, after, "{written}");
        }
    }
    let sung = fountain::import("BOB\n((aside))\n~La\nla.\n").episode;
    assert!(
        carried(&sung)
            .iter()
            .any(|line| line.contains("Some(\"(aside)\")")),
        "{sung:?}"
    );
}

/// A script comes back as it was, with what it is about.
fn comes_back(script: &str, about: &str) {
    let episode = markdown::import(script).episode;
    let (before, after, written) = there_and_back(&episode);
    assert_eq!(before, after, "{written}");
    assert!(
        after.iter().any(|line| line.contains(about)),
        "{about}: {after:?}"
    );
    assert_eq!(episode.title, fountain::import(&written).episode.title);
}

#[test]
fn a_name_like_a_place_is_no_heading() {
    comes_back("**Ext Ra:** Hello.", "Some(\"Ext Ra\") None");
    comes_back("**Int. Office:** Hello.", "Some(\"Int. Office\") None");
}

#[test]
fn a_heading_is_one_however_it_begins_or_ends() {
    comes_back("## INT/EXTRA\n\nHello.", "scene Some(\"INT/EXTRA\")");
    comes_back("## Room #1#\n\nHello.", "scene Some(\"Room #1#\")");
    comes_back("## INT. ROOM #1#\n\nHi.", "scene Some(\"INT. ROOM #1#\")");
}

#[test]
fn a_title_is_no_transition() {
    comes_back("# The road to:\n\nHello.", "card The road to:");
    comes_back("# \\# To:\n\nHello.", "card # To:");
    comes_back("# \\\\# a\n\nHello.", "card \\# a");
}

#[test]
fn a_file_may_have_brackets() {
    comes_back("![x](media/a_[1].png)\n\nHello.", "media/a_[1].png");
}

#[test]
fn stress_beside_a_slash_begins_no_comment() {
    comes_back("and/*a _ 0*", "and/*a _ 0*");
    comes_back("*and/* or \\*/", "*and/* or");
}

/// A text in pieces, also where nothing is marked in it.
fn pieces_of(text: &str) -> Vec<Piece> {
    markup::pieces(text).unwrap_or_else(|| vec![Piece::Said(text.to_owned())])
}

#[test]
fn too_much_is_refused_or_cut() {
    let large = "a ".repeat(3 << 20);
    for imported in [fountain::import(&large), markdown::import(&large)] {
        assert!(imported.notes[0].is_error());
        can_be_made(&imported).unwrap();
    }
    let many = markdown::import(&"x\n\n".repeat(30_000));
    assert_eq!(many.episode.cues().count(), 20_000);
    assert_eq!(many.notes[0].code, "import.too-many");
    let many = fountain::import(&"\n.A\n".repeat(500_000));
    assert_eq!(many.episode.scenes.len(), 5000);
    let long = markdown::import(&"words ".repeat(5000));
    assert_eq!(long.episode.cues().count(), 8);
    can_be_made(&long).unwrap();
}

/// The rules of a manifest that an import could break.
fn can_be_made(imported: &Imported) -> Result<(), TestCaseError> {
    let episode = &imported.episode;
    let cast: BTreeSet<&str> = episode
        .cast
        .iter()
        .map(|member| member.id.as_str())
        .collect();
    let scenes: BTreeSet<&str> = episode
        .scenes
        .iter()
        .map(|scene| scene.id.as_str())
        .collect();
    let cues: BTreeSet<&str> = episode.cues().map(|cue| cue.id.as_str()).collect();
    let shots: BTreeSet<&str> = episode.shots().map(|shot| shot.id.as_str()).collect();
    prop_assert_eq!(cast.len(), episode.cast.len());
    prop_assert_eq!(scenes.len(), episode.scenes.len());
    prop_assert_eq!(cues.len(), episode.cues().count());
    prop_assert_eq!(shots.len(), episode.shots().count());
    prop_assert!(!episode.title.is_empty());
    prop_assert!(
        episode
            .cues()
            .next()
            .is_some_and(|cue| !cue.shots.is_empty())
    );
    for cue in episode.cues() {
        prop_assert_eq!(cue.speaker.is_some(), cue.spoken().is_some());
        prop_assert!(cue.spoken().is_some() || cue.hold_ms.is_some());
        prop_assert!(
            cue.text
                .as_ref()
                .is_none_or(|text| text.chars().count() <= 5000)
        );
        if let Some(speaker) = &cue.speaker {
            prop_assert!(cast.contains(speaker.as_str()));
        }
        for shot in &cue.shots {
            let (least, most) = (1, 8000);
            let words = match &shot.picture {
                Picture::Prompt(prompt) => prompt.text.chars().count(),
                Picture::Card(card) => card.title.chars().count() * 26,
                Picture::Image(_) | Picture::Clip(_) | Picture::Plate(_) => 1,
            };
            prop_assert!((least..=most).contains(&words));
        }
    }
    Ok(())
}

/// What a screenplay carries.
fn carried(episode: &Episode) -> Vec<String> {
    let mut out = Vec::new();
    for scene in &episode.scenes {
        out.push(format!("scene {:?}", scene.heading));
        for cue in &scene.cues {
            for shot in &cue.shots {
                out.push(format!("shot {}", told_shot(shot)));
            }
            let name = episode
                .cast
                .iter()
                .find(|member| Some(&member.id) == cue.speaker.as_ref())
                .and_then(|member| member.name.clone());
            out.push(format!("{name:?} {:?} {:?}", cue.direction, cue.text));
        }
    }
    out
}

fn scripts() -> impl Strategy<Value = String> {
    let text = "[A-Za-z*_é(!@.>=#&~^/\\\\:-]{1,6}( [A-Za-z0-9*_é&,.!?()/~^<>:#\\]\\\\-]{1,7}){0,4}";
    let line = prop_oneof![
        text.prop_map(|text| format!("**Bob:** {text}")),
        text.prop_map(|text| format!("**McCoy of 'Ys:** {text}")),
        text.prop_map(|text| format!("**太郎:** {text}")),
        text.prop_map(|text| format!("**Ext Ra:** {text}")),
        text,
        text.prop_map(|text| format!("> {text}")),
        Just("![x](media/a.png)".to_owned()),
        Just("![x](media/b.mp4)".to_owned()),
        Just("![x](media/c_[2].png)".to_owned()),
        "(INT. |EXT. |INT/EXT|)[A-Z][a-z]{1,5}( [A-Z0-9]{1,4}){0,2}( #[0-9]#)?"
            .prop_map(|text| format!("## {text}")),
        "[A-Z][a-z*_:]{1,6}( (to:|[a-z:]{1,4})){0,2}".prop_map(|text| format!("# {text}")),
    ];
    proptest::collection::vec(line, 1..12).prop_map(|lines| lines.join("\n\n"))
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("INT. ".to_owned()),
        Just("BOB\n".to_owned()),
        "[#>@!.=~*_<\\[\\]()|/^:\u{200b} `-]{1,8}",
        "\\PC{1,6}",
        "#{200,400}",
        " {200,400}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_heading_without_words_begins_no_scene() {
    let episode = markdown::import("> ##\n\n## INT. LAMP ROOM\n\nHello.").episode;
    assert_eq!(episode.scenes.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_can_be_made(text in pieces()) {
        can_be_made(&fountain::import(&text))?;
        can_be_made(&markdown::import(&text))?;
        let _ = fountain::export(&fountain::import(&text).episode);
    }

    #[test]
    fn a_screenplay_reads_back(script in scripts()) {
        let before = markdown::import(&script).episode;
        let written = fountain::export(&before);
        let after = fountain::import(&written).episode;
        prop_assert_eq!(carried(&before), carried(&after), "{}", written);
        prop_assert_eq!(&before.title, &after.title);
    }
}
