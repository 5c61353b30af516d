//! How a text is put to espeak so that it reads it as people do.
//!
//! espeak says a currency before its number, as it is written, and reads most years as numbers. Where
//! people differ among themselves there are several forms, and the voice decides.

/// A text as it is put to espeak, and where each of its characters comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spoken {
    pub(super) text: String,
    /// For every character its place in the written text.
    places: Vec<usize>,
}

impl Spoken {
    /// The written characters that `from..to` come from: from, and up to.
    pub(super) fn written(&self, from: usize, to: usize) -> (usize, usize) {
        let places = self.places.get(from..to).unwrap_or_default();
        let first = places.iter().min().copied().unwrap_or_default();
        let last = places.iter().max().map_or(first, |last| last + 1);
        (first, last)
    }
}

/// The forms in which a text may be read aloud in a language, the likeliest first; one, mostly.
pub(super) fn forms(text: &str, language: &str) -> Vec<Spoken> {
    if !language.starts_with("en") {
        return vec![form(
            text,
            Habits {
                english: false,
                years: false,
            },
        )];
    }
    let usual = form(
        text,
        Habits {
            english: true,
            years: false,
        },
    );
    let years = form(
        text,
        Habits {
            english: true,
            years: true,
        },
    );
    if years == usual {
        vec![usual]
    } else {
        vec![years, usual]
    }
}

/// How numbers are read.
#[derive(Debug, Clone, Copy)]
struct Habits {
    /// Currencies have English names.
    english: bool,
    /// Years are read in pairs of digits.
    years: bool,
}

fn form(text: &str, habits: Habits) -> Spoken {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Spoken {
        text: String::with_capacity(text.len()),
        places: Vec::with_capacity(chars.len()),
    };
    let mut at = 0;
    while at < chars.len() {
        let taken = currency(&chars, at, habits, &mut out).or_else(|| {
            if habits.years {
                year(&chars, at, &mut out)
            } else {
                None
            }
        });
        at += taken.unwrap_or_else(|| {
            out.push(chars[at], at);
            1
        });
    }
    out
}

impl Spoken {
    fn push(&mut self, c: char, place: usize) {
        self.text.push(c);
        self.places.push(place);
    }
}

/// `$2,400` as `2,400$`, in English as `2,400 dollars`.
fn currency(chars: &[char], at: usize, habits: Habits, out: &mut Spoken) -> Option<usize> {
    let rest = chars.get(at + 1..)?;
    let (one, many) = match chars.get(at)? {
        '$' => (" dollar", " dollars"),
        '€' => (" euro", " euros"),
        '£' => (" pound", " pounds"),
        '¥' => (" yen", " yen"),
        '₹' => (" rupee", " rupees"),
        '₽' | '₩' if !habits.english => ("", ""),
        _ => return None,
    };
    let run = rest
        .iter()
        .take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '.'));
    let digits = rest[..run.count()].iter().rposition(char::is_ascii_digit)? + 1;
    let scale = rest.get(digits..).map_or(0, scale);
    for (n, c) in rest[..digits + scale].iter().enumerate() {
        out.push(*c, at + 1 + n);
    }
    // The word that the sign follows is heard together with it.
    let place = at + digits + scale;
    if habits.english {
        let name = if rest[..digits + scale] == ['1'] {
            one
        } else {
            many
        };
        name.chars().for_each(|c| out.push(c, place));
    } else {
        out.push(chars[at], place);
    }
    Some(1 + digits + scale)
}

/// How many characters of ` million` and the like follow.
fn scale(rest: &[char]) -> usize {
    let word = |word: &&str| {
        let mut letters = rest.iter().skip(1);
        rest.first() == Some(&' ')
            && word.chars().all(|c| letters.next() == Some(&c))
            && !letters.next().is_some_and(|c| c.is_alphanumeric())
    };
    let words = ["thousand", "million", "billion", "trillion"];
    words
        .iter()
        .find(|found| word(found))
        .map_or(0, |found| found.len() + 1)
}

/// `1848` as `18 48`, `1905` as `19 o 5`, `1900` as `19 hundred`.
fn year(chars: &[char], at: usize, out: &mut Spoken) -> Option<usize> {
    let inside = |c: &char| {
        c.is_alphanumeric() || matches!(c, ',' | '.' | '\'' | ':' | '/' | '-' | '$' | '%')
    };
    let digits: Vec<u32> = chars
        .get(at..at + 4)?
        .iter()
        .map(|c| c.to_digit(10))
        .collect::<Option<_>>()?;
    if at > 0 && inside(&chars[at - 1]) {
        return None;
    }
    // A full stop or comma closes the sentence; with a digit behind it, it does not.
    let after = chars.get(at + 4);
    let mark = after.is_some_and(|c| matches!(c, ',' | '.' | ':' | '\'' | '/' | '-'));
    let beyond = chars.get(at + 5).filter(|_| mark);
    if beyond.is_some_and(char::is_ascii_alphanumeric)
        || after.is_some_and(|c| c.is_alphanumeric() || *c == '%')
    {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| number * 10 + digit);
    if !matches!(number, 1100..=1999 | 2010..=2099) {
        return None;
    }
    let (first, second) = (&chars[at..at + 2], &chars[at + 2..at + 4]);
    out.push(first[0], at);
    out.push(first[1], at + 1);
    let tail: String = match second {
        ['0', '0'] => " hundred".to_owned(),
        ['0', digit] => format!(" o {digit}"),
        digits => format!(" {}", digits.iter().collect::<String>()),
    };
    for c in tail.chars() {
        out.push(c, at + 3);
    }
    Some(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, language: &str) -> Vec<String> {
        forms(text, language)
            .into_iter()
            .map(|form| form.text)
            .collect()
    }

    #[test]
    fn currencies_are_said_behind_their_numbers() {
        assert_eq!(texts("paid $2,400.", "en-us"), ["paid 2,400 dollars."]);
        assert_eq!(texts("zahlt €3,50 heute", "de"), ["zahlt 3,50€ heute"]);
        assert_eq!(
            texts("$5 million, £1, $ 5, A$", "en"),
            ["5 million dollars, 1 pound, $ 5, A$"]
        );
    }

    #[test]
    fn years_have_two_forms() {
        assert_eq!(
            texts("In 1848, gold", "en-gb"),
            ["In 18 48, gold", "In 1848, gold"]
        );
        assert_eq!(
            texts("1905 1900 2024", "en"),
            ["19 o 5 19 hundred 20 24", "1905 1900 2024"]
        );
        for none in [
            "1,848 and 1848.5",
            "3000 2005",
            "No. 11848",
            "1848%",
            "x1848",
        ] {
            assert_eq!(texts(none, "en").len(), 1, "{none}");
        }
        assert_eq!(texts("En 1848", "fr").len(), 1);
    }

    #[test]
    fn places_lead_back() {
        let form = &forms("In 1848, $20 more", "en")[0];
        assert_eq!(form.text, "In 18 48, 20 dollars more");
        assert_eq!(form.written(0, 2), (0, 2));
        assert_eq!(form.written(3, 5), (3, 5));
        assert_eq!(form.written(6, 9), (6, 8));
        // Of `$20` the digits are said first.
        assert_eq!(form.written(10, 13), (10, 12));
        assert_eq!(form.written(21, 25), (13, 17));
    }
}
