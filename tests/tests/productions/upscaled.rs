//! Pictures and clips that are enlarged before they are painted, by a program that stands in for the real one.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use workprint_fakes::png;
use workprint_tests::{Production, made};

const SHOW: &str = "format = \"workprint.show/1\"\ntitle = \"Large\"\n\n[outputs.main]\nwidth = 160\nheight = 90\n\
    rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n";
const CLIP: &str = "-f lavfi -i testsrc2=size=64x36:rate=10:duration=2 -f lavfi -i sine=frequency=300:duration=2 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -threads 1";

/// ffmpeg enlarges, and every run is written down. It takes the options that the real program documents.
const LARGER: &str = "#!/bin/sh\n[ \"$1$3$5$7$9${11}${12}\" = -i-o-m-s-n-fpng ] && [ \"$6\" = FOLDER/models ] || exit 255\n\
    echo \"${10} $8\" >> FOLDER/runs\nfrom=\"$2\" to=\"$4\"; [ -d \"$2\" ] && from=\"$2/%08d.png\" to=\"$4/%08d.png\"\n\
    ffmpeg -nostdin -v error -y -i \"$from\" -vf \"scale=iw*$8:ih*$8\" \"$to\"\n";

fn production(show: &str, factor: u8) -> Production {
    let clip = json!({"file": "media/small.mp4", "upscale": factor, "sound_db": 0});
    let shots = json!([
        {"id": "s1", "picture": {"image": {"file": "media/small.png", "upscale": factor}}},
        {"id": "s2", "picture": {"clip": clip}},
        {"id": "s3", "picture": {"image": {"file": "media/small.png"}}},
    ]);
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Large", "language": "en",
        "scenes": [{"id": "one", "cues": [{"id": "c1", "hold_ms": 6000, "shots": shots}]}],
    });
    let production = Production::bare(show, &manifest);
    production.write("media/.keep", "");
    let media = production.root().join("media");
    let picture = png(&json!({"prompt": "small", "seed": 1}));
    std::fs::write(media.join("small.png"), picture).unwrap();
    std::fs::copy(made(CLIP, "mp4"), media.join("small.mp4")).unwrap();
    production
}

/// What was made in a slot, as `explain` says.
fn output(production: &Production, slot: &str) -> Value {
    let told = production.run(&["explain", slot, "--json"]).good().json();
    let steps = told["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["slot"] == slot).unwrap();
    step["output"].clone()
}

fn size(made: &Value) -> [u64; 2] {
    ["width", "height"].map(|side| made["size"][side].as_u64().unwrap())
}

fn slots(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_asks_for_it_is_enlarged_once_and_told_in_the_credits() {
    let made = production(SHOW, 2);
    let folder = made.program("realesrgan-ncnn-vulkan", LARGER);
    let runs = || std::fs::read_to_string(folder.join("runs")).unwrap_or_default();
    made.plan(&[]);
    assert_eq!(runs(), "");
    made.render(&[]).complete();
    assert_eq!(runs(), "realesr-animevideov3 2\n".repeat(2));
    assert_eq!(size(&output(&made, "image/s1")), [128, 72]);
    assert_eq!(size(&output(&made, "image/s3")), [64, 36]);
    let [before, after] = ["clip/s2", "upscale-clip/s2"].map(|slot| output(&made, slot));
    assert_eq!((size(&before), size(&after)), ([64, 36], [128, 72]));
    for same in ["duration", "rate", "has_sound"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    let credits = made.run(&["credits", "pilot", "--json"]).good().json();
    let parts = credits["parts"].as_array().unwrap().iter();
    let large: Vec<&Value> = parts.filter(|part| part["what"] == "upscaling").collect();
    assert_eq!(large.len(), 1, "{credits}");
    let by = "realesrgan-ncnn-vulkan 20220424 realesr-animevideov3";
    assert_eq!(large[0]["made_by"], by);
    assert_eq!(large[0]["origin"], "enhanced");
    assert_eq!(large[0]["slots"].as_array().unwrap().len(), 2, "{credits}");
    let again = made.render(&[]).complete();
    assert_eq!(again.count("performed"), 0);

    made.edit_cue("c1", |cue| {
        cue["shots"][0]["picture"]["image"]["upscale"] = json!(3);
    });
    let again = made.render(&[]).complete();
    assert_eq!(again.performed("upscale"), slots(&["upscale/s1"]));
    assert_eq!(again.performed("upscale-clip"), slots(&[]));
    assert_eq!(size(&output(&made, "image/s1")), [192, 108]);
    assert_eq!(runs().lines().last(), Some("realesr-animevideov3 3"));
    assert_eq!(runs().lines().count(), 3);
}

#[test]
fn a_film_is_as_long_as_without_it_and_sounds_the_same() {
    let rendered = [1, 2].map(|factor| {
        let made = production(SHOW, factor);
        let folder = made.program("realesrgan-ncnn-vulkan", LARGER);
        let rendered = made.render(&[]).complete();
        let asked = rendered.performed("upscale").len() + rendered.performed("upscale-clip").len();
        assert_eq!(asked, if factor > 1 { 2 } else { 0 });
        assert_eq!(folder.join("runs").exists(), factor > 1);
        made
    });
    let films = rendered.each_ref().map(|made| made.film("pilot.mp4"));
    assert_eq!(films[0].frames(), films[1].frames());
    assert_eq!(films[0].samples_md5(), films[1].samples_md5());
    assert_ne!(films[0].frames_md5(), films[1].frames_md5());
    assert!(films[0].loudness().0 > -40.0, "the clip is not heard");
}

#[test]
fn without_the_program_it_is_shown_as_it_is_and_told() {
    let made = production(SHOW, 2);
    let rendered = made.render(&[]).complete();
    let told = rendered.diagnostics("upscale.no-program");
    assert_eq!(told.len(), 1);
    assert!(
        told[0]
            .to_string()
            .contains("github.com/xinntao/Real-ESRGAN")
    );
    assert_eq!(size(&output(&made, "image/s1")), [64, 36]);
    // Once it is there, what was shown as it is becomes larger.
    made.program("realesrgan-ncnn-vulkan", LARGER);
    made.render(&[]).complete();
    assert_eq!(size(&output(&made, "image/s1")), [128, 72]);
    let engines = made.run(&["engines", "pilot", "--json"]).good().json();
    let all = engines["engines"].as_array().unwrap();
    let named = |engine: &&Value| engine["name"] == "realesrgan-ncnn-vulkan";
    let engine = all.iter().find(named).unwrap();
    assert_eq!(
        (&engine["status"], &engine["model"]),
        (&json!("up"), &json!("realesr-animevideov3"))
    );
    let uses = engines["uses"].as_array().unwrap().iter();
    let of: Vec<&Value> = uses.filter(|used| used["step"] == "upscale").collect();
    assert_eq!((of.len(), &of[0]["of"]), (1, &json!(["s1", "s2"])));
    let doctor = made.run(&["doctor"]).out;
    assert!(doctor.contains("realesrgan-ncnn-vulkan"), "{doctor}");
}

#[test]
fn a_factor_that_the_model_does_not_know_is_refused() {
    let photographs = format!("{SHOW}\n[engines]\nupscale = \"realesrgan-x4plus\"\n");
    let refused = production(&photographs, 2).run(&["check", "pilot"]);
    assert_ne!(refused.code, 0);
    let told = format!("{}{}", refused.out, refused.err);
    for words in ["`s1` is to be enlarged 2 times", "`s2`", "`upscale` to `4`"] {
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(production(&photographs, 4).run(&["check", "pilot"]).code, 0);
}
