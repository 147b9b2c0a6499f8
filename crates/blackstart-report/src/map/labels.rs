//! Names on the map that do not run into each other.

use crate::format::{cut, esc, w};
use crate::svg::Px;

/// Boxes that are taken, and the names placed so far.
pub(super) struct Labels {
    taken: Vec<(f64, f64, f64, f64)>,
    width: f64,
    height: f64,
    placed: usize,
}

impl Labels {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { taken: Vec::new(), width, height, placed: 0 }
    }

    /// Keeps names off a mark of radius `r`.
    pub(super) fn block(&mut self, x: f64, y: f64, r: f64) {
        self.taken.push((x - r, y - r, x + r, y + r));
    }

    /// Writes `name` beside (x, y), outside of `r`, where it fits; false if nowhere.
    pub(super) fn place(
        &mut self,
        out: &mut String,
        class: &str,
        (x, y): (f64, f64),
        r: f64,
        name: &str,
        centre_first: bool,
    ) -> bool {
        const LINE: f64 = 13.0;
        let text = cut(name, 30);
        // Names of facilities are bold.
        let per_character = if class == "of-facility" { 7.2 } else { 6.4 };
        let wide = text.chars().count() as f64 * per_character + 4.0;
        let centre = (x - wide / 2.0, y - LINE / 2.0, "middle", x);
        let around = [
            (x + r + 2.0, y - LINE / 2.0, "start", x + r + 4.0),
            (x - r - 2.0 - wide, y - LINE / 2.0, "end", x - r - 4.0),
            (x - wide / 2.0, y - r - LINE - 1.0, "middle", x),
            (x - wide / 2.0, y + r + 1.0, "middle", x),
        ];
        let spots = centre_first.then_some(centre).into_iter().chain(around);
        for (left, top, anchor, text_x) in spots {
            let spot = (left, top, left + wide, top + LINE);
            let inside = spot.0 >= 2.0
                && spot.1 >= 2.0
                && spot.2 <= self.width - 2.0
                && spot.3 <= self.height - 2.0;
            let free = self
                .taken
                .iter()
                .all(|t| t.2 <= spot.0 || t.0 >= spot.2 || t.3 <= spot.1 || t.1 >= spot.3);
            if inside && free {
                self.taken.push(spot);
                // On narrow screens only the first few stay legible.
                let minor = if self.placed >= 8 { " minor" } else { "" };
                w!(
                    out,
                    "<text class=\"{class}{minor}\" x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                    Px(text_x),
                    Px(top + LINE - 3.0),
                    esc(&text)
                );
                self.placed += 1;
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_overlap_and_stay_inside() {
        let mut labels = Labels::new(200.0, 60.0);
        let mut out = String::new();
        assert!(labels.place(&mut out, "a", (100.0, 30.0), 5.0, "North", false));
        assert!(labels.place(&mut out, "a", (100.0, 30.0), 5.0, "South", false));
        let placed = (0..20)
            .filter(|_| labels.place(&mut out, "a", (100.0, 30.0), 5.0, "Another one", false))
            .count();
        assert!(placed <= 2, "{placed}");
        assert!(!labels.place(&mut out, "a", (500.0, 30.0), 5.0, "Outside", false));
    }
}
