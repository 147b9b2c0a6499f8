//! The map: areas by people and by what they miss, lines, facilities; and small ones
//! over time.

mod cells;
mod draw;
mod labels;
mod layout;
mod small;

pub(crate) use draw::draw;
pub(crate) use small::{pick_hours, small_maps};

use crate::ReportInput;
use crate::facts::Facts;
pub(crate) use layout::Layout;

/// How [`map_svg`] draws.
#[derive(Clone, Debug, PartialEq)]
pub struct MapOptions {
    /// The hour to show.
    pub hour: usize,
    /// Starts every id in the drawing; keep it different for each map in a document.
    pub id_prefix: String,
    /// True to carry its own style sheet, for use outside the report.
    pub standalone: bool,
}

/// The map of one hour as an SVG document or fragment. Areas without a position stand
/// in rows below the map. What is drawn is thinned in large regions, and its
/// description says so.
#[must_use]
pub fn map_svg(input: &ReportInput<'_>, options: &MapOptions) -> String {
    let facts = Facts::new(input);
    let layout = Layout::new(input.region);
    draw(&facts, &layout, options).svg
}

/// The geometry that [`draw`] and [`small_maps`] share.
pub(crate) fn layout(facts: &Facts<'_>) -> Layout {
    Layout::new(facts.input.region)
}

/// Steps by which areas are shaded: missing share at or above which each begins.
pub(crate) const SHADES: [f64; 4] = [0.02, 0.25, 0.5, 0.9];

/// The shade of a missing share: 0 when (nearly) nothing is missing, none if unknown.
pub(crate) fn shade(missing: f64) -> Option<usize> {
    missing.is_finite().then(|| SHADES.iter().filter(|s| missing >= **s).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_follow_their_steps() {
        assert_eq!(shade(0.0), Some(0));
        assert_eq!(shade(0.02), Some(1));
        assert_eq!(shade(0.49), Some(2));
        assert_eq!(shade(1.0), Some(4));
        assert_eq!(shade(f64::NAN), None);
    }
}
