//! Productions in folders of their own.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::art::kept_folder;
use crate::{Film, Laid, Planned, Rendered, Running, Said, art, program};

/// The lines of the small production with their Spanish, by cue; cues without a line are silent.
const LINES: [(&str, &str, &str); 9] = [
    ("c2", "The red door opens.", "La puerta roja abre."),
    ("c3", "One lamp, then another.", "Una luz, luego otra."),
    ("c4", "Nobody comes in.", "Nadie entra."),
    ("c6", "Listen to the wind.", "Escucha el viento."),
    ("c7", "This line is not burned.", "Esta no se ve."),
    ("c8", "A clip plays now.", "Ahora hay un video."),
    ("c9", "My name is Ann.", "Me llamo Ana."),
    ("c10", "And we wait here.", "Y aquí esperamos."),
    ("c12", "That is the end.", "Este es el final."),
];

const SHOW: &str = r#"format = "workprint.show/1"
title = "Small"

[outputs.main]
width = 320
height = 180
rate = "30"
crf = 26
preset = "ultrafast"

[outputs.tiny]
width = 160
height = 90
rate = "25"
crf = 30
preset = "ultrafast"

[outputs.tall]
width = 180
height = 320
rate = "30"
crf = 30
preset = "ultrafast"

[timing]
lead_ms = 100
tail_ms = 200
"#;

/// A production in a folder that vanishes with this value.
#[derive(Debug)]
pub struct Production {
    folder: TempDir,
    root: PathBuf,
}

impl Production {
    /// Twelve cues in three scenes, about 15 seconds: a card, drawings, PNGs and a clip, burned
    /// captions, a lower third over `c9` and `c10`, a bed, an effect, and a dub in Spanish.
    ///
    /// Shot `sN` belongs to cue `cN`; `c3` has `s3` and `s3b`, and `c4` goes on with `s3b`. `c1`, `c5`
    /// and `c11` are silent, `c7` is spoken but not burned. `s6` comes in by a dissolve.
    pub fn small() -> Self {
        let new = Self::bare(SHOW, &manifest());
        for folder in ["media/art", "media/stills", "media/clips"] {
            make(&new.root.join(folder));
        }
        for number in [2, 6, 9, 12, 31] {
            new.write(&format!("media/art/{number}.svg"), &art::svg(number));
        }
        for number in [3, 5, 7, 10, 11] {
            art::png(&new.root.join(format!("media/stills/{number}.png")), number);
        }
        art::clip(&new.root.join("media/clips/8.mp4"));
        new
    }

    /// [`Self::small`], rendered. It is made once for all tests and kept beside their programs, which it
    /// must be of; each gets a copy of its own.
    pub fn rendered() -> Self {
        let programs = ["workprint", "workprint-espeak", "workprint-x264"].map(program);
        let stamp = programs.map(|path| {
            let about = fs::metadata(&path).and_then(|about| Ok((about.len(), about.modified()?)));
            about.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        });
        let mut hasher = std::hash::DefaultHasher::new();
        stamp.hash(&mut hasher);
        let kept = kept_folder().join(format!("rendered-{:016x}", hasher.finish()));
        if !kept.is_dir() {
            let new = Self::small();
            new.render(&[]).complete();
            for old in list(&kept_folder()) {
                // Another test may be copying the one that was made meanwhile.
                if old != kept && old.to_string_lossy().contains("/rendered-") {
                    drop(fs::remove_dir_all(old));
                }
            }
            let own = kept_folder().join(format!("rendering-{}", std::process::id()));
            copy_tree(&new.root, &own);
            // Another test may have been quicker: its copy is as good.
            if fs::rename(&own, &kept).is_err() {
                drop(fs::remove_dir_all(&own));
            }
            return new;
        }
        let new = Self::empty();
        copy_tree(&kept, &new.root);
        new
    }

    /// A show and the manifest of its episode `pilot`, without any media.
    pub fn bare(show: &str, manifest: &Value) -> Self {
        let new = Self::empty();
        new.write("show.toml", show);
        new.write_manifest(manifest);
        new
    }

    /// The example `first-light`, without anything made before.
    pub fn first_light() -> Self {
        Self::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/first-light"))
    }

    /// A copy of a show with an episode `pilot`, without anything made before.
    pub fn of(show: &Path) -> Self {
        let new = Self::empty();
        copy_tree(show, &new.root);
        drop(fs::remove_dir_all(new.vault()));
        drop(fs::remove_dir_all(new.finals()));
        drop(fs::remove_file(
            new.root.join("episodes/pilot/episode.lock"),
        ));
        new
    }

    /// The example `first-light` with its scenes told `times` times over, every time with other words.
    pub fn long_light(times: usize) -> Self {
        let new = Self::first_light();
        new.edit(|manifest| {
            let once = manifest["scenes"].as_array().cloned().unwrap_or_default();
            let again = (1..times).flat_map(|n| once.iter().map(move |scene| renamed(scene, n)));
            let all: Vec<Value> = once.iter().cloned().chain(again).collect();
            manifest["scenes"] = all.into();
        });
        new
    }

    /// A speaking production of `cues` lines over one drawing each, in one scene, without a bed.
    pub fn long(cues: usize) -> Self {
        let new = Self::small();
        let lines = (0..cues).map(|n| {
            let file = format!("media/art/{}.svg", [2, 6, 9, 12, 31][n % 5]);
            json!({"id": format!("l{n}"), "speaker": "ann", "text": format!("Line {n}."), "shots": [still(&format!("t{n}"), &file)]})
        });
        let scene = json!({"id": "all", "cues": lines.collect::<Vec<_>>()});
        new.edit(|manifest| {
            manifest["scenes"] = json!([scene]);
            for gone in ["overlays", "sfx", "chapters"] {
                manifest[gone] = json!([]);
            }
        });
        new
    }

    fn empty() -> Self {
        let folder = TempDir::with_prefix("workprint-test-");
        let folder = folder.unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let root = folder.path().join("show");
        make(&root);
        Self { folder, root }
    }

    /// A copy in another folder, with everything that was made.
    pub fn elsewhere(&self) -> Self {
        let new = Self::empty();
        copy_tree(&self.root, &new.root);
        new
    }

    /// A copy as `git clone` gives it, without anything that git ignores.
    pub fn cloned(&self) -> Self {
        let new = Self::empty();
        let origin = new.folder.path().join("origin");
        copy_tree(&self.root, &origin);
        fs::write(origin.join(".gitignore"), ".workprint/\nfinal/\n")
            .unwrap_or_else(|error| panic!("cannot write .gitignore: {error}"));
        let git = |folder: &Path, args: &[&str]| {
            let who = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
            let mut command = Command::new("git");
            let output = command.args(who).args(args).current_dir(folder).output();
            let done = done_or_panic(output, "git");
            assert_eq!(done.code, 0, "git {args:?}: {}", done.err);
        };
        git(&origin, &["init", "--quiet"]);
        git(&origin, &["add", "."]);
        git(&origin, &["commit", "--quiet", "-m", "All"]);
        let target = new.root.display().to_string();
        git(&origin, &["clone", "--quiet", ".", &target]);
        new
    }

    /// The show's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The vault's and the ledger's folder.
    pub fn vault(&self) -> PathBuf {
        self.root.join(".workprint")
    }

    /// The deliverables' folder.
    pub fn finals(&self) -> PathBuf {
        self.root.join("episodes/pilot/final")
    }

    /// A finished film by the name of its file.
    pub fn film(&self, name: &str) -> Film {
        Film::at(&self.finals().join(name))
    }

    /// The text of the lock.
    pub fn lock(&self) -> String {
        self.read("episodes/pilot/episode.lock")
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        let path = self.root.join(path);
        fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    }

    /// Writes a file, in a new folder where there is none.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        if let Some(folder) = path.parent() {
            make(folder);
        }
        fs::write(&path, text)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }

    /// Replaces a still by another picture.
    pub fn draw(&self, path: &str, number: u32) {
        if Path::new(path).extension().is_some_and(|svg| svg == "svg") {
            self.write(path, &art::svg(number));
        } else {
            art::png(&self.root.join(path), number);
        }
    }

    /// Writes a WAV with a tone.
    pub fn tone(&self, path: &str, hz: u32, ms: u32) {
        art::tone(&self.root.join(path), hz, ms);
    }

    /// Writes a WAV whose first sample alone is not zero.
    pub fn impulse(&self, path: &str) {
        let path = self.root.join(path);
        if let Some(folder) = path.parent() {
            make(folder);
        }
        art::impulse(&path);
    }

    /// The manifest.
    pub fn manifest(&self) -> Value {
        serde_json::from_str(&self.read("episodes/pilot/manifest.json"))
            .unwrap_or_else(|error| panic!("the manifest is no JSON: {error}"))
    }

    /// Changes the manifest.
    pub fn edit(&self, change: impl FnOnce(&mut Value)) {
        let mut manifest = self.manifest();
        change(&mut manifest);
        self.write_manifest(&manifest);
    }

    /// Changes one cue.
    pub fn edit_cue(&self, id: &str, change: impl FnOnce(&mut Value)) {
        self.edit(|manifest| {
            let scenes = manifest["scenes"].as_array_mut().into_iter().flatten();
            let cue = scenes
                .flat_map(|scene| scene["cues"].as_array_mut().into_iter().flatten())
                .find(|cue| cue["id"] == id);
            match cue {
                Some(cue) => change(cue),
                None => panic!("no cue `{id}`"),
            }
        });
    }

    /// What every cue says, in order.
    pub fn texts(&self) -> Vec<String> {
        let manifest = self.manifest();
        let scenes = manifest["scenes"].as_array().into_iter().flatten();
        scenes
            .flat_map(|scene| scene["cues"].as_array().into_iter().flatten())
            .filter_map(|cue| cue["text"].as_str().map(str::to_owned))
            .collect()
    }

    fn write_manifest(&self, manifest: &Value) {
        self.write("episodes/pilot/manifest.json", &format!("{manifest:#}\n"));
    }

    /// Puts a script before a program on the way of all later runs: `REAL` in it is the program, `FOLDER`
    /// the script's folder, which this gives.
    pub fn stand_in(&self, name: &str, script: &str) -> PathBuf {
        let folder = self.stand_ins();
        make(&folder);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let real = std::env::split_paths(&path).map(|folder| folder.join(name));
        let Some(real) = real.into_iter().find(|real| real.is_file()) else {
            panic!("there is no {name}: install it");
        };
        self.program(name, &script.replace("REAL", &real.display().to_string()))
    }

    /// Puts a script on the way of all later runs, where no program of its name need be: `FOLDER` in it
    /// is its folder, which this gives.
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        let folder = self.stand_ins();
        make(&folder);
        let script = script.replace("FOLDER", &folder.display().to_string());
        let path = folder.join(name);
        let all = fs::Permissions::from_mode(0o755);
        fs::write(&path, script)
            .and_then(|()| fs::set_permissions(&path, all))
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
        folder
    }

    fn stand_ins(&self) -> PathBuf {
        self.folder.path().join("programs")
    }

    /// Runs `workprint` in the show's folder.
    pub fn run(&self, args: &[&str]) -> Said {
        self.start(args).finish()
    }

    /// Starts `workprint` in the show's folder.
    pub fn start(&self, args: &[&str]) -> Running {
        self.start_with(args, &[])
    }

    /// The same, with more in its environment.
    pub fn start_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Running {
        let mut command = Command::new(program("workprint"));
        // Looked for here, so that a missing one is named before anything runs.
        drop(program("workprint-espeak"));
        command.args(args).current_dir(&self.root);
        command.env("XDG_CACHE_HOME", kept_folder());
        // Signed twice, a film is two files: tests that sign say so.
        command.env("WORKPRINT_CREDENTIALS", "off");
        command.envs(environment.iter().copied());
        if self.stand_ins().is_dir() {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let all = [self.stand_ins()]
                .into_iter()
                .chain(std::env::split_paths(&path));
            let path = std::env::join_paths(all);
            command.env("PATH", path.unwrap_or_else(|error| panic!("{error}")));
        }
        Running::start(command)
    }

    /// Renders the episode.
    pub fn render(&self, more: &[&str]) -> Rendered {
        let args: Vec<&str> = ["render", "pilot", "--json"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        Rendered::of(&self.run(&args))
    }

    /// Plans the episode.
    pub fn plan(&self, more: &[&str]) -> Planned {
        let args: Vec<&str> = ["plan", "pilot", "--json"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        Planned(self.run(&args).good().json())
    }

    /// How a finished film is laid out in time.
    pub fn laid(&self, film: &str, more: &[&str]) -> Laid {
        let path = self.finals().join(film).display().to_string();
        let explained = self.run(&["explain", &path, "--json"]).good().json();
        Laid::of(&explained, &self.plan(more), &self.vault())
    }

    /// The bytes and the time of writing of the lock and every deliverable, by name.
    pub fn delivered(&self) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
        let finals = list(&self.finals());
        let lock = self.root.join("episodes/pilot/episode.lock");
        let files = finals.into_iter().chain([lock]);
        let look = |path: PathBuf| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let time = fs::metadata(&path).and_then(|meta| meta.modified());
            match (fs::read(&path), time) {
                (Ok(bytes), Ok(time)) => (name, (bytes, time)),
                (read, _) => panic!("cannot read {}: {:?}", path.display(), read.err()),
            }
        };
        files.map(look).collect()
    }
}

fn still(shot: &str, file: &str) -> Value {
    json!({"id": shot, "picture": {"image": {"file": file}}})
}

fn moving(mut shot: Value) -> Value {
    shot["move"] = json!({"from": {"zoom": 100}, "to": {"zoom": 120, "x": 60}});
    shot
}

fn spoken(id: &str, speaker: &str, shots: &Value) -> Value {
    let line = LINES.iter().find(|line| line.0 == id);
    let (_, text, es) = line.unwrap_or_else(|| panic!("no line for {id}"));
    json!({"id": id, "speaker": speaker, "text": text, "dub": {"es": es}, "shots": shots})
}

fn speaker(id: &str, voice: &str, es: &str) -> Value {
    json!({
        "id": id,
        "voice": {"name": voice, "rate": 220},
        "dub": {"es": {"name": es, "rate": 260}},
    })
}

fn scenes() -> Value {
    let card = json!({"title": "Small", "colour": "#203050", "dub": {"es": {"title": "Breve"}}});
    let mut later = still("s3b", "media/art/31.svg");
    later["starts"] = json!({"word": 2});
    let mut dissolved = still("s6", "media/art/6.svg");
    dissolved["transition"] = json!({"dissolve": {"ms": 300}});
    let mut unburned = spoken("c7", "bo", &json!([still("s7", "media/stills/7.png")]));
    unburned["caption"] = json!({"burn": false});
    let clip = json!({"id": "s8", "picture": {"clip": {"file": "media/clips/8.mp4"}}});
    json!([
        {"id": "one", "cues": [
            {"id": "c1", "hold_ms": 800, "shots": [{"id": "s1", "picture": {"card": card}}]},
            spoken("c2", "ann", &json!([moving(still("s2", "media/art/2.svg"))])),
            spoken("c3", "ann", &json!([still("s3", "media/stills/3.png"), later])),
            spoken("c4", "bo", &json!([])),
        ]},
        {"id": "two", "cues": [
            {"id": "c5", "hold_ms": 900, "shots": [moving(still("s5", "media/stills/5.png"))]},
            spoken("c6", "bo", &json!([dissolved])),
            unburned,
            spoken("c8", "ann", &json!([clip])),
        ]},
        {"id": "three", "cues": [
            spoken("c9", "ann", &json!([still("s9", "media/art/9.svg")])),
            spoken("c10", "bo", &json!([still("s10", "media/stills/10.png")])),
            {"id": "c11", "hold_ms": 700, "shots": [still("s11", "media/stills/11.png")]},
            spoken("c12", "ann", &json!([moving(still("s12", "media/art/12.svg"))])),
        ]},
    ])
}

fn manifest() -> Value {
    json!({
        "format": "workprint.manifest/1",
        "title": "Small",
        "language": "en-GB",
        "cast": [
            speaker("ann", "espeak:en-gb", "espeak:es"),
            speaker("bo", "espeak:en-us+m3", "espeak:es+m3"),
        ],
        "scenes": scenes(),
        "overlays": [{
            "id": "who", "graphic": "lower-third",
            "fields": {"name": "Ann", "role": "Keeper"},
            "dub": {"es": {"name": "Ana", "role": "Guardiana"}},
            "from": {"cue": "c9"}, "to": {"cue": "c10", "at": "end"}, "fade_ms": 200,
        }],
        "music": [{
            "id": "bed", "source": {"synth": {"kind": "night-bed", "seed": 4, "length_ms": 4000}},
            "gain_db": -8,
        }],
        "sfx": [{
            "id": "bell", "source": {"synth": {"kind": "bell", "seed": 2}}, "at": {"cue": "c5"},
            "gain_db": -10,
        }],
        "captions": {"burn": true, "style": "outline"},
        "chapters": [{"title": "Start", "cue": "c1"}, {"title": "End", "cue": "c11"}],
    })
}

/// A scene with ids and words of its own.
fn renamed(scene: &Value, number: usize) -> Value {
    let name = |thing: &mut Value| {
        let id = format!("{}-{number}", thing["id"].as_str().unwrap_or_default());
        thing["id"] = id.into();
    };
    let mut scene = scene.clone();
    name(&mut scene);
    for cue in scene["cues"].as_array_mut().into_iter().flatten() {
        name(cue);
        if let Some(text) = cue["text"].as_str() {
            cue["text"] = format!("{text} Again, {number}.").into();
        }
        cue["shots"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .for_each(name);
    }
    scene
}

/// Copies a folder with everything in it.
pub fn copy_tree(from: &Path, to: &Path) {
    make(to);
    for path in list(from) {
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, &target)
                .unwrap_or_else(|error| panic!("cannot copy {}: {error}", path.display()));
        }
    }
}

/// What is in a folder, sorted; nothing where there is no folder.
pub(crate) fn list(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn make(folder: &Path) {
    fs::create_dir_all(folder)
        .unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
}

fn done_or_panic(output: std::io::Result<std::process::Output>, name: &str) -> Said {
    match output {
        Ok(output) => Said::of(&output),
        Err(error) => panic!("cannot run {name}: {error}"),
    }
}
