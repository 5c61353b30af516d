//! Sharpen: what differs from its surroundings differs more.

use workprint_model::Size;
use workprint_model::look::Sharpen;

use super::Effect;
use super::soft::Soft;
use crate::paint::kernel::Kernel;
use crate::resolve::Moment;
use crate::yuv::YuvMut;

/// An unsharp mask of luma.
#[derive(Debug)]
pub(super) struct Sharpened {
    soft: Soft,
    /// Of 128.
    amount: i16,
}

impl Sharpened {
    pub(super) fn new(sharpen: &Sharpen, size: Size) -> Self {
        let sigma = f64::from(size.height) * sharpen.radius.ratio().clamp(0.0, 0.01);
        Self {
            soft: Soft::new(size.width as usize, size.height as usize, sigma.max(0.4)),
            amount: (sharpen.amount.ratio().clamp(0.0, 3.0) * 128.0) as i16,
        }
    }
}

impl Effect for Sharpened {
    fn apply(&mut self, frame: &mut YuvMut<'_>, _: Option<Moment>, kernel: Kernel) {
        let width = frame.size.width as usize;
        let [luma, ..] = frame.planes_mut();
        self.soft.blur(luma, kernel);
        let amount = self.amount;
        self.soft.rows(kernel, |row, soft| {
            sharpen(kernel, soft, amount, &mut luma[row * width..][..width]);
        });
    }
}

/// The most that a sample is changed by: more draws a seam around edges.
const MOST: i16 = 28;

super::kernel::twins! {
    fn sharpen(soft: &[u16], amount: i16, row: &mut [u8]) {
        for (sample, &soft) in row.iter_mut().zip(soft) {
            let own = i16::from(*sample);
            // In 1/8: at most 2040 either way.
            let away = (own << 3) - (soft >> 5).cast_signed();
            let more = ((i32::from(away) * i32::from(amount) + 512) >> 10) as i16;
            // What is nearly flat has noise to lose, not edges to win.
            let more = if away.abs() < 6 { 0 } else { more };
            *sample = (own + more.clamp(-MOST, MOST)).clamp(1, 254) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yuv::Yuv;

    #[test]
    fn edges_grow_steeper_and_flat_places_stay() {
        let size = Size {
            width: 64,
            height: 160,
        };
        let mut frame = Yuv::new(size).unwrap();
        for row in frame.planes_mut()[0].chunks_exact_mut(64) {
            row[..32].fill(80);
            row[32..].fill(160);
        }
        let sharpen = Sharpen {
            amount: workprint_model::Percent::new(100),
            radius: workprint_model::Percent::new(1),
        };
        let before = frame.clone();
        Sharpened::new(&sharpen, size).apply(&mut frame.lent(), None, Kernel::best());
        let row = &frame.planes()[0][10 * 64..][..64];
        assert!(row[31] < 76 && row[32] > 164, "{row:?}");
        assert!(row[10] == 80 && row[55] == 160);
        assert_eq!(frame.planes()[1], before.planes()[1]);
    }
}
