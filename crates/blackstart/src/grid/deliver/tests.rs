//! Hand-computed deliveries.

use super::{
    Control, DeliverOptions, DeliveryStatus, Formulation, Limit, LimitKind, LoadWeights, deliver,
};
use crate::grid::Snapshot;
use crate::region::{Branch, Bus, BusIdx, Generator, GeneratorIdx, Grid, Load, Storage};

fn load(bus: u32, p_mw: f64, q_mvar: f64) -> Load {
    Load { bus: BusIdx(bus), p_mw, q_mvar, ..Load::default() }
}

fn generator(bus: u32, p_min_mw: f64, p_max_mw: f64) -> Generator {
    Generator { bus: BusIdx(bus), p_min_mw, p_max_mw, ..Generator::default() }
}

/// A generator, a line of 0.1 p.u. and a load behind it; base 100 MVA.
fn two_buses(p_max_mw: f64, demand: Load) -> Grid {
    Grid {
        base_mva: 100.0,
        buses: vec![Bus::default(), Bus::default()],
        branches: vec![Branch { from: BusIdx(0), to: BusIdx(1), x_pu: 0.1, ..Branch::default() }],
        generators: vec![generator(0, 0.0, p_max_mw)],
        loads: vec![demand],
        ..Grid::default()
    }
}

fn options(formulation: Formulation) -> DeliverOptions {
    DeliverOptions { formulation, weights: LoadWeights::One, ..DeliverOptions::default() }
}

#[test]
fn a_storage_gives_what_its_energy_lasts() {
    let storage = Storage {
        id: "s".into(),
        bus: BusIdx(1),
        p_mw: 0.0,
        q_mvar: 0.0,
        energy_mwh: 3.0,
        energy_max_mwh: 10.0,
        charge_max_mw: 5.0,
        discharge_max_mw: 5.0,
        charge_efficiency: 0.9,
        discharge_efficiency: 0.9,
        rate_mva: f64::INFINITY,
        q_min_mvar: -5.0,
        q_max_mvar: 5.0,
        r_pu: 0.0,
        x_pu: 0.0,
        p_loss_mw: 0.0,
        q_loss_mvar: 0.0,
        in_service: true,
    };
    let grid = Grid { storages: vec![storage], ..two_buses(4.0, load(1, 10.0, 0.0)) };
    let at = Snapshot::of(&grid);
    let mut linear = options(Formulation::Dc);
    linear.worth.generator = 1e-9;
    for asked in [options(Formulation::Dc), linear, options(Formulation::Soc)] {
        let d = deliver(&grid, &at, &asked);
        assert_eq!(d.status, DeliveryStatus::Solved);
        assert!((d.total_served_mw() - 6.7).abs() < 1e-4, "{}", d.total_served_mw());
        assert!((d.storage_mw[0] + 2.7).abs() < 1e-4 && d.storage_mwh[0].abs() < 1e-4);
        let without = deliver(&grid, &at, &DeliverOptions { storages: None, ..asked });
        assert!((without.total_served_mw() - 4.0).abs() < 1e-4);
    }
}

#[test]
fn what_limits_is_named_with_its_price() {
    // Energy: the unit is too small. Every MW more serves a MW more.
    let grid = two_buses(60.0, load(1, 100.0, 0.0));
    let d = deliver(&grid, &Snapshot::of(&grid), &options(Formulation::Soc));
    assert_eq!(d.status, DeliveryStatus::Solved);
    assert!((d.total_served_mw() - 60.0).abs() < 1e-3);
    assert_eq!(d.binding[0].limit, Limit::OutputHigh(GeneratorIdx(0)));
    assert!((d.binding[0].price - 1.0).abs() < 1e-3, "{:?}", d.binding);
    assert_eq!(d.what_limits()[0].0, LimitKind::Energy);
    // Reactive power: there is plenty of energy, but the unit gives no more than 10 Mvar
    // and the load wants 50, so about a fifth can be served.
    let mut grid = two_buses(500.0, load(1, 100.0, 50.0));
    grid.generators[0].q_max_mvar = 10.0;
    let d = deliver(&grid, &Snapshot::of(&grid), &options(Formulation::Soc));
    assert!(d.total_served_mw() < 20.0 && d.total_served_mw() > 17.0, "{}", d.total_served_mw());
    assert_eq!(d.what_limits()[0].0, LimitKind::Reactive, "{:?}", d.binding);
    // Voltage: a long line, a hard limit of 0.95 p.u.
    let mut grid = two_buses(500.0, load(1, 300.0, 100.0));
    grid.buses[1].vm_min_pu = 0.95;
    grid.branches[0].x_pu = 0.2;
    let hard = DeliverOptions { voltage: super::Limits::Hard, ..options(Formulation::Soc) };
    let d = deliver(&grid, &Snapshot::of(&grid), &hard);
    assert!(d.total_served_mw() < 290.0 && d.total_served_mw() > 100.0, "{}", d.total_served_mw());
    assert_eq!(d.what_limits()[0].0, LimitKind::Voltage, "{:?}", d.binding);
}

/// Σ of parts is searched exactly: 60 MW feed the loads of 35 and 25 MW, not the 50.
#[test]
fn whole_loads_are_packed() {
    let mut grid = two_buses(60.0, load(1, 50.0, 0.0));
    grid.loads.extend([load(1, 35.0, 0.0), load(1, 25.0, 0.0)]);
    for formulation in [Formulation::Dc, Formulation::Soc] {
        let asked = DeliverOptions { loads: Control::OnOff, ..options(formulation) };
        let d = deliver(&grid, &Snapshot::of(&grid), &asked);
        assert_eq!(d.status, DeliveryStatus::Solved);
        assert!((d.total_served_mw() - 60.0).abs() < 1e-3, "{:?}", d.load_share);
        assert!(d.load_share[0] < 1e-6 && d.nodes > 1);
        // One node is not enough to prove it; that is told, with a bound that holds.
        let cut = DeliverOptions { most_nodes: 1, ..asked };
        let d = deliver(&grid, &Snapshot::of(&grid), &cut);
        assert_ne!(d.status, DeliveryStatus::Solved);
        assert!(d.bound >= 0.6 - 1e-6);
    }
}

#[test]
fn broken_input_has_an_answer() {
    let mut grid = two_buses(f64::INFINITY, load(1, f64::NAN, 1.0));
    grid.branches[0].x_pu = 0.0;
    grid.buses[0].vm_max_pu = f64::NAN;
    for formulation in [Formulation::Dc, Formulation::Soc] {
        for at in [Snapshot::of(&grid), Snapshot::of(&Grid::default())] {
            let fits = at.fits(&grid);
            let d = deliver(&grid, &at, &options(formulation));
            assert_eq!(fits, !matches!(d.status, DeliveryStatus::NotOffered { .. }));
            assert_eq!(d.served_mw.len(), 1);
        }
    }
    let empty = Grid::default();
    let d = deliver(&empty, &Snapshot::of(&empty), &options(Formulation::Soc));
    assert_eq!(d.objective.total(), 0.0);
}
