//! Keys of accounts.

use std::fmt;

/// A vendor's key. It is shown by nothing: neither `Debug`, nor `Display`, nor `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A key as a person wrote it, without the space around it; nothing where that leaves nothing, or
    /// what no header can hold.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits =
            !text.is_empty() && text.len() <= 4096 && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The key itself, for a request's header and nothing else.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_a_key() {
        let key = Secret::new(" sk-12345\n").unwrap();
        assert_eq!(key.expose(), "sk-12345");
        assert_eq!(
            format!("{key:?} {:#?}", Some(&key)),
            "Secret Some(\n    Secret,\n)"
        );
        for bad in ["", "  ", "two words", "line\r\nX-Header: 1", "schlüssel"] {
            assert_eq!(Secret::new(bad), None, "{bad}");
        }
    }
}
