//! Encoders besides libx264, from the show to the film.

use workprint_tests::Production;

fn encoded_by(encoder: &str) -> Production {
    let production = Production::small();
    let show = production.read("show.toml");
    let named = format!("[outputs.main]\nencoder = \"{encoder}\"");
    production.write("show.toml", &show.replace("[outputs.main]", &named));
    production
}

#[test]
fn hevc_is_made_in_chunks_that_are_kept() {
    let production = encoded_by("x265");
    production.render(&[]).complete();
    let film = production.film("pilot.mp4");
    let video = film.stream("video");
    assert_eq!(
        (&video["codec_name"], &video["codec_tag_string"]),
        (&"hevc".into(), &"hvc1".into())
    );
    assert_eq!(film.frames(), production.laid("pilot.mp4", &[]).length);
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
    let explained = production.run(&["explain", "episodes/pilot/final/pilot.mp4"]);
    assert!(explained.good().out.contains("libx265 "));
    production.edit(|manifest| manifest["chapters"][1]["title"] = "Over".into());
    let run = production.render(&[]).complete();
    assert!(run.performed("chunk").is_empty(), "{:?}", run.by_kind());
}

/// An ffmpeg for which there is no card, whatever this machine has.
const NO_DRIVER: &str = r#"#!/bin/sh
case " $* " in
*' hevc_nvenc '*)
    cat > /dev/null
    echo '[hevc_nvenc @ 0x55f0d0b55d40] Cannot load libcuda.so.1' >&2
    exit 1
    ;;
esac
exec 'REAL' "$@"
"#;

#[test]
fn what_is_not_there_is_replaced_and_the_reason_is_in_the_recipe() {
    let production = encoded_by("nvenc-hevc");
    production.stand_in("ffmpeg", NO_DRIVER);
    let plan = production.run(&["plan", "pilot", "--json"]).good().json();
    let run = production.render(&[]).complete();
    assert_eq!(
        production.film("pilot.mp4").stream("video")["codec_name"],
        "hevc"
    );
    let told = &run.named("diagnostic").next().unwrap()["diagnostic"];
    assert_eq!(told["code"], "encoder.fallback");
    let message = told["message"].as_str().unwrap();
    let (_, rest) = message.split_once(" because ").unwrap();
    let (why, used) = rest.split_once("; ").unwrap();
    assert_eq!(why, "there is no NVIDIA driver on this machine");
    assert_eq!(used, "`x265` takes its place");
    assert_eq!(plan["diagnostics"][0]["message"], message);
    let explained = production.run(&["explain", "episodes/pilot/final/pilot.mp4"]);
    let recipe = format!("instead of nvenc-hevc: {why}");
    assert!(explained.good().out.contains(&recipe), "{why}");
}

#[test]
fn graphics_alone_have_alpha_and_neither_shots_nor_sound() {
    let production = Production::small();
    let over = "\n[outputs.over]\nwidth = 320\nheight = 180\nencoder = \"prores-4444\"\n";
    production.write("show.toml", &(production.read("show.toml") + over));
    let run = production.render(&["--output", "over"]).complete();
    for kind in ["mix", "soundtrack"] {
        assert!(run.performed(kind).is_empty(), "{kind}");
    }
    let film = production.film("pilot.over.mov");
    let video = film.stream("video");
    assert_eq!(video["codec_tag_string"], "ap4h");
    assert!(video["pix_fmt"].as_str().unwrap().starts_with("yuva444p"));
    let length = film.frames();
    assert!(length > 300, "{length}");
    // What a shot shows is not in it; what is said over it is.
    production.draw("media/stills/5.png", 77);
    let again = production.render(&["--output", "over"]).complete();
    assert!(again.performed("chunk").is_empty());
    production.edit_cue("c12", |cue| cue["text"] = "That is the finish.".into());
    let edited = production.render(&["--output", "over"]).complete();
    let (some, all) = (
        edited.performed("chunk").len(),
        run.performed("chunk").len(),
    );
    assert!(0 < some && some < all / 2, "{some} of {all}");
}
