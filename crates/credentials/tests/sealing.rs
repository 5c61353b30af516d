//! Films that are signed, and what is made of them by others.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;
use workprint_credentials::{
    CredentialsError, Identity, Origin, Part, Report, Sealed, State, Statement, inspect, seal,
};
use workprint_model::Digest;

/// 22 November 2026, in milliseconds.
const NOW: i64 = 1_795_305_600_000;

/// A 1×1 picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

struct Room {
    folder: TempDir,
    identity: Identity,
}

fn boxed(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = (content.len() as u32 + 8).to_be_bytes().to_vec();
    out.extend(name);
    out.extend(content);
    out
}

/// A film of no tracks, as ISO/IEC 14496-12 has it.
fn film() -> Vec<u8> {
    let mut header = vec![0; 100];
    header[12..16].copy_from_slice(&1000u32.to_be_bytes());
    let mut out = boxed(*b"ftyp", b"isom\0\0\x02\0isommp42");
    out.extend(boxed(*b"moov", &boxed(*b"mvhd", &header)));
    out.extend(boxed(*b"mdat", &[7; 5000]));
    out
}

impl Room {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let identity = Identity::own(&folder.path().join("own"), NOW).unwrap();
        fs::write(folder.path().join("film.mp4"), film()).unwrap();
        Self { folder, identity }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn root(&self) -> Vec<String> {
        Identity::own_root(&self.path("own")).into_iter().collect()
    }

    fn seal(&self, parts: Vec<Part>) -> (PathBuf, Sealed) {
        let out = self.path("sealed.mp4");
        let sealed = seal(
            &self.path("film.mp4"),
            &out,
            &statement(parts),
            &self.identity,
        );
        (out, sealed.unwrap())
    }
}

fn statement(parts: Vec<Part>) -> Statement {
    let by_model = parts
        .iter()
        .any(|part| part.origin.is_some_and(Origin::is_by_model));
    Statement {
        title: "Pilot".to_owned(),
        media_type: "video/mp4".to_owned(),
        origin: if by_model {
            Origin::CompositeWithModel
        } else {
            Origin::Composite
        },
        made_by: ("Workprint".to_owned(), "0.1.0".to_owned()),
        made_at: Some("2026-11-22T08:00:00Z".to_owned()),
        parts,
    }
}

fn generated() -> Part {
    Part {
        title: "generate/s1".to_owned(),
        description: "picture of a prompt".to_owned(),
        origin: Some(Origin::Model),
        made_by: Some("fal some/model".to_owned()),
        digest: Some(Digest::of(b"picture")),
        seed: Some(7),
        ..Part::default()
    }
}

fn voices() -> Part {
    Part {
        title: "spoken lines".to_owned(),
        origin: Some(Origin::Algorithm),
        made_by: Some("espeak".to_owned()),
        ..Part::default()
    }
}

fn codes(report: &Report) -> Vec<&str> {
    let problems = report.problems.iter();
    problems.map(|problem| problem.code.as_str()).collect()
}

/// The most memory that this process has had, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let words = line.unwrap().split_whitespace().next();
    words.unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_long_film_takes_no_more_memory() {
    let room = Room::new();
    let (out, _) = room.seal(Vec::new());
    inspect(&out, &room.root()).unwrap();
    let before = peak();
    let path = room.path("film.mp4");
    let (mut start, samples) = (film(), 64 << 20);
    start.truncate(start.len() - 5008);
    start.extend((samples as u32 + 8).to_be_bytes());
    start.extend(b"mdat");
    fs::write(&path, &start).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(start.len() as u64 + samples).unwrap();
    let (out, _) = room.seal(Vec::new());
    let report = inspect(&out, &room.root()).unwrap();
    assert_eq!(report.state, State::Trusted);
    let more = peak() - before;
    assert!(more < 24 << 10, "{more} KiB more for 64 MiB");
}

#[test]
fn a_sealed_film_says_what_it_is_and_who_signed_it() {
    let room = Room::new();
    let (out, _) = room.seal(vec![generated(), voices()]);
    let report = inspect(&out, &room.root()).unwrap();
    assert_eq!((report.state, codes(&report)), (State::Trusted, vec![]));
    assert_eq!(report.title.as_deref(), Some("Pilot"));
    assert_eq!(report.made_by.as_deref(), Some("Workprint 0.1.0"));
    assert_eq!(
        report.source_type.as_deref(),
        Some("compositeWithTrainedAlgorithmicMedia")
    );
    assert!(report.synthetic);
    let signer = report.signer.unwrap();
    assert_eq!(signer.organisation.as_deref(), Some("Workprint, self-made"));
    assert_eq!(signer.algorithm.as_deref(), Some("Es256"));
    let made: Vec<_> = report.made[1..]
        .iter()
        .map(|made| (made.source_type.as_str(), made.made_by.as_deref()))
        .collect();
    assert_eq!(
        made,
        [
            ("trainedAlgorithmicMedia", Some("fal some/model")),
            ("algorithmicMedia", Some("espeak")),
        ]
    );
    // Whoever does not know the studio sees that the seal holds, and not whose it is.
    assert_eq!(inspect(&out, &[]).unwrap().state, State::Valid);
    // What plays is what played before.
    let copy = fs::read(&out).unwrap();
    let played = boxed(*b"mdat", &[7; 5000]);
    assert!(copy.windows(played.len()).any(|found| found == played));
}

#[test]
fn a_film_without_models_is_not_called_synthetic() {
    let room = Room::new();
    let (out, _) = room.seal(vec![voices()]);
    let report = inspect(&out, &[]).unwrap();
    assert!(!report.synthetic);
    assert_eq!(report.source_type.as_deref(), Some("composite"));
}

#[test]
fn a_flipped_byte_is_found() {
    let room = Room::new();
    let (out, _) = room.seal(vec![voices()]);
    let mut bytes = fs::read(&out).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    fs::write(&out, &bytes).unwrap();
    let report = inspect(&out, &room.root()).unwrap();
    assert_eq!(report.state, State::Invalid);
    assert_eq!(codes(&report), ["assertion.bmffHash.mismatch"]);
}

#[test]
fn a_film_without_a_seal_has_none() {
    let room = Room::new();
    let report = inspect(&room.path("film.mp4"), &[]).unwrap();
    assert_eq!((report.state, codes(&report)), (State::None, vec![]));
    fs::write(room.path("notes.txt"), "notes").unwrap();
    let error = inspect(&room.path("notes.txt"), &[]).unwrap_err();
    assert!(matches!(error, CredentialsError::Unsupported { .. }));
    let error = inspect(&room.path("nowhere"), &[]).unwrap_err();
    assert!(matches!(error, CredentialsError::File { .. }));
}

/// A part that was signed before: the film itself, sealed.
fn signed_part(room: &Room) -> Part {
    let (signed, _) = room.seal(vec![generated()]);
    let file = room.path("clip.mp4");
    fs::rename(signed, &file).unwrap();
    Part {
        title: "clip.mp4".to_owned(),
        file: Some(file),
        ..Part::default()
    }
}

#[test]
fn marks_of_parts_are_kept() {
    let room = Room::new();
    fs::write(room.path("still.png"), PNG).unwrap();
    let plain = Part {
        title: "still.png".to_owned(),
        file: Some(room.path("still.png")),
        ..Part::default()
    };
    let (out, sealed) = room.seal(vec![signed_part(&room), plain]);
    assert_eq!(sealed.kept_marks, ["clip.mp4"]);
    assert_eq!(sealed.broken_marks, []);
    let report = inspect(&out, &room.root()).unwrap();
    assert_eq!(report.state, State::Trusted);
    let marked: Vec<_> = report
        .ingredients
        .iter()
        .map(|part| (part.title.as_deref(), part.marked))
        .collect();
    assert_eq!(
        marked,
        [(Some("clip.mp4"), true), (Some("still.png"), false)]
    );
}

#[test]
fn marks_that_do_not_hold_are_told_and_the_film_is_sealed() {
    let room = Room::new();
    let part = signed_part(&room);
    let path = part.file.clone().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (out, sealed) = room.seal(vec![part]);
    assert_eq!(sealed.broken_marks.len(), 1, "{sealed:?}");
    assert_eq!(inspect(&out, &[]).unwrap().state, State::Valid);
}

#[test]
fn a_prompt_a_key_and_a_path_are_told_only_where_they_are_given() {
    let room = Room::new();
    let (out, _) = room.seal(vec![signed_part(&room), generated()]);
    let bytes = fs::read(out).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|found| found == text.as_bytes())
    };
    assert!(!holds(room.folder.path().to_str().unwrap()));
    assert!(!holds("PRIVATE KEY") && !holds("org.workprint.prompt"));
    let told = Part {
        prompt: Some("a red door".to_owned()),
        ..generated()
    };
    let (out, _) = room.seal(vec![told]);
    let bytes = fs::read(out).unwrap();
    assert!(bytes.windows(10).any(|found| found == b"a red door"));
}

#[test]
fn a_studio_has_one_key_that_nobody_else_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = Room::new();
    let again = Identity::own(&room.path("own"), NOW).unwrap();
    assert_eq!(again.digest(), room.identity.digest());
    let key = room.path("own/key.pem");
    let mode = fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!format!("{again:?}").contains("PRIVATE"));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let error = Identity::own(&room.path("own"), NOW).unwrap_err();
    assert!(error.hint().contains("chmod 600"), "{error}");
}

#[test]
fn a_certificate_that_ends_soon_is_replaced_and_kept() {
    let room = Room::new();
    let later = NOW + 3400 * 86_400_000;
    let next = Identity::own(&room.path("own"), later).unwrap();
    assert_ne!(next.digest(), room.identity.digest());
    assert!(room.path("own.expired/root.pem").exists());
}

#[test]
fn a_certificate_of_ones_own_signs_too() {
    let room = Room::new();
    let configured =
        |chain: &Path, key: &Path| Identity::configured(chain, fs::read_to_string(key).unwrap());
    let own = configured(&room.path("own/chain.pem"), &room.path("own/key.pem")).unwrap();
    assert_eq!(own.digest(), room.identity.digest());
    // Another's key.
    Identity::own(&room.path("other"), NOW).unwrap();
    let mixed = configured(&room.path("own/chain.pem"), &room.path("other/key.pem")).unwrap();
    let out = room.path("mixed.mp4");
    let sealed = seal(&room.path("film.mp4"), &out, &statement(Vec::new()), &mixed);
    let holds = sealed.is_ok() && inspect(&out, &[]).unwrap().state != State::Invalid;
    assert!(!holds, "a key signed in the name of another's certificate");
    let error = configured(&room.path("own/key.pem"), &room.path("own/key.pem")).unwrap_err();
    assert!(
        error.to_string().contains("holds no certificate"),
        "{error}"
    );
}

#[test]
fn damaged_files_are_told_and_never_end_the_program() {
    let room = Room::new();
    let (out, _) = room.seal(vec![generated(), voices()]);
    let whole = fs::read(&out).unwrap();
    // Everything before the sound and picture: the manifest and the tables.
    let head = whole.len() - 5008;
    let damaged = room.path("damaged.mp4");
    let config = ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(at in 0..head, to in any::<u8>(), cut in any::<bool>())| {
        let mut bytes = whole.clone();
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = bytes[at].wrapping_add(to.max(1));
        }
        fs::write(&damaged, &bytes).unwrap();
        let found = inspect(&damaged, &[]);
        // A change that the binding leaves out (free space, the name of a brand) may hold; none is trusted.
        if let Ok(report) = found {
            prop_assert_ne!(report.state, State::Trusted);
        }
    });
}
