//! What a file is, by how it begins, and whether it may be read: what parses it holds its parts in memory.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::CredentialsError;

/// The largest file that is held in memory to be read: those that are not made of boxes.
const MOST_WHOLE: u64 = 512 << 20;
/// The largest manifest, and the largest of the tables of a film.
const MOST_BOX: u64 = 64 << 20;
/// How many boxes a file may be made of.
const MOST_BOXES: u32 = 200_000;
/// How deep boxes may lie in each other.
const DEEPEST: u32 = 16;

/// Boxes that hold boxes, as ISO/IEC 14496-12 has them.
const CONTAINERS: &[&[u8; 4]] = &[
    b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"udta", b"mvex", b"moof",
    b"traf", b"mfra", b"meta", b"iprp", b"ipco", b"schi", b"sinf",
];

/// The kind of a file that may carry credentials, by how it begins.
pub fn media_type_of(path: &Path) -> Result<Option<&'static str>, CredentialsError> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(CredentialsError::file("read", path))?;
    file.take(512)
        .read_to_end(&mut start)
        .map_err(CredentialsError::file("read", path))?;
    Ok(kind(&start))
}

fn kind(start: &[u8]) -> Option<&'static str> {
    let at =
        |from: usize, what: &[u8]| start.get(from..).is_some_and(|rest| rest.starts_with(what));
    Some(match start {
        _ if at(4, b"ftyp") => match start.get(8..12) {
            Some(b"qt  ") => "video/quicktime",
            Some(b"M4A ") => "audio/mp4",
            Some(b"avif") => "image/avif",
            Some(b"heic" | b"heix" | b"mif1") => "image/heic",
            _ => "video/mp4",
        },
        _ if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        _ if at(0, b"\xff\xd8\xff") => "image/jpeg",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        _ if at(0, b"RIFF") && at(8, b"WAVE") => "audio/wav",
        _ if at(0, b"RIFF") && at(8, b"AVI ") => "video/avi",
        _ if at(0, b"GIF8") => "image/gif",
        _ if at(0, b"II*\0") || at(0, b"MM\0*") => "image/tiff",
        _ if at(0, b"fLaC") => "audio/flac",
        _ if at(0, b"ID3") || at(0, b"\xff\xfb") || at(0, b"\xff\xf3") => "audio/mpeg",
        _ if std::str::from_utf8(start).is_ok_and(|text| text.contains("<svg")) => "image/svg+xml",
        _ => return None,
    })
}

/// Refuses a file whose parts would take too much memory.
pub(crate) fn check(path: &Path, media_type: &str) -> Result<(), CredentialsError> {
    let file = File::open(path).map_err(CredentialsError::file("read", path))?;
    let meta = file
        .metadata()
        .map_err(CredentialsError::file("read", path))?;
    let too_much = |why: String| CredentialsError::TooMuch {
        path: path.to_owned(),
        why,
    };
    if !is_of_boxes(media_type) {
        return if meta.len() > MOST_WHOLE {
            Err(too_much(format!(
                "it has {} bytes: {MOST_WHOLE} are read of a file of its kind",
                meta.len()
            )))
        } else {
            Ok(())
        };
    }
    let mut walk = Walk {
        file: BufReader::with_capacity(4096, file),
        boxes: 0,
    };
    match walk.level(0, meta.len(), 0) {
        Ok(None) => Ok(()),
        Ok(Some(why)) => Err(too_much(why)),
        Err(source) => Err(CredentialsError::file("read", path)(source)),
    }
}

fn is_of_boxes(media_type: &str) -> bool {
    matches!(
        media_type,
        "video/mp4" | "video/quicktime" | "audio/mp4" | "image/avif" | "image/heic"
    )
}

/// Goes from box to box.
struct Walk {
    file: BufReader<File>,
    boxes: u32,
}

impl Walk {
    /// What there is too much of between two places, if anything. Boxes that are not whole end the walk:
    /// what they are worth is not decided here.
    fn level(&mut self, from: u64, to: u64, depth: u32) -> std::io::Result<Option<String>> {
        if depth > DEEPEST {
            return Ok(Some(format!("its boxes lie more than {DEEPEST} deep")));
        }
        let mut at = from;
        while at.saturating_add(8) <= to {
            self.boxes += 1;
            if self.boxes > MOST_BOXES {
                return Ok(Some(format!("it has more than {MOST_BOXES} boxes")));
            }
            let Some((name, header, length)) = self.header(at, to)? else {
                return Ok(None);
            };
            let end = at.saturating_add(length).min(to);
            if name != *b"mdat" && name != *b"free" && name != *b"skip" && end - at > MOST_BOX {
                let name = String::from_utf8_lossy(&name).escape_debug().to_string();
                let bytes = end - at;
                return Ok(Some(format!(
                    "its box `{name}` has {bytes} bytes: {MOST_BOX} are read"
                )));
            }
            if CONTAINERS.contains(&&name) {
                // `meta` and others begin with a version or do not: a look at what follows would be a
                // guess, so both are counted from where boxes may begin.
                let inner = at + header + if name == *b"meta" { 4 } else { 0 };
                if let Some(why) = self.level(inner.min(end), end, depth + 1)? {
                    return Ok(Some(why));
                }
            }
            at = end;
        }
        Ok(None)
    }

    /// A box's name, how long its header is and how long it is altogether.
    fn header(&mut self, at: u64, to: u64) -> std::io::Result<Option<([u8; 4], u64, u64)>> {
        let mut head = [0; 8];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut head)?;
        let [a, b, c, d, name @ ..] = head;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        let (header, length) = match length {
            0 => (8, to - at),
            1 if at + 16 <= to => {
                let mut long = [0; 8];
                self.file.read_exact(&mut long)?;
                (16, u64::from_be_bytes(long))
            }
            length => (8, length),
        };
        Ok((length >= header).then_some((name, header, length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn ftyp() -> Vec<u8> {
        b"\0\0\0\x14ftypisom\0\0\0\0isom".to_vec()
    }

    #[test]
    fn files_are_known_by_how_they_begin() {
        let kind_of = |bytes: &[u8]| media_type_of(written(bytes).path()).unwrap();
        assert_eq!(kind_of(&ftyp()), Some("video/mp4"));
        assert_eq!(kind_of(b"\0\0\0\x14ftypqt  "), Some("video/quicktime"));
        assert_eq!(kind_of(b"RIFF\0\0\0\0WAVEfmt "), Some("audio/wav"));
        assert_eq!(kind_of(b"<?xml?><svg/>"), Some("image/svg+xml"));
        assert_eq!(kind_of(b"hello"), None);
        assert_eq!(kind_of(b""), None);
    }

    #[test]
    fn a_file_of_too_many_or_too_large_boxes_is_refused() {
        let mut many = ftyp();
        many.extend((0..=MOST_BOXES).flat_map(|_| *b"\0\0\0\x08udta"));
        let refused = check(written(&many).path(), "video/mp4").unwrap_err();
        assert!(refused.to_string().contains("more than 200000 boxes"));
        // As many, inside one.
        let inner = many.split_off(20);
        let mut nested = ftyp();
        nested.extend((inner.len() as u32 + 8).to_be_bytes());
        nested.extend(b"moov");
        nested.extend(inner);
        assert!(check(written(&nested).path(), "video/mp4").is_err());
        let large = written(&ftyp());
        let file = File::options().write(true).open(large.path()).unwrap();
        file.set_len(MOST_BOX + 100).unwrap();
        let mut head = ftyp();
        head.extend((MOST_BOX as u32 + 80).to_be_bytes());
        head.extend(b"uuid");
        std::os::unix::fs::FileExt::write_at(&file, &head, 0).unwrap();
        let refused = check(large.path(), "video/mp4").unwrap_err();
        assert!(refused.to_string().contains("`uuid`"), "{refused}");
        // The same length as sound and picture is no matter.
        let last = head.len() - 4;
        head[last..].copy_from_slice(b"mdat");
        std::os::unix::fs::FileExt::write_at(&file, &head, 0).unwrap();
        check(large.path(), "video/mp4").unwrap();
    }

    #[test]
    fn broken_boxes_end_the_walk() {
        for rest in [
            &b"\0\0\0\x02moov"[..],
            b"\0\0\0\x01moov",
            b"\0\0\0\0moov\0\0\0\0trak",
            b"\xff\xff\xff\xffmoov\0\0\0",
        ] {
            let mut bytes = ftyp();
            bytes.extend(rest);
            check(written(&bytes).path(), "video/mp4").unwrap();
        }
    }
}
