//! Status as shape, word and colour together; the shapes are drawn here, not taken
//! from a font.

use crate::format::{esc, w};
use blackstart::results::FacilityState;

/// A status mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// ✕
    Lost,
    /// ▲
    Warning,
    /// ●
    Fine,
    /// ◇
    Repair,
    /// ?
    Unknown,
}

impl Mark {
    /// The class that gives it its colour.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Lost => "k-lost",
            Self::Warning => "k-warn",
            Self::Fine => "k-fine",
            Self::Repair => "k-repair",
            Self::Unknown => "k-unknown",
        }
    }

    /// The character that stands for it in plain text.
    pub(crate) const fn shape(self) -> &'static str {
        match self {
            Self::Lost => "<path d=\"M-4 -4L4 4M4 -4L-4 4\" class=\"stroke\"/>",
            Self::Warning => "<path d=\"M0 -5L5.4 4.5H-5.4Z\" class=\"solid\"/>",
            Self::Fine => "<circle r=\"4.6\" class=\"solid\"/>",
            Self::Repair => "<path d=\"M0 -5.2L5.2 0L0 5.2L-5.2 0Z\" class=\"hollow\"/>",
            Self::Unknown => {
                "<path d=\"M-2.8 -2.2C-2.8 -5.4 2.8 -5.4 2.8 -2C2.8 0 0 0 0 2M0 4.6V4.7\" \
                 class=\"stroke\"/>"
            }
        }
    }
}

/// The mark as an inline picture, hidden from screen readers: a word always follows.
pub(crate) fn icon(mark: Mark) -> String {
    format!(
        "<svg class=\"ico {}\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\" focusable=\"false\">{}</svg>",
        mark.class(),
        mark.shape()
    )
}

/// Mark and word.
pub(crate) fn status(mark: Mark, word: &str) -> String {
    format!("<span class=\"st {}\">{}{}</span>", mark.class(), icon(mark), esc(word))
}

/// Mark and word in a frame, for tiles.
pub(crate) fn badge(mark: Mark, word: &str) -> String {
    format!("<span class=\"badge {}\">{}{}</span>", mark.class(), icon(mark), esc(word))
}

/// How the state of a facility or site is shown.
pub(crate) const fn state_mark(state: FacilityState) -> (Mark, &'static str) {
    match state {
        FacilityState::Served => (Mark::Fine, "works"),
        FacilityState::Backup => (Mark::Warning, "on backup"),
        FacilityState::Damaged => (Mark::Warning, "damaged, works in part"),
        FacilityState::Dark => (Mark::Lost, "without supply"),
        FacilityState::Lost => (Mark::Lost, "damaged, out"),
        FacilityState::UnderRepair => (Mark::Repair, "under repair"),
    }
}

/// Marks of the map, to be placed by `<use>`; `prefix` keeps ids apart.
pub(crate) fn map_symbols(out: &mut String, prefix: &str) {
    // The white plate keeps a mark legible on a dark area.
    w!(
        out,
        "<g id=\"{prefix}lost\"><rect x=\"-6\" y=\"-6\" width=\"12\" height=\"12\" class=\"plate k-lost\"/>\
         <g class=\"k-lost\"><path d=\"M-3.4 -3.4L3.4 3.4M3.4 -3.4L-3.4 3.4\" class=\"stroke\"/></g></g>\
         <g id=\"{prefix}dark\" class=\"k-lost\"><path d=\"M-3.6 -3.6L3.6 3.6M3.6 -3.6L-3.6 3.6\" class=\"halo\"/>\
         <path d=\"M-3.6 -3.6L3.6 3.6M3.6 -3.6L-3.6 3.6\" class=\"stroke\"/></g>\
         <g id=\"{prefix}warn\" class=\"k-warn\"><path d=\"M0 -6L6.4 5.2H-6.4Z\" class=\"solid edge\"/></g>\
         <g id=\"{prefix}repair\"><path d=\"M0 -6.6L6.6 0L0 6.6L-6.6 0Z\" class=\"plate k-repair\"/></g>\
         <g id=\"{prefix}hospital\"><circle r=\"7\" class=\"plate k-ink\"/>\
         <path d=\"M-4 0H4M0 -4V4\" class=\"stroke k-ink\"/></g>"
    );
}

/// The mark of [`map_symbols`] for a state; none for what works.
pub(crate) const fn map_symbol(state: FacilityState) -> Option<&'static str> {
    match state {
        FacilityState::Served => None,
        FacilityState::Backup | FacilityState::Damaged => Some("warn"),
        FacilityState::Dark => Some("dark"),
        FacilityState::Lost => Some("lost"),
        FacilityState::UnderRepair => Some("repair"),
    }
}
