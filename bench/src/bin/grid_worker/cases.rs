//! Cases, and the scenarios that both sides draw alike (`bench/peers/case.py`).

use std::path::Path;

use blackstart::grid::Snapshot;
use blackstart::region::Grid;

/// Branches out in each scenario of a batch with damage.
pub(crate) const DAMAGE: usize = 5;

/// Reads and checks a case.
pub(crate) fn load(path: &Path) -> Result<Grid, String> {
    let read = blackstart_io::load_grid(path);
    read.network.ok_or_else(|| format!("{:?}", read.problems.first()))
}

/// x ← 6364136223846793005 x + 1442695040888963407 mod 2⁶⁴ (Knuth's MMIX), its upper 53
/// bits as a number in [0, 1).
pub(crate) struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_precision_loss)]
        let high = (self.0 >> 11) as f64;
        high / 9_007_199_254_740_992.0
    }

    /// A whole number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )]
        let k = (self.next() * count as f64) as usize;
        k.min(count - 1)
    }
}

/// Branches in service between buses in service.
pub(crate) fn live_branches(grid: &Grid) -> Vec<usize> {
    let up = |l: &usize| {
        let b = &grid.branches[*l];
        b.in_service && grid.buses[b.from.i()].in_service && grid.buses[b.to.i()].in_service
    };
    (0..grid.branches.len()).filter(up).collect()
}

/// Scenarios of a batch: as many as a small case needs to be measurable.
pub(crate) fn batch_size(buses: usize) -> usize {
    match buses {
        ..5_000 => 64,
        5_000..30_000 => 32,
        _ => 8,
    }
}

/// Every load times its bus's factor of 0.995 to 1.005; `damage` branches out.
pub(crate) fn scenarios(grid: &Grid, damage: usize) -> Vec<Snapshot> {
    let count = batch_size(grid.buses.len());
    let mut draw = Draw::new(1);
    let mut all = vec![Snapshot::of(grid); count];
    let mut factor = vec![0.0; grid.buses.len()];
    for at in &mut all {
        factor.fill_with(|| 1.0 + 0.005 * (2.0 * draw.next() - 1.0));
        for (k, load) in grid.loads.iter().enumerate() {
            at.load_p_mw[k] *= factor[load.bus.i()];
            at.load_q_mvar[k] *= factor[load.bus.i()];
        }
    }
    let live = live_branches(grid);
    for at in &mut all {
        for _ in 0..damage {
            at.branch_in_service[live[draw.below(live.len())]] = false;
        }
    }
    all
}
