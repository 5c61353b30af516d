//! Colours and gradients without a file.

use workprint_model::Percent;
use workprint_model::episode::{Colour, PlateSpec};
use workprint_model::timeline::PlacedPicture;

use crate::harness::{Case, case, check_all};
use crate::scene::{camera, framing, shot, timeline};
use crate::stage::{Stage, WIDE};

const NIGHT: Colour = Colour::new(0x0b, 0x10, 0x2b);
const DAWN: Colour = Colour::new(0xf2, 0x9a, 0x5c);

fn plate(name: &str, change: impl Fn(&mut PlateSpec)) -> Case {
    let mut plate = PlateSpec::plain(NIGHT);
    change(&mut plate);
    case(name, move || {
        // A move does not change it.
        let zoom = camera(framing(100, 50, 50), framing(180, 20, 20));
        let only = shot(20, PlacedPicture::Plate(plate.clone()), zoom);
        let line = timeline(WIDE.width, WIDE.height, vec![only]);
        Stage::default().paint(&line, 13)
    })
}

#[test]
fn plates() {
    check_all(
        "plates",
        &[
            plate("plain", |_| {}),
            plate("down", |plate| plate.to = Some(DAWN)),
            plate("right", |plate| (plate.to, plate.angle) = (Some(DAWN), 90)),
            plate("slanting", |plate| {
                (plate.to, plate.angle) = (Some(DAWN), 45);
            }),
            plate("nearly-alike", |plate| {
                plate.to = Some(Colour::new(0x10, 0x16, 0x36));
            }),
            plate("opposite", |plate| {
                plate.colour = Colour::new(0x10, 0x40, 0xff);
                (plate.to, plate.angle) = (Some(Colour::new(0xff, 0xe0, 0x10)), 90);
            }),
            plate("round", |plate| {
                plate.colour = DAWN;
                (plate.to, plate.radial) = (Some(NIGHT), true);
            }),
            plate("round-aside", |plate| {
                plate.colour = DAWN;
                (plate.to, plate.radial) = (Some(NIGHT), true);
                (plate.x, plate.y) = (Percent::new(20), Percent::new(80));
            }),
        ],
    );
}
