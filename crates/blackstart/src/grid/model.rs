//! What the solvers know of a grid: per-unit series admittances and the bus graph.

use crate::region::Grid;

/// Reactances nearer to zero than this many p.u. count as this (a bus coupler).
pub const LEAST_REACTANCE_PU: f64 = 1e-6;

/// The grid as the DC model sees it, in p.u. Depends on the grid alone.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// Number of buses.
    pub buses: usize,
    /// Number of branches; edges after them are direct-current lines.
    pub branches: usize,
    /// From and to bus of every branch, then of every direct-current line.
    pub edges: Vec<(u32, u32)>,
    /// Series susceptance by branch, `1 / (x · tap)`.
    pub b: Vec<f64>,
    /// Phase shift by branch, rad.
    pub shift: Vec<f64>,
    /// MVA per p.u.
    pub base_mva: f64,
}

impl Model {
    pub fn new(grid: &Grid) -> Self {
        let branch_edges = grid.branches.iter().map(|l| (l.from.0, l.to.0));
        let dc_edges = grid.dc_lines.iter().map(|l| (l.from.0, l.to.0));
        let base_mva = grid.base_mva;
        Self {
            buses: grid.buses.len(),
            branches: grid.branches.len(),
            edges: branch_edges.chain(dc_edges).collect(),
            b: grid.branches.iter().map(|l| susceptance(l.x_pu, l.tap)).collect(),
            shift: grid.branches.iter().map(|l| finite_or(l.shift_deg, 0.0).to_radians()).collect(),
            base_mva: if base_mva.is_finite() && base_mva > 0.0 { base_mva } else { 100.0 },
        }
    }

    /// From and to bus of edge `e`.
    pub fn ends(&self, e: usize) -> (usize, usize) {
        let (f, t) = self.edges[e];
        (f as usize, t as usize)
    }
}

/// Series susceptance of a branch in the DC model, p.u.: `1 / (x · tap)` as MATPOWER's
/// `makeBdc`. Resistance and charging play no part. Negative reactances (series
/// capacitors, star equivalents of three-winding transformers) keep their sign. A
/// reactance within ±[`LEAST_REACTANCE_PU`] counts as that, with its sign (zero as
/// positive); a tap of zero counts as 1; what is not finite counts as an absurdly long
/// line, x = 10⁶.
#[must_use]
pub fn susceptance(x_pu: f64, tap: f64) -> f64 {
    let tap = if tap.is_finite() && tap != 0.0 { tap } else { 1.0 };
    let x = if x_pu.is_finite() { x_pu * tap } else { 1e6 };
    1.0 / x.abs().max(LEAST_REACTANCE_PU).copysign(if x == 0.0 { 1.0 } else { x })
}

/// `v`, or `otherwise` if it is not finite.
pub(super) fn finite_or(v: f64, otherwise: f64) -> f64 {
    if v.is_finite() { v } else { otherwise }
}

#[cfg(test)]
mod tests {
    use super::susceptance;

    #[test]
    fn susceptance_of_odd_reactances() {
        assert_eq!(susceptance(0.1, 1.0), 10.0);
        assert_eq!(susceptance(0.1, 0.0), 10.0);
        assert_eq!(susceptance(-0.5, 1.0), -2.0);
        assert_eq!(susceptance(0.0, 1.0), 1e6);
        assert_eq!(susceptance(-0.0, 1.0), 1e6);
        assert_eq!(susceptance(-1e-9, 1.0), -1e6);
        assert_eq!(susceptance(f64::NAN, 1.0), 1e-6);
    }
}
