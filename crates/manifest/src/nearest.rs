//! What a person probably meant.

/// The longest word that is compared, in characters.
const LONGEST: usize = 64;
/// The most words that are compared.
const MOST: usize = 2000;

/// The known word nearest to a misspelt one: at most a third of its letters may be wrong, left out
/// or swapped, or one word begins with the other. The first of equally near ones.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let length = word.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    let allowed = (length / 3).max(1);
    let close = known
        .iter()
        .take(MOST)
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= allowed * 4)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), *candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    close.or_else(|| {
        known
            .iter()
            .take(MOST)
            .find(|candidate| {
                length >= 3
                    && candidate.len() >= 3
                    && (candidate.starts_with(&lower) || lower.starts_with(**candidate))
            })
            .copied()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_find_their_neighbour() {
        assert_eq!(
            nearest("narator", &["keeper", "narrator"]),
            Some("narrator")
        );
        assert_eq!(nearest("Narrator", &["narrator"]), Some("narrator"));
        assert_eq!(nearest("narr", &["narrator"]), Some("narrator"));
        assert_eq!(nearest("gulls", &["keeper", "narrator"]), None);
        assert_eq!(nearest("", &["a"]), None);
    }
}
