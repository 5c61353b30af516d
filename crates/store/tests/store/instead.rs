//! What was made and ordered in the place of another engine's, and ledgers that were written before there was that.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use workprint_model::lock::Instead;
use workprint_model::show::Budget;
use workprint_store::{Clock, Reserved, Store, StoreError};

use crate::jobs::job;
use crate::production::{NOON, Production, voice};

fn instead() -> Instead {
    Instead {
        of: "fal flux".to_owned(),
        because: "nothing is left to pay with".to_owned(),
    }
}

fn allowed() -> Budget {
    serde_json::from_str(r#"{"show": 1}"#).unwrap()
}

#[tokio::test]
async fn in_whose_place_something_was_made_is_told_until_somebody_lets_go_of_it() {
    let production = Production::new();
    let store = production.open().await;
    let mut keys = Vec::new();
    for slot in [
        "generate/s1",
        "generate/s1~2",
        "generate/s10",
        "generate/s2",
    ] {
        let mut record = voice(slot, slot, vec![]);
        record.instead = (slot != "generate/s2").then(instead);
        store.record(&record, 0).await.unwrap();
        let read = store.step(&record.key).await.unwrap().unwrap();
        assert_eq!(read.instead, record.instead);
        keys.push(record.key);
    }
    let told = async |store: &Store| {
        let mut told = Vec::new();
        for key in &keys {
            told.push(store.made_instead(key).await.unwrap().is_some());
        }
        told
    };
    assert_eq!(told(&store).await, [true, true, true, false]);
    store.let_go(&"generate/s1".into(), None).await.unwrap();
    assert_eq!(told(&store).await, [false, false, true, false]);
    store
        .let_go(&"generate/s3".into(), Some(&keys[2]))
        .await
        .unwrap();
    assert_eq!(told(&store).await, [false; 4]);
    // It is its recipe all the same; and made once more, it counts again.
    let mut again = store.step(&keys[2]).await.unwrap().unwrap();
    assert_eq!(again.instead, Some(instead()));
    again.made_at += 1;
    store.record(&again, 0).await.unwrap();
    assert_eq!(told(&store).await, [false, false, true, false]);
    store.forget(&keys).await.unwrap();
    assert_eq!(told(&store).await, [false; 4]);
}

#[tokio::test]
async fn a_ledger_from_before_engines_stood_in_for_others_is_upgraded() {
    let production = Production::new();
    let store = production.open().await;
    let record = voice("generate/s1", "one", vec![]);
    store.record(&record, 0).await.unwrap();
    store.reserve(&job("s2", 1, 7), &allowed()).await.unwrap();
    store.close().await.unwrap();
    let options = SqliteConnectOptions::new().filename(production.inside("ledger.db"));
    let mut ledger = options.connect().await.unwrap();
    for sql in [
        "ALTER TABLE steps DROP COLUMN instead",
        "ALTER TABLE steps DROP COLUMN let_go",
        "ALTER TABLE jobs DROP COLUMN instead",
        "PRAGMA user_version = 6",
    ] {
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut ledger)
            .await
            .unwrap();
    }
    ledger.close().await.unwrap();
    let read_only = Store::open_read_only(production.root(), Clock::fixed(NOON)).await;
    assert!(matches!(read_only, Err(StoreError::Older { found: 6, .. })));

    let store = production.open().await;
    assert_eq!(store.step(&record.key).await.unwrap(), Some(record.clone()));
    assert_eq!(store.made_instead(&record.key).await.unwrap(), None);
    let before = store.jobs().await.unwrap();
    assert_eq!((before.len(), &before[0].instead), (1, &None));
    let mut order = job("s3", 1, 7);
    order.instead = Some(instead());
    let reserved = store.reserve(&order, &allowed()).await.unwrap();
    assert!(matches!(reserved, Reserved::Job(_)));
    let open = store.open_job(&order.key).await.unwrap().unwrap();
    assert_eq!(open.instead, Some(instead()));
}
