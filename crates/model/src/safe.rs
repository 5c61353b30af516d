//! The part of a frame that nothing of a screen or an app lies over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Percent, Size};

/// Where in the frame things that must be read may stand.
///
/// Apps lay names, buttons and descriptions over upright video, and move them from release to
/// release; screens cut off the rim. The boxes by name are what holds for a platform's telephones
/// today, on the cautious side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Safe {
    /// The whole frame.
    Full,
    /// Safe for action on any screen: 3.5 % free on each side (SMPTE ST 2046-1).
    Action,
    /// Safe for titles on any screen: 5 % free on each side (SMPTE ST 2046-1).
    #[default]
    Title,
    /// `YouTube` Shorts.
    YoutubeShorts,
    /// `TikTok`.
    Tiktok,
    /// Reels of Instagram.
    InstagramReels,
    /// Stories of Instagram.
    InstagramStories,
    /// Reels of Facebook.
    FacebookReels,
    /// What is free on all of the upright platforms at once.
    Vertical,
    /// A box of one's own.
    Box(SafeBox),
}

/// How much of the frame is left free at each side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SafeBox {
    /// Free at the left, in percent of the frame's width, 0 to 45.
    #[schemars(extend("minimum" = 0, "maximum" = 45))]
    pub left: Percent,
    /// Free at the top, in percent of the frame's height, 0 to 45.
    #[schemars(extend("minimum" = 0, "maximum" = 45))]
    pub top: Percent,
    /// Free at the right, in percent of the frame's width, 0 to 45.
    #[schemars(extend("minimum" = 0, "maximum" = 45))]
    pub right: Percent,
    /// Free at the bottom, in percent of the frame's height, 0 to 45.
    #[schemars(extend("minimum" = 0, "maximum" = 45))]
    pub bottom: Percent,
}

/// A rectangle of a frame in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SafeArea {
    /// Its first column.
    pub left: u32,
    /// Its first row.
    pub top: u32,
    /// The column after its last.
    pub right: u32,
    /// The row after its last.
    pub bottom: u32,
}

impl Safe {
    /// How much is left free at each side.
    ///
    /// Sources, at 1080 × 1920: Meta's rule for Reels and Stories (14 % above, 35 % and 20 % below,
    /// 6 % beside) and the buttons beside them (120 px); `TikTok`'s 250, 420 and 170 px; for Shorts the
    /// quarter below and the buttons beside. `Vertical` is x 65 to 910 and y 270 to 1248.
    pub const fn margins(self) -> SafeBox {
        match self {
            Self::Full => SafeBox::of(0, 0, 0, 0),
            Self::Action => SafeBox::of(350, 350, 350, 350),
            Self::Title => SafeBox::of(500, 500, 500, 500),
            Self::YoutubeShorts => SafeBox::of(600, 1200, 1580, 2500),
            Self::Tiktok => SafeBox::of(600, 1310, 1580, 2190),
            Self::InstagramReels => SafeBox::of(600, 1400, 1120, 3500),
            Self::InstagramStories => SafeBox::of(600, 1400, 600, 2000),
            Self::FacebookReels => SafeBox::of(600, 1400, 600, 3500),
            Self::Vertical => SafeBox::of(610, 1410, 1580, 3500),
            Self::Box(margins) => margins,
        }
    }
}

impl SafeBox {
    /// From hundredths of a percent: left, top, right, bottom.
    const fn of(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self {
            left: Percent::from_hundredths(left),
            top: Percent::from_hundredths(top),
            right: Percent::from_hundredths(right),
            bottom: Percent::from_hundredths(bottom),
        }
    }

    /// The rectangle of a frame: pixels that lie in the box wholly. Never empty.
    pub fn within(self, frame: Size) -> SafeArea {
        let free = |share: Percent, length: u32| {
            let share = u64::try_from(share.hundredths()).unwrap_or(0).min(4_900);
            (share * u64::from(length)).div_ceil(10_000) as u32
        };
        let (left, top) = (free(self.left, frame.width), free(self.top, frame.height));
        let right = frame.width.saturating_sub(free(self.right, frame.width));
        let bottom = frame.height.saturating_sub(free(self.bottom, frame.height));
        SafeArea {
            left,
            top,
            right: right.max(left + 1),
            bottom: bottom.max(top + 1),
        }
    }
}

impl SafeArea {
    /// Pixels across.
    pub const fn width(self) -> u32 {
        self.right - self.left
    }

    /// Pixels down.
    pub const fn height(self) -> u32 {
        self.bottom - self.top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPRIGHT: Size = Size {
        width: 1080,
        height: 1920,
    };

    #[test]
    fn the_box_of_all_platforms_lies_in_each() {
        let all = Safe::Vertical.margins().within(UPRIGHT);
        assert_eq!(
            (all.left, all.top, all.right, all.bottom),
            (66, 271, 909, 1248)
        );
        for safe in [
            Safe::YoutubeShorts,
            Safe::Tiktok,
            Safe::InstagramReels,
            Safe::InstagramStories,
            Safe::FacebookReels,
        ] {
            let own = safe.margins().within(UPRIGHT);
            assert!(
                own.left <= all.left
                    && own.top <= all.top
                    && own.right >= all.right
                    && own.bottom >= all.bottom,
                "{safe:?}: {own:?}"
            );
        }
    }

    #[test]
    fn a_box_is_never_empty() {
        let most = SafeBox::of(4500, 4500, 4500, 4500);
        for side in [1, 2, 3, 16, 7680] {
            let area = most.within(Size {
                width: side,
                height: side,
            });
            assert!(area.width() > 0 && area.height() > 0, "{side}");
        }
    }

    #[test]
    fn a_box_is_a_name_or_four_sides() {
        let named: Safe = serde_json::from_str("\"youtube-shorts\"").unwrap();
        assert_eq!(named, Safe::YoutubeShorts);
        let own: Safe = serde_json::from_str(r#"{"box":{"left":6,"bottom":22.5}}"#).unwrap();
        assert_eq!(own.margins(), SafeBox::of(600, 0, 0, 2250));
        assert!(serde_json::from_str::<Safe>("\"television\"").is_err());
    }
}
