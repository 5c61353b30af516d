//! Small words that lines do not part from what they belong to.

use workprint_model::Language;

/// What a language's small words belong to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phrases {
    /// They belong to the word after them: articles, possessives, prepositions, auxiliaries, titles.
    leans: &'static [&'static str],
    /// They belong to the word before them: postpositions, particles.
    trails: &'static [&'static str],
    /// A new thought begins with them: conjunctions and prepositions that a line may begin with.
    joins: &'static [&'static str],
}

impl Phrases {
    /// Those of a language; of one that is not known, none.
    pub(super) fn of(language: &Language) -> Self {
        match language.primary().as_str() {
            "en" => Self::EN,
            "es" => Self::ES,
            "pt" => Self::PT,
            "fr" => Self::FR,
            "it" => Self::IT,
            "de" => Self::DE,
            "hi" => Self::HI,
            "ja" => Self::JA,
            _ => Self::NONE,
        }
    }

    /// Whether `left` is not parted from what follows, or `right` from what is before it.
    pub(super) fn bind(self, left: &str, right: &str) -> bool {
        has(self.leans, left) || has(self.trails, right)
    }

    /// Whether a line may well begin with `right`.
    pub(super) fn begins(self, right: &str) -> bool {
        has(self.joins, right)
    }

    const NONE: Self = Self {
        leans: &[],
        trails: &[],
        joins: &[],
    };

    const EN: Self = Self {
        leans: &[
            "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "these",
            "those", "of", "to", "in", "on", "at", "by", "for", "with", "from", "into", "as",
            "about", "and", "or", "but", "if", "because", "i", "you", "he", "she", "we", "they",
            "is", "are", "was", "were", "am", "be", "been", "has", "have", "had", "do", "does",
            "did", "will", "would", "can", "could", "shall", "should", "may", "might", "must",
            "not", "no", "very", "so", "too", "mr", "mrs", "ms", "dr", "prof", "st", "it", "every",
            "each", "some", "any", "who", "which", "that",
        ],
        trails: &[],
        joins: &[
            "and", "but", "or", "because", "when", "while", "that", "which", "who", "if", "so",
            "for", "with", "than", "as", "until", "before", "after", "where", "of", "in", "on",
            "at", "from", "to", "into", "by", "like", "then",
        ],
    };
    const ES: Self = Self {
        leans: &[
            "el", "la", "los", "las", "un", "una", "unos", "unas", "mi", "tu", "su", "mis", "tus",
            "sus", "de", "del", "a", "al", "en", "con", "por", "para", "sin", "y", "e", "o", "que",
            "se", "me", "te", "lo", "le", "nos", "les", "no", "es", "ha", "he", "han", "muy",
            "más", "sr", "sra", "dr", "dra", "si",
        ],
        trails: &[],
        joins: &[
            "y", "e", "o", "pero", "porque", "cuando", "mientras", "que", "si", "con", "para",
            "por", "en", "de", "del", "donde", "como", "hasta", "sin", "así",
        ],
    };
    const PT: Self = Self {
        leans: &[
            "o", "a", "os", "as", "um", "uma", "de", "do", "da", "dos", "das", "em", "no", "na",
            "por", "para", "com", "e", "ou", "que", "se", "me", "te", "lhe", "não", "é", "meu",
            "minha", "seu", "sua", "muito",
        ],
        trails: &[],
        joins: &[
            "e", "ou", "mas", "porque", "quando", "enquanto", "que", "se", "com", "para", "por",
            "em", "de", "até",
        ],
    };
    const FR: Self = Self {
        leans: &[
            "le", "la", "les", "un", "une", "des", "du", "de", "à", "au", "aux", "en", "dans",
            "par", "pour", "sur", "avec", "et", "ou", "que", "qui", "je", "tu", "il", "elle",
            "nous", "vous", "ils", "elles", "on", "ne", "se", "me", "te", "mon", "ma", "mes",
            "ton", "son", "sa", "ses", "est", "a", "ont", "très", "m", "mme",
        ],
        trails: &["?", "!", ";", ":", "»"],
        joins: &[
            "et", "ou", "mais", "car", "parce", "quand", "pendant", "que", "qui", "si", "avec",
            "pour", "par", "dans", "de", "où", "puis",
        ],
    };
    const IT: Self = Self {
        leans: &[
            "il", "lo", "la", "i", "gli", "le", "un", "uno", "una", "di", "del", "della", "a",
            "al", "da", "in", "nel", "con", "su", "per", "e", "o", "che", "si", "mi", "ti", "non",
            "è", "ha", "ho", "molto", "mio", "mia",
        ],
        trails: &[],
        joins: &[
            "e", "o", "ma", "perché", "quando", "mentre", "che", "se", "con", "per", "di", "dove",
            "come", "fino",
        ],
    };
    const DE: Self = Self {
        leans: &[
            "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer",
            "mein", "dein", "sein", "ihr", "unser", "von", "vom", "zu", "zum", "zur", "in", "im",
            "an", "am", "auf", "mit", "bei", "für", "und", "oder", "ich", "du", "er", "sie", "es",
            "wir", "ist", "sind", "war", "hat", "haben", "nicht", "sehr", "herr", "frau", "dr",
        ],
        trails: &[],
        joins: &[
            "und", "oder", "aber", "denn", "weil", "wenn", "während", "dass", "ob", "mit", "für",
            "von", "wo", "wie", "bis",
        ],
    };
    const HI: Self = Self {
        leans: &[
            "एक",
            "यह",
            "वह",
            "इस",
            "उस",
            "और",
            "बहुत",
            "हर",
            "मेरा",
            "मेरी",
            "न",
            "नहीं",
        ],
        trails: &[
            "का",
            "के",
            "की",
            "को",
            "से",
            "में",
            "पर",
            "ने",
            "तक",
            "है",
            "हैं",
            "था",
            "थे",
            "थी",
            "हूँ",
            "हो",
            "ही",
            "भी",
            "तो",
            "लिए",
            "रहा",
            "रही",
            "रहे",
            "गया",
            "गई",
            "गए",
        ],
        joins: &["और", "लेकिन", "क्योंकि", "जब", "कि", "अगर", "फिर", "या"],
    };
    const JA: Self = Self {
        leans: &["この", "その", "あの", "とても", "一"],
        trails: &[
            "は",
            "が",
            "を",
            "に",
            "で",
            "と",
            "も",
            "の",
            "へ",
            "や",
            "か",
            "ね",
            "よ",
            "から",
            "まで",
            "です",
            "ます",
            "た",
            "て",
            "だ",
            "な",
            "けど",
            "ました",
            "でした",
            "ない",
            "という",
            "さ",
            "し",
            "いる",
            "いた",
            "って",
        ],
        joins: &["そして", "でも", "だから", "それから"],
    };
}

fn has(words: &[&str], text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric() && !is_mark(c));
    let word = if bare.is_empty() { text } else { bare };
    words.contains(&word) || words.contains(&word.to_lowercase().as_str())
}

/// Vowel signs are no letters, but belong to the word.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binds(language: &str, left: &str, right: &str) -> bool {
        Phrases::of(&language.parse().unwrap()).bind(left, right)
    }

    #[test]
    fn small_words_stay_with_their_own() {
        assert!(binds("en-GB", "The", "lamp"));
        assert!(binds("en", "Dr.", "Who"));
        assert!(!binds("en", "lamp", "shone"));
        assert!(binds("de", "die", "Lampe") && !binds("en", "die", "Lampe"));
        assert!(binds("hi", "दुनिया", "के") && binds("hi", "सूरज", "में"));
        assert!(binds("ja", "灯台", "は"));
        assert!(!binds("xx", "a", "b"));
    }
}
