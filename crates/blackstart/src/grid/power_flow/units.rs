//! Who makes reactive power at a bus, within which limits, and how they share it.

use super::Snapshot;
use super::setting::{Role, Setting};
use crate::region::Grid;

/// A source of reactive power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Generator(usize),
    DcFrom(usize),
    DcTo(usize),
}

/// Sources by bus: generators in the order of their table, then ends of direct-current lines.
#[derive(Clone, Debug)]
pub(super) struct Units {
    ptr: Vec<u32>,
    source: Vec<Source>,
}

impl Units {
    pub fn new(grid: &Grid) -> Self {
        let generators =
            grid.generators.iter().enumerate().map(|(g, u)| (u.bus.i(), Source::Generator(g)));
        let from = grid.dc_lines.iter().enumerate().map(|(d, l)| (l.from.i(), Source::DcFrom(d)));
        let to = grid.dc_lines.iter().enumerate().map(|(d, l)| (l.to.i(), Source::DcTo(d)));
        let all: Vec<(usize, Source)> = generators.chain(from).chain(to).collect();
        let mut ptr = vec![0u32; grid.buses.len() + 1];
        for &(bus, _) in &all {
            ptr[bus + 1] += 1;
        }
        for i in 0..grid.buses.len() {
            ptr[i + 1] += ptr[i];
        }
        let mut next = ptr.clone();
        let mut source = vec![Source::Generator(0); all.len()];
        for (bus, s) in all {
            source[next[bus] as usize] = s;
            next[bus] += 1;
        }
        Self { ptr, source }
    }

    /// Sources in service at a bus.
    pub fn at<'a>(
        &'a self,
        bus: usize,
        at: &'a Snapshot,
        setting: &'a Setting,
    ) -> impl Iterator<Item = Source> + 'a {
        self.source[self.ptr[bus] as usize..self.ptr[bus + 1] as usize].iter().copied().filter(
            move |s| match *s {
                Source::Generator(g) => {
                    at.generator_in_service[g] && setting.role[bus] != Role::Dead
                }
                Source::DcFrom(d) | Source::DcTo(d) => setting.dc_live[d],
            },
        )
    }

    /// Least and largest reactive output of all sources in service at a bus, `MVAr`.
    pub fn limits(&self, bus: usize, grid: &Grid, at: &Snapshot, setting: &Setting) -> (f64, f64) {
        self.at(bus, at, setting)
            .map(|s| limits(grid, s))
            .fold((0.0, 0.0), |sum, (low, high)| (sum.0 + low, sum.1 + high))
    }
}

/// Least and largest reactive output of a source, `MVAr`; what is not a number is no limit.
pub(super) fn limits(grid: &Grid, source: Source) -> (f64, f64) {
    let (low, high) = match source {
        Source::Generator(g) => (grid.generators[g].q_min_mvar, grid.generators[g].q_max_mvar),
        Source::DcFrom(d) => grid.dc_lines[d].q_from_limits_mvar,
        Source::DcTo(d) => grid.dc_lines[d].q_to_limits_mvar,
    };
    let low = if low.is_nan() { f64::NEG_INFINITY } else { low };
    let high = if high.is_nan() { f64::INFINITY } else { high };
    (low, high)
}

/// Shares of `total` among sources with these limits: in proportion to their ranges; where
/// none has a range, each beyond its limit by the same amount. What has no limit counts as
/// wide as all that is known of the bus together (MATPOWER's `pfsoln`).
pub(super) fn share(total: f64, limits: &[(f64, f64)]) -> Vec<f64> {
    if limits.len() == 1 {
        return vec![total];
    }
    let finite = |v: f64| if v.is_finite() { v.abs() } else { 0.0 };
    let wide = total.abs() + limits.iter().map(|(a, b)| finite(*a) + finite(*b)).sum::<f64>();
    let closed: Vec<(f64, f64)> =
        limits.iter().map(|(a, b)| (a.clamp(-wide, wide), b.clamp(-wide, wide))).collect();
    let low: f64 = closed.iter().map(|l| l.0).sum();
    let range: f64 = closed.iter().map(|l| l.1).sum::<f64>() - low;
    if range.abs() < 10.0 * f64::EPSILON {
        let each = (total - low) / limits.len() as f64;
        return closed.iter().map(|l| l.0 + each).collect();
    }
    closed.iter().map(|l| l.0 + (total - low) / range * (l.1 - l.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_are_proportional_to_ranges() {
        assert_eq!(share(30.0, &[(0.0, 20.0), (0.0, 40.0)]), [10.0, 20.0]);
        assert_eq!(share(7.0, &[(1.0, 2.0)]), [7.0]);
        assert_eq!(share(12.0, &[(3.0, 3.0), (5.0, 5.0)]), [5.0, 7.0]);
        let open = share(10.0, &[(f64::NEG_INFINITY, f64::INFINITY), (-5.0, 5.0)]);
        assert!((open[0] + open[1] - 10.0).abs() < 1e-12 && open[0] > open[1]);
    }
}
