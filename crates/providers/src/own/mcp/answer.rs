//! What a tool made, in its answer or where that says.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Url;
use serde_json::Value;

use super::message::brief;
use crate::error::CallError;
use crate::order::data_url;

/// The shortest text that is taken for a file in base64 rather than for a path.
const SHORTEST: usize = 64;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Where it lies, as the tool says it.
    File(PathBuf),
    /// Its address.
    Url(String),
    /// A resource of the server.
    Resource(String),
}

/// What a tool says that it failed; nothing where it did not.
pub(super) fn failure(answer: &Value) -> Option<String> {
    (answer["isError"] == true).then(|| match text(answer) {
        Some(text) => brief(&text),
        None => "no reason is given".to_owned(),
    })
}

/// What a server wants to be told before it goes on, which nobody tells it.
pub(super) fn question(answer: &Value) -> Option<String> {
    let kind = answer["resultType"].as_str().unwrap_or("complete");
    if kind == "complete" {
        return None;
    }
    let all = answer["inputRequests"].as_object().into_iter().flatten();
    let all = all.map(|(_, asked)| {
        let what = asked["params"]["message"].as_str();
        brief(what.or(asked["method"].as_str()).unwrap_or(kind))
    });
    let all: Vec<String> = all.take(5).collect();
    let none = all.is_empty().then(|| brief(kind));
    Some(all.into_iter().chain(none).collect::<Vec<_>>().join("; "))
}

/// What the texts of an answer say.
pub(super) fn text(answer: &Value) -> Option<String> {
    let all = blocks(answer).filter_map(|block| block["text"].as_str());
    let all: Vec<&str> = all.take(100).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

fn blocks(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["content"].as_array().into_iter().flatten()
}

/// What stands at a place of the answer: of its structure, else of its text as JSON, else the text itself.
pub(super) fn at(answer: &Value, pointer: &str) -> Result<Made, CallError> {
    let text = text(answer).unwrap_or_default();
    let structure = match &answer["structuredContent"] {
        Value::Null => serde_json::from_str(&text).unwrap_or(Value::from(text.trim())),
        structure => structure.clone(),
    };
    match structure.pointer(pointer) {
        Some(Value::String(named)) => Ok(named_by(named)),
        found => {
            let what = match found {
                Some(_) => "no text stands",
                None => "nothing stands",
            };
            let all: String = brief(&structure.to_string()).chars().take(200).collect();
            Err(CallError::Server {
                text: format!("{what} at `{pointer}` of what the tool answered: `{all}`"),
                hint: "correct `result` in show.toml",
                certain: true,
            })
        }
    }
}

/// What a text names: bytes, an address or a path.
fn named_by(text: &str) -> Made {
    if let Some(bytes) = data_url(text) {
        return Made::Bytes(bytes);
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Made::Url(text.to_owned()),
        Ok(url) if url.scheme() == "file" => match url.to_file_path() {
            Ok(path) => Made::File(path),
            Err(()) => Made::File(PathBuf::from(url.path())),
        },
        // A drive's letter is no scheme, and a path is no address.
        Ok(url) if url.scheme().len() > 1 && text.contains("://") => {
            Made::Resource(text.to_owned())
        }
        _ => match BASE64.decode(text.trim()) {
            Ok(bytes) if text.len() >= SHORTEST && !text.starts_with('/') => Made::Bytes(bytes),
            _ => Made::File(PathBuf::from(text)),
        },
    }
}

/// What stands in the answer itself and is what is wanted, by how it begins.
pub(super) fn enclosed(answer: &Value, is_fit: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let encoded = blocks(answer).filter_map(|block| match block["type"].as_str()? {
        "image" | "audio" => block["data"].as_str(),
        "resource" => block["resource"]["blob"].as_str(),
        _ => None,
    });
    let decoded = encoded.filter_map(|data| BASE64.decode(data.trim()).ok());
    decoded.filter(|bytes| is_fit(bytes)).collect()
}

/// What the answer leads to and is of a kind, such as `image/`, as far as it tells.
pub(super) fn linked(answer: &Value, kind: &str) -> Vec<Made> {
    let links = blocks(answer).filter(|block| block["type"] == "resource_link");
    let fit = links.filter(|link| match link["mimeType"].as_str() {
        Some(told) => told.starts_with(kind) || told == "image/gif",
        None => true,
    });
    fit.filter_map(|link| Some(named_by(link["uri"].as_str()?)))
        .collect()
}

/// What a resource holds.
pub(super) fn contents(resource: &Value) -> Option<Vec<u8>> {
    let all = resource["contents"].as_array()?;
    let blob = all.iter().find_map(|one| one["blob"].as_str())?;
    BASE64.decode(blob.trim()).ok()
}

/// The file that a tool names, where it lies in one of these folders: nothing else of the machine is taken.
pub(super) fn accept(named: &Path, folders: &[PathBuf]) -> Result<PathBuf, CallError> {
    let refused = |why: &str| CallError::Server {
        text: format!(
            "the tool names the file `{}`, which {why}",
            brief(&named.to_string_lossy())
        ),
        hint: "have it write to `{out}`, or name the folder that it writes to: `folder`",
        certain: true,
    };
    let found = folders
        .iter()
        .find_map(|folder| folder.join(named).canonicalize().ok());
    let found = found.ok_or_else(|| refused("is not there"))?;
    // Both without links, so that none leads out.
    let inside = folders
        .iter()
        .filter_map(|folder| folder.canonicalize().ok())
        .any(|folder| found.starts_with(folder));
    if !inside {
        return Err(refused("lies outside of the folders that it may write to"));
    }
    if !found.is_file() {
        return Err(refused("is no file"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn results_stand_where_they_are_said_to() {
        let structured = json!({"structuredContent": {"images": [{"path": "a.png"}], "n": 1}});
        let file = |path: &str| Ok(Made::File(path.into()));
        let found = |answer: &Value, pointer: &str| at(answer, pointer).map_err(|e| e.to_string());
        assert_eq!(found(&structured, "/images/0/path"), file("a.png"));
        let text = |text: &str| json!({"content": [{"type": "text", "text": text}]});
        assert_eq!(
            found(&text("{\"path\": \"b.png\"}"), "/path"),
            file("b.png")
        );
        assert_eq!(found(&text(" /tmp/c d.png\n"), ""), file("/tmp/c d.png"));
        for (pointer, wanted) in [("/n", "no text"), ("/none", "nothing"), ("", "no text")] {
            let told = found(&structured, pointer).unwrap_err();
            assert!(told.contains(wanted) && told.contains("a.png"), "{told}");
        }
    }

    #[test]
    fn a_text_names_bytes_an_address_or_a_path() {
        let long = BASE64.encode([7; 60]);
        for (text, wanted) in [
            ("data:image/png;base64,AQI=", Made::Bytes(vec![1, 2])),
            (&long, Made::Bytes(vec![7; 60])),
            ("http://127.0.0.1/a", Made::Url("http://127.0.0.1/a".into())),
            ("file:///a%20b.png", Made::File("/a b.png".into())),
            ("blend://r/1", Made::Resource("blend://r/1".into())),
            ("C:\\a.png", Made::File("C:\\a.png".into())),
            ("out/a.png", Made::File("out/a.png".into())),
            ("AQI=", Made::File("AQI=".into())),
        ] {
            assert_eq!(named_by(text), wanted, "{text}");
        }
    }

    #[test]
    fn contents_are_taken_by_what_they_are() {
        let png = BASE64.encode(b"\x89PNG");
        let answer = json!({"content": [
            {"type": "text", "text": "done"},
            {"type": "image", "data": "!"},
            {"type": "image", "data": png, "mimeType": "image/jpeg"},
            {"type": "resource", "resource": {"uri": "x:/a", "blob": "AQI="}},
            {"type": "resource_link", "uri": "http://h/a.mp4", "mimeType": "video/mp4"},
            {"type": "resource_link", "uri": "http://h/a.gif", "mimeType": "image/gif"},
            {"type": "resource_link", "uri": "http://h/b"},
        ]});
        let fits = |bytes: &[u8]| bytes.starts_with(b"\x89PNG");
        assert_eq!(enclosed(&answer, fits), [b"\x89PNG"]);
        let url = |url: &str| Made::Url(url.to_owned());
        let videos = [
            url("http://h/a.mp4"),
            url("http://h/a.gif"),
            url("http://h/b"),
        ];
        assert_eq!(linked(&answer, "video/"), videos);
        assert_eq!(linked(&answer, "image/"), videos[1..]);
        let held = json!({"contents": [{"uri": "x", "text": "a"}, {"uri": "x", "blob": "AQI="}]});
        assert_eq!(contents(&held), Some(vec![1, 2]));
    }

    #[test]
    fn failures_and_questions_are_heard() {
        let failed = json!({"isError": true, "content": [{"type": "text", "text": "no\nlamp"}]});
        assert_eq!(failure(&failed).as_deref(), Some("no lamp"));
        assert_eq!(failure(&json!({"isError": false})), None);
        let asks = json!({"resultType": "input_required", "inputRequests": {"a": {
            "method": "elicitation/create", "params": {"message": "May I spend?"}}}});
        assert_eq!(question(&asks).as_deref(), Some("May I spend?"));
        assert_eq!(
            question(&json!({"resultType": "task"})).as_deref(),
            Some("task")
        );
        assert_eq!(question(&json!({})), None);
    }

    #[test]
    fn files_are_taken_from_their_folders_alone() {
        let all = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let path = all.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        let (own, made, other) = (folder("own/made"), folder("named"), folder("other"));
        for file in [made.join("b.png"), own.join("a.png"), other.join("c.png")] {
            std::fs::write(file, "x").unwrap();
        }
        std::os::unix::fs::symlink(other.join("c.png"), own.join("link.png")).unwrap();
        let folders = [own.clone(), made.clone()];
        let accepted = |named: &Path| accept(named, &folders).map_err(|e| e.to_string());
        let whole = |path: PathBuf| Ok(path.canonicalize().unwrap());
        assert_eq!(accepted(Path::new("a.png")), whole(own.join("a.png")));
        assert_eq!(accepted(Path::new("b.png")), whole(made.join("b.png")));
        assert_eq!(accepted(&made.join("b.png")), whole(made.join("b.png")));
        for (bad, wanted) in [
            (other.join("c.png"), "outside"),
            ("link.png".into(), "outside"),
            ("../../other/c.png".into(), "outside"),
            ("/etc/passwd".into(), "outside"),
            (".".into(), "no file"),
            ("none.png".into(), "not there"),
        ] {
            let told = accepted(&bad).unwrap_err();
            assert!(told.contains(wanted), "{}: {told}", bad.display());
        }
    }
}
