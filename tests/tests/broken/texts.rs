//! Manifests, show files and locks whose text is broken.

use serde_json::{Value, json};
use workprint_tests::SHOW_TABLES;

use crate::bench::{Bench, LOCK, MANIFEST, SHOW};
use crate::random::Random;

/// Values as they may stand in JSON; most also in TOML.
const LITERALS: [&str; 40] = [
    "null",
    "-1",
    "0",
    "1e308",
    "1e400",
    "-1e308",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "0.5",
    "-0",
    "NaN",
    "Infinity",
    "nan",
    "inf",
    "0x10",
    "1_000",
    "01",
    "+1",
    "1.",
    ".5",
    "true",
    "[]",
    "{}",
    "[[]]",
    "\"\"",
    "\" \"",
    "\"-x\"",
    "\"../../etc/passwd\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\u202eabc\"",
    "\"\u{202e}abc\"",
    "\"\\u001b[31m\"",
    "\"a\\nb\"",
    "\"espeak:\"",
    "1979-05-27",
    "{\"word\":1,\"ms\":2}",
];

/// What may be put anywhere.
const PIECES: [&[u8]; 20] = [
    b"\0",
    b"\x1b[2J",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\r",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\u12",
    b"//",
    b"\x7f\xc2\x85\xe2\x80\xa8",
];

/// Breaks a text in one of eight ways.
fn broken(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        let to = (at + 1 + random.below(40)).min(bytes.len());
        match random.below(8) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 => drop(bytes.drain(at..to)),
            2 => bytes.truncate(at),
            3 => drop(bytes.splice(at..at, random.one(&PIECES).iter().copied())),
            4 => {
                let again = bytes[at..to].to_vec();
                drop(bytes.splice(at..at, again));
            }
            5 => {
                let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                let (one, other) = (random.below(lines.len()), random.below(lines.len()));
                if random.below(2) == 0 && !lines.is_empty() {
                    lines.swap(one, other);
                } else if let Some(line) = lines.get(one).copied() {
                    lines.insert(other, line);
                }
                bytes = lines.concat();
            }
            _ => {
                let is_end = |byte: &u8| matches!(byte, b',' | b'\n' | b'}' | b']');
                let value = bytes[at..]
                    .iter()
                    .position(|byte| matches!(byte, b':' | b'='));
                if let Some(from) = value.map(|found| at + found + 1) {
                    let length = bytes[from..].iter().position(is_end);
                    let to = length.map_or(bytes.len(), |length| from + length);
                    drop(bytes.splice(from..to, random.one(&LITERALS).bytes()));
                }
            }
        }
    }
    bytes
}

/// Puts something else in one place of a JSON value.
fn twisted(value: &Value, random: &mut Random) -> String {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(all) => all.iter().map(count).sum(),
            Value::Object(all) => all.values().map(count).sum(),
            _ => 0,
        }
    }
    fn nth<'a>(value: &'a mut Value, n: &mut usize) -> Option<&'a mut Value> {
        if *n == 0 {
            return Some(value);
        }
        *n -= 1;
        match value {
            Value::Array(all) => all.iter_mut().find_map(|one| nth(one, n)),
            Value::Object(all) => all.values_mut().find_map(|one| nth(one, n)),
            _ => None,
        }
    }
    let mut value = value.clone();
    let mut number = random.below(count(&value));
    let Some(place) = nth(&mut value, &mut number) else {
        return value.to_string();
    };
    match random.below(6) {
        0 => *place = json!([place.take()]),
        1 => *place = json!({"id": place.take()}),
        2 if place.is_object() => {
            place["\u{1b}[31mnew\u{202e}"] = 1.into();
        }
        2 | 3 if place.is_array() => {
            let all = place.as_array_mut().unwrap();
            let again = all.first().cloned().unwrap_or_default();
            all.push(again);
        }
        3 if place.is_object() => {
            let all = place.as_object_mut().unwrap();
            let keys: Vec<String> = all.keys().cloned().collect();
            if !keys.is_empty() {
                drop(all.remove(random.one(&keys).as_str()));
            }
        }
        _ => *place = "@@@".into(),
    }
    let literal = random.one::<&str>(&LITERALS);
    value.to_string().replace("\"@@@\"", literal)
}

fn try_all(bench: &Bench, file: &str, cases: impl Iterator<Item = Vec<u8>>) -> (usize, usize) {
    let whole = std::fs::read(bench.path(file)).ok();
    let (mut tried, mut refused) = (0, 0);
    for (number, text) in cases.enumerate() {
        std::fs::write(bench.path(file), &text).unwrap();
        let shown = String::from_utf8_lossy(&text[..text.len().min(20_000)]).into_owned();
        let wrong = bench.look(&format!("{file} {number}: {shown}"));
        tried += 1;
        refused += usize::from(wrong);
    }
    match whole {
        Some(whole) => std::fs::write(bench.path(file), whole).unwrap(),
        None => std::fs::remove_file(bench.path(file)).unwrap(),
    }
    bench.is_whole(file);
    (tried, refused)
}

/// A manifest with a bit of everything.
fn rich() -> Value {
    workprint_tests::Production::rich().manifest()
}

#[test]
fn manifests_with_broken_text() {
    let bench = Bench::rendered();
    let mut random = Random(1);
    let (pretty, rich) = (format!("{:#}", rich()).into_bytes(), rich());
    let cases = (0..500).map(|n| match n % 2 {
        0 => broken(&pretty, &mut random),
        _ => twisted(&rich, &mut random).into_bytes(),
    });
    let (tried, refused) = try_all(&bench, MANIFEST, cases);
    assert!(tried == 500 && refused > 350, "{refused} of {tried}");
}

#[test]
fn shows_with_broken_text() {
    let bench = Bench::rendered();
    let mut random = Random(2);
    let cast = "\n[[cast]]\nid = \"ann\"\nside = \"left\"\nvoice = { name = \"espeak:en-gb\", rate = 200 }\n\
        puppet = { file = \"media/puppets/bea.svg\", height = 48.5 }\n";
    let text = format!("{SHOW}{cast}{SHOW_TABLES}").into_bytes();
    let cases = (0..400).map(|_| broken(&text, &mut random));
    let (tried, refused) = try_all(&bench, "show.toml", cases);
    assert!(tried == 400 && refused > 200, "{refused} of {tried}");
}

#[test]
fn locks_with_broken_text() {
    let bench = Bench::rendered();
    let mut random = Random(3);
    let text = bench.production.lock();
    let lock: Value = serde_json::from_str(&text).unwrap();
    let cases = (0..250).map(|n| match n % 2 {
        0 => broken(text.as_bytes(), &mut random),
        _ => twisted(&lock, &mut random).into_bytes(),
    });
    let (tried, refused) = try_all(&bench, LOCK, cases);
    assert!(tried == 250 && refused > 120, "{refused} of {tried}");
}

/// Texts that are wrong as a whole, in every one of the three files.
#[test]
fn texts_that_are_none() {
    let bench = Bench::rendered();
    for file in [MANIFEST, "show.toml", LOCK] {
        let whole = std::fs::read_to_string(bench.path(file)).unwrap();
        let wide = |units: Vec<u8>, mark: [u8; 2]| [&mark[..], &units].concat();
        let nested = |open: &str| open.repeat(200_000).into_bytes();
        let big = "x".repeat(1 << 20);
        let cases = [
            Vec::new(),
            b" \n\t ".to_vec(),
            vec![0; 4096],
            b"\xef\xbb\xbf".to_vec(),
            wide(
                whole.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                [0xff, 0xfe],
            ),
            wide(
                whole.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                [0xfe, 0xff],
            ),
            whole.bytes().chain([0xe9]).collect(),
            nested("["),
            nested("{\"a\":"),
            nested("a.").into_iter().chain(*b"b = 1").collect(),
            format!("a = {}", "[".repeat(100_000)).into_bytes(),
            format!("{{\"format\": \"{big}\"}}").into_bytes(),
            format!("{{\"{big}\": 1}}").into_bytes(),
            format!("format = \"{big}\"").into_bytes(),
            format!("{big} = 1").into_bytes(),
            vec![b' '; 17 << 20],
            whole.repeat(2).into_bytes(),
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
            b"null".to_vec(),
            b"[]".to_vec(),
            b"{}".to_vec(),
            b"\"workprint\"".to_vec(),
        ];
        let count = cases.len();
        let (tried, refused) = try_all(&bench, file, cases.into_iter());
        assert_eq!((tried, refused), (count, count), "{file}");
    }
}

/// Other ways to write the same are not wrong.
#[test]
fn other_line_ends_and_a_byte_order_mark_are_fine() {
    let bench = Bench::rendered();
    for file in [MANIFEST, "show.toml", LOCK] {
        let whole = std::fs::read_to_string(bench.path(file)).unwrap();
        for text in [whole.replace('\n', "\r\n"), format!("\u{feff}{whole}")] {
            bench.production.write(file, &text);
            assert!(!bench.look(file), "{file}");
        }
        bench.production.write(file, &whole);
    }
}
