//! PNGs written chunk by chunk.

/// The head of a PNG.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bits: u8,
    /// 0 is grey, 2 colour, 3 by palette, 4 grey with alpha, 6 colour with alpha.
    pub(crate) kind: u8,
}

/// A PNG of these rows, each without its filter's byte, and with chunks before them.
pub(crate) fn png(head: Head, chunks: &[(&[u8; 4], Vec<u8>)], rows: &[Vec<u8>]) -> Vec<u8> {
    let raw: Vec<u8> = rows
        .iter()
        .flat_map(|row| [0].into_iter().chain(row.iter().copied()))
        .collect();
    with_body(head, chunks, &zlib(&raw))
}

/// A PNG all of whose rows are zeroes, which grows a thousand times when it is read.
pub(crate) fn bomb(head: Head) -> Vec<u8> {
    let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(head.kind)];
    let row = u64::from(head.width) * channels * u64::from(head.bits) / 8 + 1;
    with_body(head, &[], &zeroes(row * u64::from(head.height)))
}

/// A PNG with a head of this size, and a body of `body` bytes that are no picture.
#[allow(dead_code, reason = "for the tests of whole productions")]
pub(crate) fn png_head(width: u32, height: u32, body: usize) -> Vec<u8> {
    let head = Head {
        width,
        height,
        bits: 8,
        kind: 6,
    };
    with_body(head, &[], &vec![0x78; body])
}

fn with_body(head: Head, chunks: &[(&[u8; 4], Vec<u8>)], body: &[u8]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut about = Vec::new();
    about.extend(head.width.to_be_bytes());
    about.extend(head.height.to_be_bytes());
    about.extend([head.bits, head.kind, 0, 0, 0]);
    chunk(&mut out, *b"IHDR", &about);
    for (name, content) in chunks {
        chunk(&mut out, **name, content);
    }
    chunk(&mut out, *b"IDAT", body);
    chunk(&mut out, *b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    let covered = [&name[..], body].concat();
    out.extend((body.len() as u32).to_be_bytes());
    out.extend(&covered);
    out.extend(crc32(&covered).to_be_bytes());
}

/// CRC-32 as PNG has it (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// RFC 1950, in blocks that are stored as they are.
pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        out.extend((block.len() as u16).to_le_bytes());
        out.extend((!(block.len() as u16)).to_le_bytes());
        out.extend(block);
    }
    let (mut low, mut high) = (1u32, 0u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    out.extend((high << 16 | low).to_be_bytes());
    out
}

/// `count` zeroes by RFC 1951: one as it is, then runs of 258 of the byte before, in fixed codes.
fn zeroes(count: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b011, 3);
    bits.code(0b0011_0000, 8);
    let mut left = count - 1;
    while left >= 258 {
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
        left -= 258;
    }
    for _ in 0..left {
        bits.code(0b0011_0000, 8);
    }
    bits.code(0, 7);
    let mut out = vec![0x78, 0x01];
    out.extend(bits.finish());
    // The sum of nothing but zeroes: 1, taken so often.
    out.extend((((count % 65_521) as u32) << 16 | 1).to_be_bytes());
    out
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    /// From the lowest bit.
    fn push(&mut self, value: u32, length: u32) {
        self.held |= value << self.count;
        self.count += length;
        while self.count >= 8 {
            self.out.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// From the highest bit.
    fn code(&mut self, code: u32, length: u32) {
        self.push(code.reverse_bits() >> (32 - length), length);
    }

    fn finish(mut self) -> Vec<u8> {
        self.push(0, 7);
        self.out
    }
}
