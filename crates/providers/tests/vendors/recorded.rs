//! What goes over the wire for one good order of each thing that a vendor makes.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use workprint_fakes::Fake;
use workprint_providers::order::{Capability, Order, Reference, Turn, What};
use workprint_providers::vendors::{LIBRARIES, ROWS, Row};

use crate::exchanges::{HOW, compare, told};
use crate::{UUID, delivered, engine, order};

/// The orders of a kind: a plain one, and one with all that may stand in it.
fn orders(plain: Order) -> Vec<(&'static str, Order)> {
    // As long as no other, so that their order is seen.
    let shown = |count: u8| {
        let one = |n| Reference {
            media_type: "image/png".to_owned(),
            bytes: [b"\x89PNG".as_slice(), &vec![n; 200 + usize::from(n)]].concat(),
        };
        (1..=count).map(one).collect()
    };
    let mut more = plain.clone();
    let with = match &mut more.what {
        What::Image { .. } => {
            more.references = shown(1);
            ", like another"
        }
        // A clip is made of a picture.
        What::Video { .. } => {
            more.references = shown(1);
            return vec![("", more)];
        }
        What::Text { said, schema, .. } => {
            said.push(Turn {
                asked: "what is it?".to_owned(),
                answered: "a lamp".to_owned(),
            });
            *schema = Some(json!({
                "type": "object", "required": ["n"], "additionalProperties": false,
                "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 9}},
            }));
            more.references = shown(2);
            ", of pictures and with a shape"
        }
        _ => return vec![("", plain)],
    };
    vec![("", plain), (with, more)]
}

/// All that a vendor was sent and answered for orders of one kind.
async fn recorded(row: &Row, makes: Capability) -> String {
    let fake = Fake::of(row.id);
    let engine = engine(&fake, makes);
    fake.record();
    let mut out = String::new();
    for (with, order) in orders(order(&engine, "a lamp")) {
        let submitted = engine.submit(&order, UUID).await.unwrap();
        let parcel = delivered(&engine, submitted).await.parcel;
        engine.fetch(parcel).await.unwrap();
        out.push_str(&told(&format!("{}{with}", makes.told()), &fake));
    }
    out
}

#[tokio::test]
async fn what_vendors_are_sent_is_what_was_recorded() {
    for row in ROWS {
        let makes = row.makes.iter();
        let all = join_all(makes.map(|(makes, _)| recorded(row, *makes))).await;
        compare(row.id, &all.concat());
    }
}

#[test]
fn every_row_has_its_exchanges_recorded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/exchanges");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let kept = paths.filter(|path| path.extension().is_some_and(|end| end == "snap"));
    let names = kept.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
    let found: BTreeSet<String> = names.collect();
    let vendors = ROWS.iter().map(|row| row.id);
    let all = vendors.chain(LIBRARIES.iter().map(|row| row.id));
    let wanted: BTreeSet<String> = all.map(str::to_owned).collect();
    assert_eq!(found, wanted, "in {folder}: {HOW}");
}
