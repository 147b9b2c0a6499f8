//! Regions around public networks: what `blackstart new --grid … --water …` makes of
//! them checks without problems and is healthy before damage.
#![cfg(feature = "peers")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use blackstart::grid::{Demand, DispatchInput, GridSolver};
use blackstart::region::{Grid, Priority, Region, Supply, Water};
use blackstart::synth::{AssembleSpec, Assembled, assemble};
use blackstart::water::{WaterInput, WaterSolver, demand_at};
use blackstart_io::formats::matpower;

fn peer(path: &str) -> PathBuf {
    let root = std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    );
    root.join("networks").join(path)
}

fn grid(case: &str) -> Grid<String> {
    let path = peer(&format!("matpower/{case}.m"));
    let text = std::fs::read_to_string(&path).unwrap();
    matpower::parse(&text, &path).value
}

/// Share of all demand that is served with nothing damaged, and the demand in MW.
fn service(region: &Region) -> (f64, f64) {
    let grid = region.grid();
    let mut demands: Vec<Demand> = grid
        .loads
        .iter()
        .map(|l| Demand { bus: l.bus, p_mw: l.p_mw, max_share: 1.0, weight: l.priority.weight() })
        .collect();
    for d in region.dependencies() {
        if let Supply::Bus(bus) = d.on[0] {
            let weight = Priority::Critical.weight();
            demands.push(Demand { bus, p_mw: d.need_mw, max_share: 1.0, weight });
        }
    }
    let dispatch = GridSolver::new(grid).dispatch(
        grid,
        &DispatchInput {
            bus_in_service: &grid.buses.iter().map(|b| b.in_service).collect::<Vec<_>>(),
            branch_in_service: &grid.branches.iter().map(|b| b.in_service).collect::<Vec<_>>(),
            rate_mw: &grid.branches.iter().map(|b| b.rate_mva).collect::<Vec<_>>(),
            p_min_mw: &grid
                .generators
                .iter()
                .map(|g| if g.in_service { g.p_min_mw } else { 0.0 })
                .collect::<Vec<_>>(),
            p_max_mw: &grid
                .generators
                .iter()
                .map(|g| if g.in_service { g.p_max_mw } else { 0.0 })
                .collect::<Vec<_>>(),
            dc_line_in_service: &grid.dc_lines.iter().map(|l| l.in_service).collect::<Vec<_>>(),
            demands: &demands,
        },
    );
    let positive = |of: &dyn Fn(usize) -> f64| -> f64 {
        (0..demands.len()).filter(|&i| demands[i].p_mw > 0.0).map(of).sum()
    };
    let asked = positive(&|i| demands[i].p_mw);
    let served = positive(&|i| dispatch.served_mw[i]);
    assert!(!dispatch.status.unwrap().is_degraded());
    (served / asked, asked)
}

fn checked(made: Assembled) -> Region {
    let checked = Region::check(made.draft);
    assert!(checked.problems.is_empty(), "{:#?}", checked.problems);
    checked.region.unwrap()
}

/// An EPANET network with the coordinates of its own map as positions.
fn water(name: &str) -> Water<String> {
    let read = blackstart_io::read_inp(&peer(&format!("epanet/{name}.inp")));
    read.network.unwrap()
}

fn spec(cities: Option<usize>) -> AssembleSpec {
    AssembleSpec { name: "peer".into(), cities, people: None, seed: 1 }
}

#[test]
fn two_thousand_buses_make_twenty_cities_with_full_service() {
    let region = checked(assemble(&spec(None), grid("case_ACTIVSg2000"), &[], None).unwrap());
    let cities: BTreeSet<&str> =
        region.places().areas.iter().map(|a| a.district.as_str()).collect();
    assert_eq!(cities.len(), 20);
    // 67,109 MW at 0.57 kW a head.
    assert!((region.people() - 67_109.21 / 0.57e-3).abs() < 10.0, "{}", region.people());
    let (share, asked_mw) = service(&region);
    assert!(asked_mw > 67_000.0);
    assert!(share > 1.0 - 1e-6, "{share} of {asked_mw} MW");
}

#[test]
fn a_grid_of_three_areas_with_three_water_networks() {
    let waters = [water("Net3"), water("Net3"), water("Net3")];
    let made = assemble(&spec(None), grid("case_RTS_GMLC"), &waters, None).unwrap();
    assert_eq!(made.attached.len(), 3);
    let region = checked(made);
    assert_eq!(region.water().pumps.len(), 6);
    let (share, asked_mw) = service(&region);
    assert!(share > 1.0 - 1e-6, "{share} of {asked_mw} MW");

    // People without a network have no junction; those with one share its taps.
    let places = region.places();
    let with: f64 = places.areas.iter().filter(|a| a.junction.is_some()).map(|a| a.people).sum();
    assert!(with > 0.5 * region.people(), "{with}");
    let whole_day = day_of_water(&region);
    assert!(whole_day > 0.98, "{whole_day}");
}

/// Share of all water asked for over a day that arrives, with nothing damaged.
fn day_of_water(region: &Region) -> f64 {
    let water = region.water();
    let mut solver = WaterSolver::new(water);
    let mut state = solver.initial_state(water);
    let (mut asked, mut got) = (0.0, 0.0);
    let mut demand_m3h = vec![0.0; water.junctions.len()];
    for hour in 0..24 {
        demand_at(water, f64::from(hour), &mut demand_m3h);
        let result = solver.step(
            water,
            &WaterInput {
                demand_m3h: &demand_m3h,
                pump_capacity: &vec![1.0; water.pumps.len()],
                pipe_whole: &vec![true; water.pipes.len()],
                tank_whole: &vec![true; water.tanks.len()],
                step_h: 1.0,
            },
            &mut state,
        );
        let positive = |d: &f64| d.max(0.0);
        asked += demand_m3h.iter().map(positive).sum::<f64>();
        got += result.supplied_m3h.iter().map(positive).sum::<f64>();
    }
    got / asked
}
