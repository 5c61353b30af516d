use std::fs;

use workprint_store::{Clock, Store, StoreError};

use crate::production::{NOON, Production, key, pilot, speak, voice};

async fn refused(production: &Production) -> StoreError {
    Store::open(production.root(), "workprint build", Clock::fixed(NOON))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_second_writer_is_refused_by_name() {
    let production = Production::new();
    let store = production.open().await;
    let error = refused(&production).await;
    assert!(matches!(error, StoreError::Held { .. }));
    assert_eq!(
        error.to_string(),
        format!(
            "this production is in use by `workprint build pilot` (process {}) \
             since 2026-03-01 12:00:00 UTC",
            std::process::id()
        )
    );
    drop(store);
    production.open().await;
}

#[tokio::test]
async fn a_lock_file_of_a_killed_process_is_taken_over() {
    let production = Production::new();
    fs::create_dir_all(production.inside("")).unwrap();
    fs::write(
        production.inside("lock"),
        r#"{"pid":1,"command":"a much longer command than ours","since":0}"#,
    )
    .unwrap();
    let _store = production.open().await;
    let line = fs::read_to_string(production.inside("lock")).unwrap();
    assert!(line.contains(r#""command":"workprint build pilot""#));
    assert_eq!(line.lines().count(), 1);
}

#[tokio::test]
async fn leftovers_of_a_killed_process_are_cleared_and_nothing_else() {
    let production = Production::new();
    let store = production.open().await;
    let kept = store
        .keep_bytes(b"kept before its row was written", "x/y")
        .unwrap();
    let temp = store.temp().unwrap();
    let leftover = temp.path().to_owned();
    std::mem::forget(temp);
    let other = production.inside("vault/tmp/not-ours");
    fs::write(&other, "").unwrap();
    store.close().await.unwrap();

    assert!(leftover.exists());
    let store = production.open().await;
    assert!(!leftover.exists());
    assert!(other.exists());
    assert!(store.has(&kept));
    assert!(store.verify().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_temporary_folder_that_is_a_link_is_refused() {
    let production = Production::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let precious = elsewhere.path().join("blob-precious");
    fs::write(&precious, "").unwrap();
    fs::create_dir_all(production.inside("vault")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), production.inside("vault/tmp")).unwrap();
    let error = refused(&production).await;
    assert!(matches!(error, StoreError::NotAFile { .. }), "{error}");
    assert!(precious.exists());
}

#[tokio::test]
async fn reading_creates_nothing() {
    let production = Production::new();
    let store = production.read().await;
    assert!(store.is_read_only());
    assert!(store.find_steps(&[key("one")]).await.unwrap().is_empty());
    assert!(store.runs(10).await.unwrap().is_empty());
    assert_eq!(store.dump().await.unwrap(), "");
    assert!(store.verify().await.unwrap().is_clean());
    let refusals = [
        store.temp().err(),
        store.keep_bytes(b"x", "x/y").err(),
        store.begin_run(&pilot(), "main", "test").await.err(),
        store
            .record(&voice("voice/c1", "one", vec![]), 0)
            .await
            .err(),
        store.forget(&[key("one")]).await.err(),
    ];
    for error in refusals {
        assert!(
            matches!(error, Some(StoreError::ReadOnly { .. })),
            "{error:?}"
        );
    }
    store.close().await.unwrap();
    assert_eq!(fs::read_dir(production.root()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_reader_sees_what_a_writer_commits() {
    let production = Production::new();
    let writer = production.open().await;
    let reader = production.read().await;
    speak(&writer, "voice/c1", "one", b"sound").await;
    assert_eq!(reader.find_steps(&[key("one")]).await.unwrap().len(), 1);
    drop(writer);
    let reader = production.read().await;
    assert_eq!(reader.find_steps(&[key("one")]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let production = Production::new();
    let store = production.open().await;
    let run = store.begin_run(&pilot(), "main", "test").await.unwrap();
    speak(&store, "voice/c1", "one", b"sound").await;
    let before = store.dump().await.unwrap();
    store.close().await.unwrap();
    assert!(!production.inside("ledger.db-wal").exists());
    let store = production.open().await;
    assert_eq!(store.dump().await.unwrap(), before);
    assert_eq!(
        store.begin_run(&pilot(), "main", "test").await.unwrap(),
        run + 1
    );
}

#[tokio::test]
async fn damaged_ledgers_say_what_to_do() {
    let production = Production::new();
    let store = production.open().await;
    for n in 0..200 {
        speak(&store, &format!("voice/c{n}"), &n.to_string(), &[n]).await;
    }
    store.close().await.unwrap();
    let ledger = production.inside("ledger.db");
    let whole = fs::read(&ledger).unwrap();

    for (name, bytes) in [
        ("truncated", &whole[..whole.len() / 2]),
        ("truncated inside its header", &whole[..60]),
        (
            "another file",
            b"this is not a database, but a long enough text".as_slice(),
        ),
        ("empty", b"".as_slice()),
    ] {
        fs::write(&ledger, bytes).unwrap();
        let error = refused(&production).await;
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "{name}: {error:?}"
        );
        assert!(error.to_string().contains("ledger.db"), "{name}");
        assert!(error.hint().unwrap().starts_with("move `"), "{name}");
        assert_eq!(fs::read(&ledger).unwrap(), bytes, "{name}: left as it was");
        if !bytes.is_empty() {
            let error = Store::open_read_only(production.root(), Clock::fixed(NOON))
                .await
                .unwrap_err();
            assert!(
                matches!(error, StoreError::Damaged { .. }),
                "{name}: {error:?}"
            );
        }
    }

    fs::write(&ledger, &whole).unwrap();
    let store = production.open().await;
    assert_eq!(store.steps_in("voice/").await.unwrap().len(), 200);
}

#[tokio::test]
async fn a_page_of_noise_is_an_error_not_a_panic() {
    let production = Production::new();
    let store = production.open().await;
    for n in 0..200 {
        speak(&store, &format!("voice/c{n}"), &n.to_string(), &[n]).await;
    }
    store.close().await.unwrap();
    let ledger = production.inside("ledger.db");
    let mut bytes = fs::read(&ledger).unwrap();
    // The schema is in the first pages: the ledger opens all the same.
    let half = bytes.len() / 2;
    for byte in &mut bytes[half..] {
        *byte ^= 0xa5;
    }
    fs::write(&ledger, bytes).unwrap();
    let store = production.open().await;
    let error = store.steps_in("voice/").await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn a_newer_ledger_is_left_alone() {
    let production = Production::new();
    production.open().await.close().await.unwrap();
    let ledger = production.inside("ledger.db");
    let mut bytes = fs::read(&ledger).unwrap();
    // `user_version` in SQLite's header: https://www.sqlite.org/fileformat.html
    bytes[60..64].copy_from_slice(&99u32.to_be_bytes());
    fs::write(&ledger, bytes).unwrap();
    for error in [
        refused(&production).await,
        Store::open_read_only(production.root(), Clock::fixed(NOON))
            .await
            .unwrap_err(),
    ] {
        assert!(
            matches!(error, StoreError::Newer { found: 99, .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let production = Production::new();
    production.open().await.close().await.unwrap();
    let ledger = production.inside("ledger.db");
    let mut bytes = fs::read(&ledger).unwrap();
    bytes[68..72].copy_from_slice(b"Else");
    fs::write(&ledger, &bytes).unwrap();
    let error = refused(&production).await;
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(fs::read(&ledger).unwrap(), bytes);
}

#[tokio::test]
async fn a_file_where_the_folder_should_be_is_an_error() {
    let production = Production::new();
    fs::write(production.root().join(".workprint"), "").unwrap();
    let error = refused(&production).await;
    assert!(matches!(error, StoreError::File { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_beside_the_making_of_a_ledger_sees_nothing_or_all_of_it() {
    for _ in 0..40 {
        let production = std::sync::Arc::new(Production::new());
        let mut making = tokio::task::JoinSet::new();
        let beside = std::sync::Arc::clone(&production);
        making.spawn(async move { beside.open().await });
        let made = loop {
            // Panics where it takes the ledger for another program's.
            production.read().await.runs(1).await.unwrap();
            if let Some(made) = making.try_join_next() {
                break made.unwrap();
            }
        };
        made.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_secret_is_the_same_for_as_long_as_its_file_is_there() {
    let production = Production::new();
    let open = async || {
        let store = production.open().await;
        let secret = store.secret([9; 32]).unwrap();
        store.close().await.unwrap();
        secret
    };
    let store = production.open().await;
    assert_eq!(store.secret([7; 32]).unwrap(), [7; 32]);
    assert_eq!(store.secret([8; 32]).unwrap(), [7; 32]);
    store.close().await.unwrap();
    assert_eq!(open().await, [7; 32]);
    // What is no secret, or somebody else's file, is none; and what a killed process left is in nobody's way.
    let file = production.root().join(".workprint/secret");
    fs::write(file.with_extension("part"), "half").unwrap();
    fs::write(&file, "short").unwrap();
    assert_eq!(open().await, [9; 32]);
    let elsewhere = production.root().join("elsewhere");
    fs::write(&elsewhere, [1; 32]).unwrap();
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    assert_eq!(open().await, [9; 32]);
    assert_eq!(fs::read(&elsewhere).unwrap(), [1; 32]);
    fs::remove_file(&file).unwrap();
    let reading = Store::open_read_only(production.root(), Clock::fixed(NOON)).await;
    assert!(reading.unwrap().secret([7; 32]).is_err());
}
