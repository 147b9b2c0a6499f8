//! What is left when a search finds no point: the least imbalance.

use super::interior_point::{InteriorPoint, Settings};
use super::program::{Ending, Point, Program};

/// The point with the least sum of imbalances, from a program whose balances give way at a
/// price above any reasonable one. If it needs no imbalance, it is the optimum.
pub fn nearest(program: &Program, failed: Point, settings: Settings) -> Point {
    let elastic = program.elastic();
    let (n, own) = (program.nodes.len(), program.controls.len());
    let mut point = InteriorPoint::new(&elastic, settings).solve();
    let (mut worst, mut at) = (point.mismatch, point.worst_node);
    for k in 0..n {
        let slack = &point.control[own + 2 * k..own + 2 * k + 2];
        let size = slack[0].hypot(slack[1]);
        if size > worst {
            (worst, at) = (size, k as u32);
        }
    }
    if point.ending == Ending::NotFound && worst >= failed.mismatch {
        return failed;
    }
    point.control.truncate(own);
    if worst > 1e-5 {
        (point.ending, point.mismatch, point.worst_node) = (Ending::NotFound, worst, at);
    }
    point
}
