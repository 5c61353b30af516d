//! JPEGs written bit by bit: of three or four channels, each block of one value.

/// A JPEG of one colour, or of one on the left half and another on the right.
pub(crate) struct Jpeg<'a> {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// The values of the left half's channels and of the right half's, as they are stored.
    pub(crate) halves: [&'a [u8]; 2],
    /// Segments before the picture: marker and content.
    pub(crate) segments: Vec<(u8, Vec<u8>)>,
}

/// What Adobe's programs write of themselves, with how the channels were transformed.
pub(crate) fn adobe(transform: u8) -> (u8, Vec<u8>) {
    let mut content = b"Adobe\x00\x64\0\0\0\0".to_vec();
    content.push(transform);
    (0xee, content)
}

/// An EXIF segment that says how the picture is to be turned, from 1 to 8.
pub(crate) fn exif(orientation: u16) -> (u8, Vec<u8>) {
    (0xe1, [b"Exif\0\0".to_vec(), tiff(orientation)].concat())
}

/// A TIFF directory with the orientation in it.
pub(crate) fn tiff(orientation: u16) -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    out.extend(orientation.to_le_bytes());
    out.extend([0; 6]);
    out
}

/// A profile in one segment.
pub(crate) fn profile(icc: &[u8]) -> (u8, Vec<u8>) {
    (0xe2, [b"ICC_PROFILE\0\x01\x01", icc].concat())
}

impl Jpeg<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let channels = self.halves[0].len();
        let mut out = vec![0xff, 0xd8];
        for (marker, content) in &self.segments {
            segment(&mut out, *marker, content);
        }
        // A quantisation table of eights: the first value of a block is then the sample itself.
        segment(&mut out, 0xdb, &[&[0][..], &[8; 64]].concat());
        let mut frame = vec![8];
        frame.extend(self.height.to_be_bytes());
        frame.extend(self.width.to_be_bytes());
        frame.push(channels as u8);
        let mut scan = vec![channels as u8];
        for channel in 1..=channels as u8 {
            frame.extend([channel, 0x11, 0]);
            scan.extend([channel, 0]);
        }
        scan.extend([0, 63, 0]);
        segment(&mut out, 0xc0, &frame);
        // Codes of four bits for differences of up to eleven bits; one code of one bit: no more values.
        let mut first = vec![0x00, 0, 0, 0, 12];
        first.extend([0; 12]);
        first.extend(0..12);
        segment(&mut out, 0xc4, &first);
        let mut others = vec![0x10, 1];
        others.extend([0; 15]);
        others.push(0);
        segment(&mut out, 0xc4, &others);
        segment(&mut out, 0xda, &scan);
        out.extend(self.blocks());
        out.extend([0xff, 0xd9]);
        out
    }

    fn blocks(&self) -> Vec<u8> {
        let (across, down) = (self.width.div_ceil(8), self.height.div_ceil(8));
        let mut bits = Bits::default();
        let mut before = vec![0; self.halves[0].len()];
        for _ in 0..down {
            for column in 0..across {
                let half = self.halves[usize::from(2 * column >= across)];
                for (value, before) in half.iter().zip(&mut before) {
                    let level = i32::from(*value) - 128;
                    bits.difference(level - *before);
                    *before = level;
                    bits.push(0, 1);
                }
            }
        }
        bits.finish()
    }
}

fn segment(out: &mut Vec<u8>, marker: u8, content: &[u8]) {
    out.extend([0xff, marker]);
    out.extend((content.len() as u16 + 2).to_be_bytes());
    out.extend(content);
}

/// Bits from the highest, with a zero after each byte of ones.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, length: u32) {
        self.held = self.held << length | value;
        self.count += length;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.held >> self.count) as u8;
            self.out.push(byte);
            if byte == 0xff {
                self.out.push(0);
            }
        }
        self.held &= (1 << self.count) - 1;
    }

    /// The length of a difference, and the difference.
    fn difference(&mut self, difference: i32) {
        let length = 32 - difference.unsigned_abs().leading_zeros();
        self.push(length, 4);
        if length > 0 {
            let value = if difference < 0 {
                difference + (1 << length) - 1
            } else {
                difference
            };
            self.push(value as u32, length);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.push(0x7f, 7);
        self.out
    }
}
