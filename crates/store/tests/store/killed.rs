//! A process that writes is killed, and another goes on.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use workprint_store::{Clock, Store, StoreError};

use crate::production::{NOON, Production, pilot, speak};

const ROOT: &str = "WORKPRINT_TEST_KILLED_ROOT";

/// Not a test of its own: what the killed process does. Writes until it is killed.
#[tokio::test]
#[ignore = "started by `a_killed_writer_leaves_a_whole_store`"]
#[expect(
    clippy::disallowed_methods,
    reason = "the process is told its folder without touching the arguments of the test runner"
)]
async fn writer() {
    let Some(root) = std::env::var_os(ROOT).map(PathBuf::from) else {
        return;
    };
    let store = Store::open(&root, "workprint build --forever", Clock::fixed(NOON))
        .await
        .unwrap();
    store.begin_run(&pilot(), "main", "test").await.unwrap();
    std::mem::forget(store.temp().unwrap());
    for n in 0u64.. {
        let slot = format!("voice/c{}", n % 7);
        speak(&store, &slot, &n.to_string(), &n.to_le_bytes()).await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "only another process can be killed"
)]
fn start_writer(production: &Production) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::writer", "--ignored"])
        .env(ROOT, production.root())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn a_killed_writer_leaves_a_whole_store() {
    let production = Production::new();
    for round in 1..=3 {
        let mut child = start_writer(&production);
        let wanted = round * 40;
        let mut seen = 0;
        while seen < wanted {
            assert!(child.try_wait().unwrap().is_none(), "the writer ended");
            tokio::time::sleep(Duration::from_millis(5)).await;
            // Reading goes on beside it.
            seen = production
                .read()
                .await
                .steps_in("voice/")
                .await
                .unwrap()
                .len();
        }
        let error = Store::open(production.root(), "second", Clock::fixed(NOON))
            .await
            .unwrap_err();
        assert!(
            matches!(&error, StoreError::Held { holder, .. } if holder.pid == Some(child.id())),
            "{error}"
        );
        // On Unix this is SIGKILL: nothing of it runs any more.
        child.kill().unwrap();
        child.wait().unwrap();

        let store = production.open().await;
        assert!(store.verify().await.unwrap().is_clean());
        let steps = store.steps_in("voice/").await.unwrap();
        assert!(steps.len() >= wanted, "what was seen is still there");
        for step in &steps {
            assert!(step.artifacts.iter().all(|artifact| store.has(artifact)));
            assert!(!store.takes(&step.slot).await.unwrap().is_empty());
        }
        let left = std::fs::read_dir(production.inside("vault/tmp")).unwrap();
        assert_eq!(left.count(), 0);
        assert_eq!(store.runs(1).await.unwrap()[0].ended, None);
        store.close().await.unwrap();
    }
}
