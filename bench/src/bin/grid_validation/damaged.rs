//! Damaged grids in all three formulations: what AC serves, what the relaxation allows.

use std::path::Path;
use std::time::Instant;

use blackstart::grid::Snapshot;
use blackstart::grid::deliver::{
    DeliverOptions, Delivery, DeliveryStatus, Formulation, LoadWeights, Worth, deliver,
};
use blackstart::region::Grid;

use crate::tables::{case, head, line};

/// Cases, and how many seeds the relaxation leaves time for.
const CASES: [(&str, u64); 6] = [
    ("case118", 20),
    ("case300", 20),
    ("case1354pegase", 20),
    ("case2869pegase", 20),
    ("case9241pegase", 3),
    ("case13659pegase", 2),
];

/// The file's state with a tenth of branches and generators out (a linear congruential
/// generator, Knuth's MMIX).
fn damaged(grid: &Grid, seed: u64) -> Snapshot {
    let mut at = Snapshot::of(grid);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678);
    let mut out = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).is_multiple_of(10)
    };
    for up in at.branch_in_service.iter_mut().chain(&mut at.generator_in_service) {
        *up &= !out();
    }
    at
}

fn options(grid: &Grid, formulation: Formulation) -> DeliverOptions {
    let weights = grid.loads.iter().map(|l| [1.0, 3.0, 10.0][l.bus.i() % 3]).collect();
    DeliverOptions {
        formulation,
        weights: LoadWeights::ByLoad(weights),
        worth: Worth { voltage_violation: 10.0, shunt: 1e-3, ..Worth::default() },
        ..DeliverOptions::default()
    }
}

/// Largest imbalance of a bus, MVA, from flows and outputs as they are handed out.
fn imbalance_mva(grid: &Grid, at: &Snapshot, d: &Delivery) -> f64 {
    let mut left = vec![[0.0f64; 2]; grid.buses.len()];
    for (g, unit) in grid.generators.iter().enumerate() {
        left[unit.bus.i()][0] += d.generator_mw[g];
        left[unit.bus.i()][1] += d.generator_mvar[g];
    }
    for (k, load) in grid.loads.iter().enumerate() {
        left[load.bus.i()][0] -= d.served_mw[k];
        left[load.bus.i()][1] -= d.served_mvar[k];
    }
    for (l, branch) in grid.branches.iter().enumerate() {
        left[branch.from.i()][0] -= d.branch_from_mw[l];
        left[branch.from.i()][1] -= d.branch_from_mvar[l];
        left[branch.to.i()][0] -= d.branch_to_mw[l];
        left[branch.to.i()][1] -= d.branch_to_mvar[l];
    }
    for (i, left) in left.iter_mut().enumerate() {
        let square = d.vm_pu[i] * d.vm_pu[i] * d.shunt_share[i];
        left[0] -= at.shunt_g_mw[i] * square;
        left[1] += at.shunt_b_mvar[i] * square;
    }
    left.iter().flatten().fold(0.0, |m, v| m.max(v.abs()))
}

#[derive(Default)]
struct Sums {
    solved: u32,
    dc_above: u32,
    above_bound: u32,
    mean_gap: f64,
    largest_gap: f64,
    imbalance_mva: f64,
    ac_s: f64,
    soc_s: f64,
    odd: Vec<String>,
}

pub(crate) fn section(peers: &Path) -> Result<String, String> {
    let mut out = "10 % of branches and generators out at random, weights 1, 3, 10, voltages may \
        sag at a price. *Gap*: of the AC objective from the bound of the SOC relaxation, the \
        most that the AC optimum may have missed. *Above*: AC answers above that bound (a \
        contradiction). *Imbalance*: largest over all buses, from the flows and outputs that \
        are handed out. Times are of one run on the machine that wrote this page.\n\n"
        .to_owned();
    out += &head(&[
        "case",
        "seeds",
        "AC solved",
        "above",
        "gap, mean",
        "gap, largest",
        "DC promises more than AC gives",
        "imbalance, MVA",
        "AC, s",
        "SOC, s",
    ]);
    let mut notes = String::new();
    for (name, seeds) in CASES {
        let grid = case(peers, name)?;
        let mut sums = Sums::default();
        for seed in 0..seeds {
            let at = damaged(&grid, seed);
            let timed = |formulation| {
                let begun = Instant::now();
                let d = deliver(&grid, &at, &options(&grid, formulation));
                (d, begun.elapsed().as_secs_f64())
            };
            let (dc, _) = timed(Formulation::Dc);
            let (ac, ac_s) = timed(Formulation::Ac);
            let (soc, soc_s) = timed(Formulation::Soc);
            println!("{name} {seed} {:?} {:?}", ac.status, soc.status);
            sums.ac_s += ac_s;
            sums.soc_s += soc_s;
            sums.solved += u32::from(ac.status == DeliveryStatus::Solved);
            sums.dc_above += u32::from(dc.objective.load > ac.objective.load);
            let gap = ac.gap_to(&soc);
            sums.above_bound += u32::from(gap < -1e-6);
            sums.mean_gap += gap;
            sums.largest_gap = sums.largest_gap.max(gap);
            sums.imbalance_mva = sums.imbalance_mva.max(imbalance_mva(&grid, &at, &ac));
            for (word, d) in [("AC", &ac), ("SOC", &soc)] {
                if d.status != DeliveryStatus::Solved {
                    sums.odd.push(format!("seed {seed}, {word}: {:?}", d.status));
                }
            }
        }
        #[expect(clippy::cast_precision_loss)]
        let n = seeds as f64;
        out += &line(&[
            name.to_owned(),
            seeds.to_string(),
            sums.solved.to_string(),
            sums.above_bound.to_string(),
            format!("{:.2} %", 100.0 * sums.mean_gap / n),
            format!("{:.2} %", 100.0 * sums.largest_gap),
            sums.dc_above.to_string(),
            format!("{:.0e}", sums.imbalance_mva),
            format!("{:.2}", sums.ac_s / n),
            format!("{:.1}", sums.soc_s / n),
        ]);
        for odd in sums.odd {
            notes += &format!("- {name}, {odd}\n");
        }
    }
    if !notes.is_empty() {
        out += &format!("\nNot \"solved\" in the strict sense:\n\n{notes}");
    }
    Ok(out)
}
