//! Base64 (RFC 4648, 4), written piece by piece.

use std::io::{self, Read, Write};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// How many bytes are read at a time: a multiple of three.
const BLOCK: u64 = 3 << 14;

/// Writes all of `input` as base64.
pub(super) fn encode(input: &mut impl Read, out: &mut impl Write) -> io::Result<()> {
    let (mut block, mut text) = (Vec::new(), Vec::new());
    loop {
        block.clear();
        text.clear();
        input.by_ref().take(BLOCK).read_to_end(&mut block)?;
        for three in block.chunks(3) {
            text.extend(letters(three));
        }
        out.write_all(&text)?;
        if block.len() as u64 != BLOCK {
            return Ok(());
        }
    }
}

/// Up to three bytes as four letters.
fn letters(bytes: &[u8]) -> [u8; 4] {
    let byte = |at: usize| u32::from(bytes.get(at).copied().unwrap_or_default());
    let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    std::array::from_fn(|at| {
        if at <= bytes.len() {
            LETTERS[(bits >> (18 - 6 * at)) as usize & 63]
        } else {
            b'='
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        encode(&mut &*bytes, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn it_is_as_the_standard_has_it() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (text, wanted) in pairs {
            assert_eq!(base64(text.as_bytes()), wanted);
        }
        assert_eq!(base64(&[0xff; 3]), "////");
        assert_eq!(base64(&vec![0; 100_000]).len(), 133_336);
    }
}
