//! Where a thing comes from, in the words of the IPTC.

use serde::{Deserialize, Serialize};

/// Where a thing comes from. What a user's own file is, nobody tells, so it has none.
///
/// The vocabulary: <https://cv.iptc.org/newscodes/digitalsourcetype/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Made by a trained model: `trainedAlgorithmicMedia`.
    Model,
    /// Made by rules that were not trained on samples: `algorithmicMedia`.
    Algorithm,
    /// Drawn by a program as a person said: `digitalCreation`.
    Drawn,
    /// Improved by an algorithm, without new content: `algorithmicallyEnhanced`.
    Enhanced,
    /// A composition of which something is by a trained model: `compositeWithTrainedAlgorithmicMedia`.
    CompositeWithModel,
    /// A composition of other things: `composite`.
    Composite,
}

impl Origin {
    /// The IPTC's name for it, as the C2PA writes it.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Model => "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
            Self::Algorithm => "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia",
            Self::Drawn => "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation",
            Self::Enhanced => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
            }
            Self::CompositeWithModel => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
            }
            Self::Composite => "http://cv.iptc.org/newscodes/digitalsourcetype/composite",
        }
    }

    /// Whether a trained model had a part in it.
    pub const fn is_by_model(self) -> bool {
        matches!(self, Self::Model | Self::CompositeWithModel)
    }
}
