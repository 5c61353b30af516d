//! ElevenLabs' voices: one's own, `GET /v2/voices`, and those that its customers share, `GET /v1/shared-voices`.

use serde_json::Value;

use super::elevenlabs::voice_problem;
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::stock::query;
use crate::voices::{Voice, Wanted, heard_at, told};

/// The most that it gives at once.
const PAGE: u32 = 100;
/// The most languages that are told of a voice.
const MOST_LANGUAGES: usize = 40;

/// Asks for them, from `after` on.
pub(super) fn ask(wanted: &Wanted, after: Option<&str>) -> Request {
    let mut pairs = vec![("page_size", wanted.count.clamp(1, PAGE).to_string())];
    let mut add = |name, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            pairs.push((name, value.to_owned()));
        }
    };
    add("search", Some(&wanted.words));
    add("language", wanted.language.as_deref());
    add("gender", wanted.gender.as_deref());
    add("accent", wanted.accent.as_deref());
    let path = if wanted.shared {
        add("page", after);
        "v1/shared-voices"
    } else {
        add("next_page_token", after);
        "v2/voices"
    };
    Request::get(format!("{path}?{}", query(&pairs)))
}

/// What it tells, and where it goes on.
pub(super) fn read(
    wanted: &Wanted,
    after: Option<&str>,
    reply: &Reply,
) -> Result<(Vec<Voice>, Option<String>), CallError> {
    let body = reply.json()?;
    let all = body["voices"].as_array();
    let all = all.ok_or_else(|| reply.unexpected("`voices`"))?.iter();
    let voices = all.filter_map(|one| if wanted.shared { shared(one) } else { own(one) });
    let next = if wanted.shared {
        let page: u32 = after.and_then(|page| page.parse().ok()).unwrap_or(0);
        Some((page + 1).to_string())
    } else {
        body["next_page_token"].as_str().map(str::to_owned)
    };
    let more = body["has_more"].as_bool().unwrap_or(false);
    Ok((voices.collect(), next.filter(|_| more)))
}

/// One of one's own: what is told of it stands in labels.
fn own(one: &Value) -> Option<Voice> {
    let labels = &one["labels"];
    let verified = one["verified_languages"].as_array().into_iter().flatten();
    let verified = verified.filter_map(|own| own["language"].as_str());
    let spoken = labels["language"].as_str().into_iter().chain(verified);
    voice(one, labels, spoken)
}

/// One that somebody shares.
fn shared(one: &Value) -> Option<Voice> {
    let owner = told(one["public_owner_id"].as_str())?;
    let spoken = one["language"].as_str().into_iter();
    let mut voice = voice(one, one, spoken.chain(one["locale"].as_str()))?;
    voice.owner = Some(owner);
    let paid = one["free_users_allowed"] == false;
    let days = one["notice_period"].as_u64().filter(|days| *days > 0);
    let terms = [
        paid.then(|| "for paying customers".to_owned()),
        days.map(|days| format!("may be withdrawn {days} days after notice")),
    ];
    let terms: Vec<String> = terms.into_iter().flatten().collect();
    voice.licence = Some(terms.join("; ")).filter(|terms| !terms.is_empty());
    Some(voice)
}

fn voice<'a>(one: &Value, labels: &Value, spoken: impl Iterator<Item = &'a str>) -> Option<Voice> {
    let id = one["voice_id"].as_str()?;
    if voice_problem(id).is_some() {
        return None;
    }
    let mut languages: Vec<String> = Vec::new();
    for language in spoken
        .filter_map(|tag| told(Some(tag)))
        .take(MOST_LANGUAGES)
    {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    let text = |name: &str| told(labels[name].as_str());
    let parts = [
        told(one["description"].as_str()),
        text("descriptive"),
        text("use_case"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(Voice {
        name: told(one["name"].as_str()).unwrap_or_default(),
        languages,
        gender: text("gender"),
        accent: text("accent"),
        age: text("age"),
        description: parts.join(", "),
        preview: heard_at(one["preview_url"].as_str()),
        ..Voice::named(id)?
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::Target;
    use crate::vendors::speech_cases::reply;

    fn wanted(shared: bool) -> Wanted {
        Wanted {
            words: "calm & low".to_owned(),
            language: Some("en".to_owned()),
            count: 250,
            shared,
            ..Wanted::default()
        }
    }

    #[test]
    fn voices_are_asked_for_as_documented() {
        let path = |request: Request| request.target;
        let of = |text: &str| Target::Path(text.to_owned());
        let asked = path(ask(&wanted(false), Some("t/1")));
        assert_eq!(
            asked,
            of("v2/voices?page_size=100&search=calm+%26+low&language=en&next_page_token=t%2F1")
        );
        let asked = path(ask(&wanted(true), None));
        assert_eq!(
            asked,
            of("v1/shared-voices?page_size=100&search=calm+%26+low&language=en")
        );
    }

    #[test]
    fn what_is_told_is_believed_only_where_it_can_be() {
        let good = json!({
            "voice_id": "21m00Tcm4TlvDq8ikWAM", "name": "Rach\u{1b}[31mel\u{202e}", "description": null,
            "labels": {"accent": "american", "gender": "female", "use_case": "narration", "language": "en"},
            "verified_languages": [{"language": "en"}, {"language": "de"}, {"language": 7}],
            "preview_url": "javascript:alert(1)",
        });
        let sly = json!({"voice_id": "../v1/music", "name": "Bob"});
        let body = json!({"voices": [good, sly, 7], "has_more": true, "next_page_token": "t2"});
        let (voices, next) = read(&wanted(false), None, &reply(&body.to_string())).unwrap();
        assert_eq!((voices.len(), next.as_deref()), (1, Some("t2")));
        let rachel = &voices[0];
        assert_eq!(rachel.name, "Rach [31mel");
        assert_eq!(rachel.languages, ["en", "de"]);
        assert_eq!(
            (rachel.preview.as_deref(), rachel.owner.as_deref()),
            (None, None)
        );
        assert_eq!(rachel.description, "narration");
        assert!(read(&wanted(false), None, &reply("{}")).is_err());
        assert!(read(&wanted(false), None, &reply("<html>")).is_err());
    }

    #[test]
    fn a_shared_voice_says_whose_it_is_and_on_which_terms() {
        let one = json!({
            "public_owner_id": "9f", "voice_id": "abc", "name": "Ann", "language": "en", "locale": "en-GB",
            "gender": "female", "free_users_allowed": false, "notice_period": 90,
            "preview_url": "https://example.org/a.mp3",
        });
        let body = json!({"voices": [one], "has_more": true});
        let (voices, next) = read(&wanted(true), Some("3"), &reply(&body.to_string())).unwrap();
        assert_eq!(next.as_deref(), Some("4"));
        let ann = &voices[0];
        assert_eq!((ann.owner.as_deref(), ann.languages.len()), (Some("9f"), 2));
        assert_eq!(
            ann.licence.as_deref(),
            Some("for paying customers; may be withdrawn 90 days after notice")
        );
        assert_eq!(ann.preview.as_deref(), Some("https://example.org/a.mp3"));
    }
}
