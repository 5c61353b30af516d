use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use workprint_model::{Artifact, Digest, Slot};
use workprint_store::StoreError;

use crate::production::{Production, key, speak, voice};

#[tokio::test]
async fn a_kept_file_is_read_only_and_named_by_its_digest() {
    let production = Production::new();
    let store = production.open().await;
    let mut temp = store.temp_with_extension("wav").unwrap();
    assert!(temp.path().to_string_lossy().ends_with(".wav"));
    temp.file().write_all(b"sound").unwrap();
    let written = temp.path().to_owned();
    let kept = store.keep(temp, "audio/wav").unwrap();

    assert_eq!(kept.digest, Digest::of(b"sound"));
    assert_eq!(kept.bytes, 5);
    let hex = kept.digest.to_string();
    let path = production.inside(&format!("vault/{}/{}", &hex[..2], &hex[2..]));
    assert_eq!(store.path_of(&kept.digest), path);
    let meta = fs::metadata(&path).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o444);
    assert!(!written.exists());
    assert_eq!(store.read(&kept.digest).unwrap(), b"sound");
}

#[tokio::test]
async fn the_file_at_the_path_is_kept_even_if_a_program_replaced_it() {
    let production = Production::new();
    let store = production.open().await;
    let temp = store.temp().unwrap();
    let aside = production.inside("vault/tmp/aside");
    fs::write(&aside, b"written aside, then renamed").unwrap();
    fs::rename(&aside, temp.path()).unwrap();
    let kept = store.keep(temp, "image/png").unwrap();
    assert_eq!(kept.digest, Digest::of(b"written aside, then renamed"));
    assert!(store.has(&kept));
}

#[tokio::test]
async fn an_equal_blob_stays() {
    let production = Production::new();
    let store = production.open().await;
    let first = store.keep_bytes(b"same", "image/png").unwrap();
    let inode = fs::metadata(store.path_of(&first.digest)).unwrap().ino();
    let second = store.keep_bytes(b"same", "image/png").unwrap();
    assert_eq!(first, second);
    let after = fs::metadata(store.path_of(&first.digest)).unwrap().ino();
    assert_eq!(inode, after);
    assert_eq!(
        fs::read_dir(production.inside("vault/tmp"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn many_threads_keep_the_same_bytes() {
    let production = Production::new();
    let store = production.open().await;
    let kept: Vec<Artifact> = std::thread::scope(|scope| {
        let keep = |_| scope.spawn(|| store.keep_bytes(&vec![7; 100_000], "x/y").unwrap());
        let threads: Vec<_> = (0..8).map(keep).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(kept.iter().all(|artifact| store.has(artifact)));
    assert!(store.verify().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_dropped_temporary_file_is_gone() {
    let production = Production::new();
    let store = production.open().await;
    let temp = store.temp().unwrap();
    let path = temp.path().to_owned();
    assert!(path.exists());
    drop(temp);
    assert!(!path.exists());
}

#[tokio::test]
async fn an_extension_cannot_leave_the_folder() {
    let production = Production::new();
    let store = production.open().await;
    let temp = store.temp_with_extension("/../../x.mp4").unwrap();
    assert_eq!(
        temp.path().parent().unwrap(),
        production.inside("vault/tmp")
    );
    assert!(temp.path().to_string_lossy().ends_with(".xmp4"));
}

#[tokio::test]
async fn anything_but_a_file_is_not_kept() {
    let production = Production::new();
    let store = production.open().await;
    let temp = store.temp().unwrap();
    fs::remove_file(temp.path()).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", temp.path()).unwrap();
    let error = store.keep(temp, "text/plain").unwrap_err();
    assert!(matches!(error, StoreError::NotAFile { .. }), "{error}");
}

#[tokio::test]
async fn a_truncated_blob_is_not_had() {
    let production = Production::new();
    let store = production.open().await;
    let kept = store.keep_bytes(b"whole", "x/y").unwrap();
    assert!(store.has(&kept));
    overwrite(&store.path_of(&kept.digest), b"who");
    assert!(!store.has(&kept));
    let error = store.read(&kept.digest).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    let error = store.read(&key("nothing")).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
}

#[tokio::test]
async fn keeping_again_heals_a_damaged_blob() {
    let production = Production::new();
    let store = production.open().await;
    let kept = store.keep_bytes(b"whole", "x/y").unwrap();
    overwrite(&store.path_of(&kept.digest), b"whale");
    let again = store.keep_bytes(b"whole", "x/y").unwrap();
    assert_eq!(kept, again);
    assert_eq!(store.read(&kept.digest).unwrap(), b"whole");
    let aside = production.inside(&format!("vault/quarantine/{}", kept.digest));
    assert_eq!(fs::read(aside).unwrap(), b"whale");
}

#[tokio::test]
async fn verify_finds_a_flipped_byte_and_a_missing_blob() {
    let production = Production::new();
    let store = production.open().await;
    let flipped = speak(&store, "voice/c1", "one", b"sound one").await;
    let gone = speak(&store, "voice/c2", "two", b"sound two").await;
    speak(&store, "voice/c3", "three", b"sound three").await;
    overwrite(&store.path_of(&flipped.digest), b"sound onE");
    fs::remove_file(store.path_of(&gone.digest)).unwrap();

    let seen = production.read().await.verify().await.unwrap();
    assert_eq!(seen.damaged[0].moved_to, None);
    assert!(store.path_of(&flipped.digest).exists());

    let report = store.verify().await.unwrap();
    assert_eq!(report.blobs, 2);
    assert_eq!(report.damaged.len(), 1);
    let damaged = &report.damaged[0];
    assert_eq!(damaged.digest, flipped.digest);
    assert_eq!(damaged.found, Digest::of(b"sound onE"));
    assert_eq!(damaged.made_for, [Slot::from("voice/c1")]);
    assert!(damaged.moved_to.as_ref().unwrap().exists());
    assert!(!store.has(&flipped));
    assert_eq!(report.missing.len(), 1);
    assert_eq!(report.missing[0].digest, gone.digest);
    assert_eq!(report.missing[0].made_for, [Slot::from("voice/c2")]);
}

#[tokio::test]
async fn a_row_never_names_a_missing_blob() {
    let production = Production::new();
    let store = production.open().await;
    let sketch = Artifact::sketched(&key("one"), "audio/wav");
    let error = store
        .record(&voice("voice/c1", "one", vec![sketch]), 0)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    assert!(store.find_steps(&[key("one")]).await.unwrap().is_empty());
}

/// What a bad disk or a careless hand does to a read-only file.
fn overwrite(path: &std::path::Path, bytes: &[u8]) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
}
