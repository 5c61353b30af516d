use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, UNIX_EPOCH};

use workprint_model::{Digest, MediaPath};
use workprint_store::StoreError;

use crate::production::Production;

fn path(text: &str) -> MediaPath {
    text.parse().unwrap()
}

#[tokio::test]
async fn an_edit_of_the_same_size_and_time_is_noticed() {
    let production = Production::new();
    let file = production.root().join("dawn.svg");
    let then = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let write = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        fs::File::open(&file).unwrap().set_modified(then).unwrap();
    };
    write(b"before");
    let store = production.open().await;
    let (digest, bytes) = store.digest_file(&path("dawn.svg")).await.unwrap();
    assert_eq!((digest, bytes), (Digest::of(b"before"), 6));
    // ctime moves with the kernel's tick.
    std::thread::sleep(Duration::from_millis(20));
    write(b"after!");
    let (digest, _) = store.digest_file(&path("dawn.svg")).await.unwrap();
    assert_eq!(digest, Digest::of(b"after!"));
}

#[tokio::test]
async fn an_unchanged_file_is_not_read_again() {
    let production = Production::new();
    let file = production.root().join("dawn.svg");
    fs::write(&file, "dawn").unwrap();
    let store = production.open().await;
    store.digest_file(&path("dawn.svg")).await.unwrap();
    store.close().await.unwrap();
    // The ledger's word is taken: nothing else could tell that the file was not read.
    let ledger = production.inside("ledger.db");
    let bytes = fs::read(&ledger).unwrap();
    let (real, false_) = (
        Digest::of(b"dawn").to_string(),
        Digest::of(b"lie").to_string(),
    );
    let text: Vec<u8> = replace(&bytes, real.as_bytes(), false_.as_bytes());
    assert_ne!(text, bytes);
    fs::write(&ledger, text).unwrap();

    let store = production.open().await;
    let (digest, _) = store.digest_file(&path("dawn.svg")).await.unwrap();
    assert_eq!(digest, Digest::of(b"lie"));
}

#[tokio::test]
async fn a_file_hashed_within_two_seconds_of_its_edit_is_read_again() {
    let production = Production::new();
    let file = production.root().join("dawn.svg");
    fs::write(&file, "dawn").unwrap();
    let modified = fs::metadata(&file).unwrap().modified().unwrap();
    let ms = modified.duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let store = production.open_at(ms + 1500).await;
    store.digest_file(&path("dawn.svg")).await.unwrap();
    store.close().await.unwrap();
    let ledger = production.inside("ledger.db");
    let (real, false_) = (
        Digest::of(b"dawn").to_string(),
        Digest::of(b"lie").to_string(),
    );
    let bytes = replace(
        &fs::read(&ledger).unwrap(),
        real.as_bytes(),
        false_.as_bytes(),
    );
    fs::write(&ledger, bytes).unwrap();

    let store = production.open_at(ms + 60_000).await;
    let (digest, _) = store.digest_file(&path("dawn.svg")).await.unwrap();
    assert_eq!(digest, Digest::of(b"dawn"));
}

#[tokio::test]
async fn links_lead_nowhere_outside() {
    let production = Production::new();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("secret"), "secret").unwrap();
    fs::create_dir(production.root().join("media")).unwrap();
    fs::write(production.root().join("media/real.png"), "real").unwrap();
    symlink("real.png", production.root().join("media/inside.png")).unwrap();
    symlink(
        elsewhere.path().join("secret"),
        production.root().join("media/out.png"),
    )
    .unwrap();
    symlink(elsewhere.path(), production.root().join("linked")).unwrap();
    symlink("loop", production.root().join("loop")).unwrap();

    let store = production.open().await;
    let (digest, _) = store.digest_file(&path("media/inside.png")).await.unwrap();
    assert_eq!(digest, Digest::of(b"real"));
    for outside in ["media/out.png", "linked/secret"] {
        let error = store.digest_file(&path(outside)).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Outside { .. }),
            "{outside}: {error:?}"
        );
    }
    assert!(store.digest_file(&path("loop")).await.is_err());
}

#[tokio::test]
async fn only_files_are_read() {
    let production = Production::new();
    let root = production.root();
    fs::create_dir(root.join("folder")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let store = production.open().await;
    for special in ["folder", "pipe", "socket"] {
        let error = store.digest_file(&path(special)).await.unwrap_err();
        assert!(
            matches!(error, StoreError::NotAFile { .. }),
            "{special}: {error:?}"
        );
    }
    let error = store.digest_file(&path("nothing")).await.unwrap_err();
    assert!(error.hint().unwrap().contains("nothing"), "{error:?}");
}

#[tokio::test]
async fn many_files_answer_in_order_and_one_failure_spoils_none() {
    let production = Production::new();
    fs::write(production.root().join("b"), "b").unwrap();
    fs::write(production.root().join("a"), "a").unwrap();
    let store = production.read().await;
    let found = store
        .digest_files(&[path("b"), path("none"), path("a")])
        .await
        .unwrap();
    assert_eq!(found[0].as_ref().unwrap(), &(Digest::of(b"b"), 1));
    assert!(found[1].is_err());
    assert_eq!(found[2].as_ref().unwrap(), &(Digest::of(b"a"), 1));
    assert!(!production.inside("").exists(), "reading writes nothing");
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = out[at..]
        .windows(from.len())
        .position(|window| window == from)
    {
        out[at + found..at + found + from.len()].copy_from_slice(to);
        at += found + from.len();
    }
    out
}
