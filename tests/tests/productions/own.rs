//! Pictures and clips by what is no vendor: programs of one's own.

use serde_json::{Value, json};
use workprint_tests::{KEY_ENV, Production, Rendered};

pub(crate) const RENDER: [&str; 3] = ["render", "pilot", "--json"];
pub(crate) const PICTURES: [&str; 5] = ["render", "pilot", "--json", "--only", "generate"];

/// A prompt that no shell may read.
pub(crate) const PROMPT: &str = "a lamp; $(touch stolen) \"{seed}\" 'x";

/// A show of 320 by 180 with these tables, and an episode of one prompt with a clip.
pub(crate) fn production(tables: &str, clip: bool) -> Production {
    let motion = json!({"text": "it turns", "length_ms": 800, "then": "hold"});
    let mut prompt = json!({"text": PROMPT, "seed": 7});
    if clip {
        prompt["clip"] = motion;
    }
    let shot = json!({"id": "s1", "picture": {"prompt": prompt}});
    let cue = json!({"id": "c1", "hold_ms": 1000, "shots": [shot]});
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Own", "language": "en",
        "scenes": [{"id": "one", "cues": [cue]}],
    });
    let own = if clip { "clip = \"own\"\n" } else { "" };
    let show = format!(
        "format = \"workprint.show/1\"\ntitle = \"Own\"\n\n[outputs.main]\nwidth = 320\nheight = 180\n\
         rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n\n[engines]\nimage = \"own\"\n{own}\n{tables}"
    );
    Production::bare(&show, &manifest)
}

/// Sees that it is handed what it should be and nothing else, then draws a plain colour.
const DRAW: &str = r#"
[ -z "${WORKPRINT_FAKE_KEY+x}" ] || { echo a key is in the environment; exit 9; }
[ -z "$(ls -A .)" ] || { echo the folder is not empty; exit 8; }
printf '%s\n' "$2" "$3" >> "$1/calls"
ffmpeg -v error -f lavfi -i "color=c=red:s=$4x$5" -frames:v 1 "$6"
"#;

const MOVE: &str = r#"
printf '%s\n' "$2 $3" >> "$1/calls"
ffmpeg -v error -loop 1 -r "$3" -i "$4" -frames:v "$2" -vf scale=320:180,hue=h=n*20 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$5"
"#;

const COMMANDS: &str = r#"
[engines.images.own]
vendor = "command"
model = "draw"
command = ["sh", "{show}/tools/draw.sh", "{show}", "{prompt}", "seed={seed}", "{width}", "{height}", "{out}"]

[engines.clips.own]
vendor = "command"
model = "move"
command = ["sh", "{show}/tools/move.sh", "{show}", "{frames}", "{rate}", "{start}", "{folder}/a.mp4"]

[engines.images.paid]
vendor = "fal"
model = "fal-ai/flux/schnell"
key_env = "WORKPRINT_FAKE_KEY"
"#;

fn calls(production: &Production) -> Vec<String> {
    let all = std::fs::read_to_string(production.root().join("calls")).unwrap_or_default();
    all.lines().map(str::to_owned).collect()
}

pub(crate) fn told(run: &Rendered) -> String {
    let failed: Vec<&Value> = run.named("step.failed").collect();
    json!(failed).to_string()
}

#[test]
fn programs_make_pictures_and_clips() {
    let production = production(COMMANDS, true);
    production.write("tools/draw.sh", DRAW);
    production.write("tools/move.sh", MOVE);
    let run = |args: &[&str]| {
        let said = production.start_with(args, &[(KEY_ENV, "secret")]).finish();
        Rendered::of(&said)
    };
    run(&RENDER).complete();
    // 800 ms are 20 frames at 25 a second.
    assert_eq!(calls(&production), [PROMPT, "seed=7", "20 25"]);
    let film = production.film("pilot.mp4");
    assert_eq!(film.frames(), 25);
    assert_eq!(run(&RENDER).complete().count("performed"), 0);
    assert!(!production.root().join("stolen").exists());

    // Another program is another picture, and another prompt too.
    let edit = |name: &str, text: &str| production.write(&format!("tools/{name}.sh"), text);
    edit("draw", &format!("{DRAW}# faster\n"));
    run(&PICTURES).complete();
    assert_eq!(calls(&production).len(), 5);

    for (script, wanted) in [
        (
            "echo half of it; echo no lamp >&2; exit 3",
            ["half of it", "no lamp"],
        ),
        ("echo no picture > \"$6\"", ["picture.png", "a picture"]),
        (
            "head -c 40 /dev/zero > b.png; : > c.png",
            ["b.png", "c.png"],
        ),
        ("exit 0", ["made no file", "{out}"]),
    ] {
        edit("draw", script);
        let failed = run(&PICTURES);
        let told = told(&failed);
        assert_eq!(failed.code, 1, "{}", failed.err);
        for wanted in wanted {
            assert!(told.contains(wanted), "`{wanted}` in {told}");
        }
    }
    let show = production.read("show.toml");
    edit("draw", "sleep 60");
    production.write(
        "show.toml",
        &show.replace("\"draw\"", "\"draw\"\nlimit_s = 1"),
    );
    let slow = told(&run(&PICTURES));
    assert!(
        slow.contains("longer than 1 s") && slow.contains("limit_s"),
        "{slow}"
    );
    production.write("show.toml", &show.replace("\"sh\"", "\"no-such-program\""));
    let missing = run(&PICTURES);
    assert_eq!(
        (missing.code, missing.diagnostics("outside.no-engine").len()),
        (4, 1)
    );
}

const HANDED: &str = "[engines.images.own]\nvendor = \"hand-off\"\nmodel = \"by-hand\"\n\
    options = { negative = \"fog\" }\nfolder = \"orders\"\n";

/// A render that ends waiting, and what it tells of that.
fn waiting(production: &Production, code: &str) -> String {
    let run = production.render(&[]);
    assert_eq!((run.code, run.status()), (4, "waiting"), "{}", run.err);
    let told = run.diagnostics(code);
    let all: Vec<&Value> = run.named("diagnostic").collect();
    assert_eq!(told.len(), 1, "{code}: {all:?}");
    told[0].to_string()
}

/// A picture is asked for in a bundle, once; what comes back is looked at and taken, and nothing is removed.
#[test]
fn somebody_is_handed_a_bundle_and_gives_a_file_back() {
    let production = production(HANDED, false);
    let waits = |code: &str| waiting(&production, code);
    let told = waits("hand-off.waiting");
    let jobs = production.run(&["jobs", "--json"]).good().json();
    let bundle = jobs[0]["remote"].as_str().unwrap().to_owned();
    assert!(
        bundle.starts_with("orders/s1-") && told.contains(&bundle),
        "{bundle}: {told}"
    );
    let said = production.run(&["jobs"]).good();
    let said = format!("{}{}", said.out, said.err);
    assert!(said.contains(&format!("{bundle}/picture.png")), "{said}");
    let sheet: Value =
        serde_json::from_str(&production.read(&format!("{bundle}/order.json"))).unwrap();
    assert_eq!(
        (&sheet["prompt"], &sheet["options"]["negative"]),
        (&json!(PROMPT), &json!("fog"))
    );
    assert!(
        production
            .read(&format!("{bundle}/README.md"))
            .contains("picture.png")
    );
    assert_eq!(
        production.read(&format!("{bundle}/prompt.txt")).trim(),
        PROMPT
    );

    // It is asked for once, and told again where the bundle went.
    waits("hand-off.waiting");
    let bundles = || {
        std::fs::read_dir(production.root().join("orders"))
            .unwrap()
            .count()
    };
    assert_eq!(bundles(), 1);
    std::fs::remove_dir_all(production.root().join(&bundle)).unwrap();
    waits("hand-off.waiting");
    assert_eq!(bundles(), 1);

    let file = |name: &str| format!("{bundle}/{name}");
    production.write(&file("final.png"), "x");
    assert!(waits("hand-off.refused").contains("final.png"));
    std::fs::remove_file(production.root().join(file("final.png"))).unwrap();
    production.write(&file("picture.png"), "no picture");
    assert!(waits("hand-off.refused").contains(&file("picture.png")));
    assert_eq!(production.read(&file("picture.png")), "no picture");
    // Of any size: it is not read, for it could be larger than memory.
    let large = std::fs::File::options()
        .write(true)
        .open(production.root().join(file("picture.png")));
    large.unwrap().set_len(1 << 40).unwrap();
    assert!(waits("hand-off.refused").contains("more than 268435456 bytes"));
    std::fs::remove_file(production.root().join(file("picture.png"))).unwrap();
    production.draw(&file("picture.png"), 3);
    production.render(&[]).complete();
    assert!(production.root().join(file("picture.png")).is_file());
    assert_eq!(production.film("pilot.mp4").frames(), 25);
    assert_eq!(production.render(&[]).complete().count("performed"), 0);

    given_up(&production);
    assert_eq!(bundles(), 3);
}

/// A render that is told to wait goes on with the file that came back, once it is whole; one that cannot be used is
/// told, and another one waited for.
#[test]
fn a_render_waits_for_what_comes_back() {
    let production = production(HANDED, false);
    let mut run = production.start(&["render", "pilot", "--json", "--wait"]);
    assert!(run.wait_for("\"status\":\"waiting\""));
    let jobs = production.run(&["jobs", "--json"]).good().json();
    let file = format!("{}/picture.png", jobs[0]["remote"].as_str().unwrap());
    production.write(&file, "no picture");
    assert!(run.wait_for("hand-off.refused"));
    assert!(run.wait_for("\"status\":\"waiting\""));
    // A manifest that is saved half-written is told, and mended.
    let manifest = production.read("episodes/pilot/manifest.json");
    production.write("episodes/pilot/manifest.json", &manifest[..40]);
    assert!(run.wait_for("\"status\":\"failed\""));
    production.write("episodes/pilot/manifest.json", &manifest);
    assert!(run.wait_for("\"status\":\"waiting\""));
    production.draw(&file, 3);
    let made = Rendered::of(&run.finish()).complete();
    let performed = made.performed("generate");
    assert_eq!(performed.len(), 1, "{performed:?}");
    assert_eq!(production.film("pilot.mp4").frames(), 25);
}

/// What is given up is ordered anew, in a bundle of its own; the old one stays.
fn given_up(production: &Production) {
    production.edit(|manifest| {
        manifest["scenes"][0]["cues"][0]["shots"][0]["picture"]["prompt"]["seed"] = 8.into();
    });
    waiting(production, "hand-off.waiting");
    production.run(&["jobs", "resolve", "2", "--unpaid"]).good();
    waiting(production, "hand-off.waiting");
}
