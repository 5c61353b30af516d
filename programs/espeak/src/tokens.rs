//! Written tokens: what the caller shows on screen and wants timed.
//!
//! A token is a maximal run of characters that are not white space. Chinese
//! and Japanese have no spaces, so there each Han character or kana is a token
//! and a run of anything else between them (a Latin word, a number) is one.

/// A written token: a half-open range of characters of the request's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) text: String,
    /// One Han character or kana (with its combining marks).
    pub(crate) ideograph: bool,
    /// Has a letter or a digit.
    pub(crate) wordlike: bool,
}

impl Token {
    /// True when nothing that can be spoken is left at and after `position`.
    pub(crate) fn silent_from(&self, position: usize) -> bool {
        let skip = position.saturating_sub(self.from);
        self.text.chars().skip(skip).all(is_silent)
    }
}

/// Splits a text into its written tokens, in order.
pub(crate) fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open = false;
    for (index, c) in text.chars().enumerate() {
        if c.is_whitespace() || is_cjk_punctuation(c) {
            open = false;
            continue;
        }
        if is_ideograph(c) {
            tokens.push(Token {
                from: index,
                to: index + 1,
                text: c.to_string(),
                ideograph: true,
                wordlike: true,
            });
            open = false;
            continue;
        }
        let mark = is_mark(c);
        match tokens.last_mut() {
            Some(last) if last.to == index && (open || (mark && last.ideograph)) => {
                last.to = index + 1;
                last.text.push(c);
                last.wordlike |= c.is_alphanumeric();
            }
            _ => {
                tokens.push(Token {
                    from: index,
                    to: index + 1,
                    text: c.to_string(),
                    ideograph: false,
                    wordlike: c.is_alphanumeric(),
                });
                open = true;
            }
        }
    }
    tokens
}

fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x2FDF
        | 0x3005..=0x3007
        | 0x3021..=0x3029
        | 0x3041..=0x3096
        | 0x309D..=0x309F
        | 0x30A1..=0x30FA
        | 0x30FC..=0x312F
        | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF
        | 0xFF66..=0xFF9D
        | 0x20000..=0x3FFFF)
}

/// Marks that belong to the character before them.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x3099..=0x309C | 0xFE00..=0xFE0F | 0xFF9E | 0xFF9F | 0xE0100..=0xE01EF)
}

fn is_cjk_punctuation(c: char) -> bool {
    matches!(u32::from(c),
        0x3000..=0x3004
        | 0x3008..=0x3020
        | 0x3030
        | 0x303D
        | 0x30A0
        | 0x30FB
        | 0xFE30..=0xFE4F
        | 0xFF01..=0xFF0F
        | 0xFF1A..=0xFF20
        | 0xFF3B..=0xFF40
        | 0xFF5B..=0xFF65)
}

/// Punctuation that espeak-ng does not speak inside a text. Symbols it does
/// speak (`&`, `%`, `+`, `/`, emoji) are not here.
fn is_silent(c: char) -> bool {
    let listed = matches!(
        c,
        '.' | ','
            | '!'
            | '?'
            | ';'
            | ':'
            | '"'
            | '\''
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '_'
            | '|'
            | '-'
            | '`'
            | '^'
            | '«'
            | '»'
            | '¡'
            | '¿'
            | '·'
            | '\u{AD}'
            | '،'
            | '؛'
            | '؟'
            | '۔'
            | '।'
            | '॥'
            | '־'
            | '׃'
            | '՝'
            | '։'
            | '።'
            | '\u{FEFF}'
    );
    let general = matches!(u32::from(c), 0x200B..=0x2027 | 0x202A..=0x202F | 0x2039..=0x2043 | 0x2045..=0x2060);
    listed || general || c.is_whitespace() || c.is_control() || is_cjk_punctuation(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        tokenize(text).into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn spaces_split_and_punctuation_stays() {
        assert_eq!(
            texts(" Hello,  “world” - x\n"),
            ["Hello,", "“world”", "-", "x"]
        );
    }

    #[test]
    fn chinese_splits_by_character_and_keeps_latin_runs() {
        assert_eq!(
            texts("你好，ABC公司3.5号。"),
            ["你", "好", "ABC", "公", "司", "3.5", "号"]
        );
        assert_eq!(texts("か\u{3099}ー、カ"), ["か\u{3099}", "ー", "カ"]);
    }

    #[test]
    fn ranges_are_in_characters() {
        let tokens = tokenize("é 😀 字");
        let ranges: Vec<_> = tokens.iter().map(|t| (t.from, t.to)).collect();
        assert_eq!(ranges, [(0, 1), (2, 3), (4, 5)]);
    }

    #[test]
    fn trailing_punctuation_is_silent() {
        let tokens = tokenize("(Hello,” 5%");
        assert!(tokens[0].silent_from(6));
        assert!(!tokens[0].silent_from(0));
        assert!(!tokens[1].silent_from(10));
    }
}
