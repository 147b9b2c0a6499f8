//! The fictional region's grid is healthy before damage: full service on the coldest
//! design hour, within ratings, also with any one branch or unit out.

use blackstart::grid::{Demand, DispatchInput, GridSolver};
use blackstart::heat::properties;
use blackstart::region::{Asset, GeneratorKind, Heating, PlantKind, Priority, Region, Supply};
use blackstart::scenario::WeatherHour;
use blackstart::synth::{Spec, region};

/// The region as the solver sees it in the coldest hour, every demand at its peak.
struct Peak {
    region: Region,
    demands: Vec<Demand>,
    rate_mw: Vec<f64>,
    p_min_mw: Vec<f64>,
    p_max_mw: Vec<f64>,
}

impl Peak {
    fn new(people: u64, seed: u64) -> Self {
        let checked = Region::check(region(&Spec { people, seed }).unwrap());
        assert!(checked.problems.is_empty(), "{people} {seed}: {:?}", checked.problems);
        let region = checked.region.unwrap();
        let cold = WeatherHour { outdoor_c: -22.0, wind_m_s: 3.0, solar_w_m2: 0.0 };
        let full = |bus, p_mw, priority: Priority| Demand {
            bus,
            p_mw,
            max_share: 1.0,
            weight: priority.weight(),
        };
        let grid = region.grid();
        let mut demands: Vec<Demand> =
            grid.loads.iter().map(|l| full(l.bus, l.p_mw, l.priority)).collect();
        for d in region.dependencies() {
            if let Supply::Bus(bus) = d.on[0] {
                demands.push(full(bus, d.need_mw, Priority::Critical));
            }
        }
        for s in &region.places().stock {
            if s.heating == Heating::Electric {
                let bus = region.places().areas[s.area.i()].bus.unwrap();
                let w_m2 = properties(s.building).steady_heat_w_m2(20.0, cold, 1.0);
                demands.push(full(bus, s.floor_m2 * w_m2 / 1e6, Priority::Homes));
            }
        }
        // A CHP that gives all its heat has given up electricity for it, and must make
        // what its back-pressure line asks.
        let mut p_min_mw: Vec<f64> = grid.generators.iter().map(|g| g.p_min_mw).collect();
        let mut p_max_mw: Vec<f64> = grid.generators.iter().map(|g| g.p_max_mw).collect();
        for plant in region.heat().plants.iter().filter(|p| p.kind == PlantKind::Chp) {
            let g = plant.generator.unwrap().i();
            p_max_mw[g] -= plant.power_loss_per_heat * plant.heat_max_mw;
            p_min_mw[g] = (plant.power_to_heat * plant.heat_max_mw).min(p_max_mw[g]);
        }
        let rate_mw = grid.branches.iter().map(|b| b.rate_mva).collect();
        Self { region, demands, rate_mw, p_min_mw, p_max_mw }
    }

    /// The largest shortfall of any demand, MW, and the largest loading of any branch,
    /// with one branch or one generator out.
    fn worst(&self, solver: &mut GridSolver, out: Option<Asset>) -> (f64, f64) {
        let grid = self.region.grid();
        let mut branches = vec![true; grid.branches.len()];
        let mut p_min_mw = self.p_min_mw.clone();
        let mut p_max_mw = self.p_max_mw.clone();
        if let Some(Asset::Branch(b)) = out {
            branches[b.i()] = false;
        }
        if let Some(Asset::Generator(g)) = out {
            p_min_mw[g.i()] = 0.0;
            p_max_mw[g.i()] = 0.0;
        }
        let dispatch = solver.dispatch(
            grid,
            &DispatchInput {
                bus_in_service: &vec![true; grid.buses.len()],
                branch_in_service: &branches,
                rate_mw: &self.rate_mw,
                p_min_mw: &p_min_mw,
                p_max_mw: &p_max_mw,
                dc_line_in_service: &[],
                demands: &self.demands,
            },
        );
        assert!(!dispatch.status.unwrap().is_degraded());
        let short = self
            .demands
            .iter()
            .zip(&dispatch.served_mw)
            .map(|(d, s)| d.p_mw - s)
            .fold(0.0, f64::max);
        let loading = dispatch
            .flow_mw
            .iter()
            .zip(&self.rate_mw)
            .map(|(f, r)| f.abs() / r)
            .fold(0.0, f64::max);
        (short, loading)
    }
}

const SIZES: [(u64, u64); 7] = [
    (20_000, 1),
    (50_000, 7),
    (50_000, 8),
    (300_000, 7),
    (300_000, 99),
    (1_000_000, 7),
    (1_000_000, 12_345),
];

#[test]
fn full_service_at_the_peak_within_ratings() {
    for (people, seed) in SIZES {
        let peak = Peak::new(people, seed);
        let total: f64 = peak.demands.iter().map(|d| d.p_mw).sum();
        let per_head_kw = total * 1e3 / people as f64;
        assert!((per_head_kw - 0.57).abs() < 0.002, "{people} {seed}: {per_head_kw} kW a head");
        let mut solver = GridSolver::new(peak.region.grid());
        let (short, loading) = peak.worst(&mut solver, None);
        assert!(short < 1e-6 * total, "{people} {seed}: {short} MW short");
        assert!(loading <= 1.0 + 1e-6, "{people} {seed}: loading {loading}");
    }
}

#[test]
fn any_branch_may_be_out() {
    for (people, seed) in SIZES {
        let peak = Peak::new(people, seed);
        let total: f64 = peak.demands.iter().map(|d| d.p_mw).sum();
        let mut solver = GridSolver::new(peak.region.grid());
        for b in 0..peak.region.grid().branches.len() {
            let out = Asset::Branch(blackstart::region::BranchIdx::new(b));
            let (short, loading) = peak.worst(&mut solver, Some(out));
            let name = peak.region.asset_name(out);
            assert!(short < 1e-6 * total, "{people} {seed} without {name}: {short} MW short");
            assert!(loading <= 1.0 + 1e-6, "{people} {seed} without {name}: loading {loading}");
        }
    }
}

#[test]
fn any_unit_may_be_out() {
    for (people, seed) in SIZES {
        let peak = Peak::new(people, seed);
        let total: f64 = peak.demands.iter().map(|d| d.p_mw).sum();
        let mut solver = GridSolver::new(peak.region.grid());
        for g in 0..peak.region.grid().generators.len() {
            let out = Asset::Generator(blackstart::region::GeneratorIdx::new(g));
            let (short, _) = peak.worst(&mut solver, Some(out));
            let name = peak.region.asset_name(out);
            assert!(short < 1e-6 * total, "{people} {seed} without {name}: {short} MW short");
        }
    }
}

#[test]
fn the_same_arguments_give_the_same_region_and_other_seeds_others() {
    let make = |people, seed| region(&Spec { people, seed }).unwrap();
    assert_eq!(make(120_000, 5), make(120_000, 5));
    assert_ne!(make(120_000, 5), make(120_000, 6));
}

#[test]
fn imports_are_the_share_of_the_peak_that_ties_give() {
    for people in [20_000, 1_000_000, 4_000_000] {
        let draft = region(&Spec { people, seed: 3 }).unwrap();
        let ties: Vec<f64> = draft
            .grid
            .generators
            .iter()
            .filter(|g| g.kind == GeneratorKind::Import)
            .map(|g| g.p_max_mw)
            .collect();
        assert!(ties.len() >= 2);
        let share = ties.iter().sum::<f64>() / (0.57e-3 * people as f64);
        assert!((share - 0.113).abs() < 0.002, "{share}");
    }
}
