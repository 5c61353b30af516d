//! What a change makes again.

use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{Decibels, Digest, Samples};

use crate::desk::{Desk, decoding, mix_of};
use crate::signals::speech;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_gain_mixes_again_and_decodes_nothing() {
    let desk = Desk::new().await;
    let files: Vec<Digest> = (0..6)
        .map(|n| {
            let (artifact, _) = desk.sound(1, &speech(n, 2.0, 0.3));
            let bytes = std::fs::read(desk.path_of(&artifact)).unwrap();
            desk.file(&format!("{n}.wav"), &bytes).1
        })
        .collect();
    let make = async |louder: i32, trimmed: u64| {
        let run = desk.run();
        let takes = run
            .all(files.iter().map(|file| decoding(*file)))
            .await
            .unwrap();
        let sounds = takes.iter().zip(0..).map(|(take, n)| PlacedSound {
            gain: Decibels::new(if n == 3 { louder } else { 0 }),
            skip: Samples(if n == 4 { trimmed } else { 0 }),
            ..PlacedSound::plain(
                &n.to_string(),
                Lane::Sfx,
                &take.sound,
                (Samples(n * 70_000), Samples(90_000)),
            )
        });
        let mix = mix_of(sounds.collect(), 480_000);
        let take = run.step(mix).await.unwrap();
        (take.sound.digest, desk.performed())
    };
    let counts = |sounds, mixes| {
        [("sound".to_owned(), sounds), ("mix".to_owned(), mixes)]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect()
    };
    let (first, made) = make(0, 0).await;
    assert_eq!(made, counts(6, 1));
    let (same, made) = make(0, 0).await;
    assert_eq!((same, made), (first, counts(0, 0)));
    let (louder, made) = make(-7, 0).await;
    assert!(louder != first);
    assert_eq!(made, counts(0, 1));
    let (trimmed, made) = make(-7, 12_345).await;
    assert!(trimmed != louder);
    assert_eq!(made, counts(0, 1));
}
