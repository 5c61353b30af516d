//! Things that are where files should be.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::bench::{Bench, LOCK, MANIFEST, SHOW, silent, tiny};

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn remove(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir()) {
        fs::remove_dir_all(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
}

/// What is put in a file's place, and how.
type Way = (&'static str, fn(&Path));

/// Ways to put something else in a file's place.
const WAYS: [Way; 9] = [
    ("nothing", |_| {}),
    ("a folder", |path| fs::create_dir(path).unwrap()),
    ("a pipe", pipe),
    ("a device", |path| symlink("/dev/zero", path).unwrap()),
    ("a terminal", |path| symlink("/dev/stdin", path).unwrap()),
    ("a link to itself", |path| symlink(path, path).unwrap()),
    ("a link to nothing", |path| symlink("none", path).unwrap()),
    ("a link out of the production", |path| {
        symlink("/etc/passwd", path).unwrap();
    }),
    ("an empty file", |path| fs::write(path, "").unwrap()),
];

#[test]
fn media_that_are_no_files() {
    let bench = Bench::new();
    let file = "media/stills/3.png";
    bench.is_whole("before");
    let (path, aside) = (bench.path(file), bench.path("media/aside"));
    for (way, put) in WAYS {
        fs::rename(&path, &aside).unwrap();
        put(&path);
        bench.refuses(way, file);
        bench.fails(way, file);
        if way != "nothing" {
            remove(&path);
        }
        fs::rename(&aside, &path).unwrap();
        bench.is_whole(way);
    }
    // Every folder on the way counts.
    let away = bench.production.root().join("../away");
    fs::rename(bench.path("media/stills"), &away).unwrap();
    symlink(&away, bench.path("media/stills")).unwrap();
    bench.refuses("a folder that is a link out", file);
    fs::remove_file(bench.path("media/stills")).unwrap();
    fs::rename(&away, bench.path("media/stills")).unwrap();
    if !is_root() {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        bench.refuses("a file that may not be read", file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    bench.is_whole("after");
}

#[test]
fn texts_that_are_no_files() {
    let bench = Bench::rendered();
    for file in ["show.toml", MANIFEST, LOCK] {
        for (way, put) in WAYS {
            let (path, aside) = (bench.path(file), bench.path("media/aside"));
            fs::rename(&path, &aside).unwrap();
            put(&path);
            let case = format!("{file} is {way}");
            let fine = file == LOCK && way == "nothing";
            let wrong = bench.look(&case);
            assert!(wrong || fine, "{case}");
            if !fine {
                assert!(!bench.renders(&case), "{case}");
            }
            if fs::symlink_metadata(&path).is_ok() {
                remove(&path);
            }
            fs::rename(&aside, &path).unwrap();
        }
        bench.is_whole(file);
    }
}

#[test]
fn fonts_that_are_none() {
    let bench = Bench::new();
    let fonts = bench.path("media/fonts");
    fs::create_dir(&fonts).unwrap();
    fs::write(fonts.join("a.ttf"), b"not a font").unwrap();
    fs::write(fonts.join("b.otf"), b"OTTO\xff\xff\xff\xff\xff\xff").unwrap();
    fs::write(
        fonts.join("c.ttc"),
        b"ttcf\0\x01\0\0\xff\xff\xff\xff\0\0\0\x10",
    )
    .unwrap();
    fs::write(fonts.join("d.ttf"), b"\0\x01\0\0\0\x09").unwrap();
    fs::write(fonts.join("e.ttf"), b"").unwrap();
    fs::create_dir(fonts.join("f.ttf")).unwrap();
    pipe(&fonts.join("g.ttf"));
    symlink("/dev/zero", fonts.join("h.ttf")).unwrap();
    fs::write(fonts.join("\u{202e}.ttf"), vec![0; 100]).unwrap();
    bench.is_whole("fonts that are none");
}

#[test]
fn graphics_that_are_none() {
    let bench = Bench::new();
    let folder = bench.path("media/graphics");
    fs::create_dir(&folder).unwrap();
    let mut manifest = silent(&json!({"card": {"title": "Tiny"}}));
    manifest["overlays"] = json!([{"id": "o", "graphic": "mine", "fields": {"name": "A"},
        "from": {"cue": "c1"}, "to": {"cue": "c1", "at": "end"}}]);
    bench.production.write(MANIFEST, &manifest.to_string());
    bench.refuses("no graphic", "media/graphics/mine.svg");
    for text in [
        "",
        "x",
        "<svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    ] {
        fs::write(folder.join("mine.svg"), text).unwrap();
        let _ = bench.renders(&format!("a graphic {text:?}"));
    }
    fs::write(folder.join("mine.svg"), crate::samples::entities()).unwrap();
    assert!(!bench.renders("a graphic of entities"));
    for name in ["../mine", "/etc/passwd", "", "-", "Mine", "a/b", "mine.svg"] {
        manifest["overlays"][0]["graphic"] = name.into();
        bench.production.write(MANIFEST, &manifest.to_string());
        assert!(bench.look(&format!("a graphic named {name:?}")), "{name:?}");
    }
    bench.production.write(MANIFEST, &tiny().to_string());
    bench.production.write("show.toml", SHOW);
    bench.is_whole("graphics");
}
