//! From a requested language or voice name to one installed voice.
//!
//! `espeak_SetVoiceByName("en-gb")` fails, because `en-gb` is a language and
//! not a name, and `en-us+nosuch` silently drops the variant. So the choice is
//! made here, from the library's own list, and only identifiers that the
//! library listed are ever passed back to it (a path never is).

use crate::error::Failure;
use crate::library::Voice;

/// Mandarin requests go here: the plain `cmn` voice of 1.51 reads Han
/// characters as pinyin spelled by the rules of English.
const MANDARIN: &str = "cmn-latn-pinyin";
/// Identifier prefix of variants.
const VARIANT_PREFIX: &str = "!v/";

/// Finds the identifier to load (`gmw/en+f3`) for a request such as `en-gb+f3`.
pub(crate) fn resolve(
    requested: &str,
    voices: &[Voice],
    variants: &[Voice],
) -> Result<String, Failure> {
    let (base, variant) = match requested.split_once('+') {
        Some((base, variant)) => (base, Some(variant)),
        None => (requested, None),
    };
    let base = mandarin(base);
    let voice = by_name(base, voices).or_else(|| by_language(base, voices));
    let voice = voice.ok_or_else(|| Failure::VoiceUnknown {
        message: format!("no voice for {requested:?} is installed"),
        hint: "run `workprint-espeak voices` for the languages and names".to_owned(),
    })?;
    match variant {
        None => Ok(voice.id.clone()),
        Some(name) => Ok(format!(
            "{}+{}",
            voice.id,
            by_variant(requested, name, variants)?
        )),
    }
}

fn mandarin(base: &str) -> &str {
    let lower = base.to_lowercase();
    let plain = matches!(
        lower.as_str(),
        "zh" | "cmn" | "zh-cmn" | "zh-cn" | "zh-sg" | "zh-tw"
    );
    if plain || lower.starts_with("zh-hans") || lower.starts_with("zh-hant") {
        MANDARIN
    } else {
        base
    }
}

fn by_name<'a>(name: &str, voices: &'a [Voice]) -> Option<&'a Voice> {
    voices
        .iter()
        .find(|v| v.id.eq_ignore_ascii_case(name) || v.name.eq_ignore_ascii_case(name))
}

/// The preferred voice of a language, dropping trailing subtags until one fits.
fn by_language<'a>(tag: &str, voices: &'a [Voice]) -> Option<&'a Voice> {
    let mut tag = tag.replace('_', "-").to_lowercase();
    if tag.starts_with(MANDARIN) {
        // Where that voice is absent, any Mandarin voice is better than none.
        if let Some(voice) = preferred(&tag, voices) {
            return Some(voice);
        }
        "cmn".clone_into(&mut tag);
    }
    while !tag.is_empty() {
        if let Some(voice) = preferred(&tag, voices) {
            return Some(voice);
        }
        match tag.rfind('-') {
            Some(cut) => tag.truncate(cut),
            None => break,
        }
    }
    None
}

fn preferred<'a>(tag: &str, voices: &'a [Voice]) -> Option<&'a Voice> {
    voices
        .iter()
        .filter_map(|voice| {
            let priority = voice
                .languages
                .iter()
                .filter(|(_, language)| language.eq_ignore_ascii_case(tag))
                .map(|(priority, _)| *priority)
                .min()?;
            Some((priority, voice.id.as_str(), voice))
        })
        .min_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)))
        .map(|(_, _, voice)| voice)
}

fn by_variant(requested: &str, name: &str, variants: &[Voice]) -> Result<String, Failure> {
    let names = || {
        variants
            .iter()
            .filter_map(|v| v.id.strip_prefix(VARIANT_PREFIX))
    };
    let found = names()
        .find(|known| *known == name)
        .or_else(|| names().find(|known| known.eq_ignore_ascii_case(name)));
    found.map(str::to_owned).ok_or_else(|| {
        let mut list: Vec<&str> = names().collect();
        list.sort_unstable();
        Failure::VoiceUnknown {
            message: format!("the variant {name:?} of {requested:?} is not installed"),
            hint: format!("variants here: {}", list.join(", ")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(id: &str, name: &str, languages: &[(u8, &str)]) -> Voice {
        Voice {
            id: id.to_owned(),
            name: name.to_owned(),
            languages: languages
                .iter()
                .map(|(p, l)| (*p, (*l).to_owned()))
                .collect(),
            gender: "male",
        }
    }

    fn chosen(requested: &str) -> Option<String> {
        let voices = [
            voice("gmw/en-US", "English (America)", &[(2, "en-us"), (3, "en")]),
            voice(
                "gmw/en",
                "English (Great Britain)",
                &[(2, "en-gb"), (2, "en")],
            ),
            voice("sit/cmn", "Chinese", &[(5, "cmn"), (5, "zh")]),
            voice(
                "sit/cmn-Latn-pinyin",
                "Pinyin",
                &[(5, "cmn-latn-pinyin"), (5, "zh")],
            ),
        ];
        let variants = [voice("!v/f3", "female3", &[(5, "variant")])];
        resolve(requested, &voices, &variants).ok()
    }

    #[test]
    fn languages_names_and_variants() {
        assert_eq!(chosen("en").as_deref(), Some("gmw/en"));
        assert_eq!(chosen("en-GB+f3").as_deref(), Some("gmw/en+f3"));
        assert_eq!(chosen("en-au").as_deref(), Some("gmw/en"));
        assert_eq!(chosen("english (america)").as_deref(), Some("gmw/en-US"));
        assert_eq!(chosen("zh").as_deref(), Some("sit/cmn-Latn-pinyin"));
    }

    #[test]
    fn what_is_not_listed_is_refused() {
        for bad in [
            "xx",
            "",
            "+f3",
            "en+nosuch",
            "en+../../f3",
            "../../etc/passwd",
            "en+",
        ] {
            assert_eq!(chosen(bad), None, "{bad}");
        }
    }
}
