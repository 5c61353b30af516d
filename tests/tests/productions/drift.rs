//! Sound stays with its frames however long the film is.

use workprint_tests::Impulses;

/// The example `drift` does the same with an hour.
#[test]
fn impulses_of_two_minutes_are_at_their_samples() {
    let found = Impulses::of(2);
    assert_eq!(found.frames.0, found.frames.1);
    assert_eq!(found.stem.places, found.wanted);
    assert_eq!(found.stem.sounding, found.wanted.len() as u64);
    assert_eq!(found.stem.length, found.length);
    assert_eq!(found.film.places, found.wanted);
    // The last frame of AAC is filled up; the film's own end cuts that off.
    let over = found.film.length.checked_sub(found.length);
    assert!(over.is_some_and(|over| over < 1024), "{over:?}");
}
