//! Small cases with answers worked out by hand.

use super::{Demand, Dispatch, DispatchInput, GridSolver, Switching, dc_power_flow};
use crate::region::{
    Branch, BranchIdx, BranchKind, Bus, BusIdx, DcLine, Generator, GeneratorKind, Grid,
};
use crate::results::HourStatus;

pub(super) fn bus(id: usize) -> Bus {
    Bus {
        id: format!("B{id}"),
        name: format!("B{id}"),
        base_kv: 110.0,
        position: None,
        shunt_g_mw: 0.0,
        shunt_b_mvar: 0.0,
        vm_pu: 1.0,
        va_deg: 0.0,
        facility: None,
        in_service: true,
        ..Bus::default()
    }
}

pub(super) fn line(from: u32, to: u32, x_pu: f64, rate_mva: f64) -> Branch {
    Branch {
        id: format!("{from}-{to}"),
        kind: BranchKind::Line,
        from: BusIdx(from),
        to: BusIdx(to),
        r_pu: 0.0,
        x_pu,
        b_pu: 0.0,
        tap: 1.0,
        shift_deg: 0.0,
        rate_mva,
        in_service: true,
        ..Branch::default()
    }
}

pub(super) fn unit(at: u32, p_min_mw: f64, p_max_mw: f64) -> Generator {
    Generator {
        id: format!("G{at}"),
        kind: GeneratorKind::Thermal,
        bus: BusIdx(at),
        p_min_mw,
        p_max_mw,
        p_mw: 0.0,
        q_min_mvar: 0.0,
        q_max_mvar: 0.0,
        vm_pu: 1.0,
        fuel_h: f64::INFINITY,
        facility: None,
        in_service: true,
        ..Generator::default()
    }
}

pub(super) fn dc_line(from: u32, to: u32, p_max_mw: f64, loss_mw: f64, loss_share: f64) -> DcLine {
    DcLine {
        id: format!("dc{from}-{to}"),
        from: BusIdx(from),
        to: BusIdx(to),
        p_min_mw: -p_max_mw,
        p_max_mw,
        loss_mw,
        loss_share,
        in_service: true,
        ..DcLine::default()
    }
}

pub(super) fn demand(at: u32, p_mw: f64, weight: f64) -> Demand {
    Demand { bus: BusIdx(at), p_mw, max_share: 1.0, weight }
}

/// A grid with its demands; everything is in service.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub grid: Grid,
    pub demands: Vec<Demand>,
}

impl Setup {
    pub fn new(
        buses: usize,
        branches: Vec<Branch>,
        generators: Vec<Generator>,
        demands: Vec<Demand>,
    ) -> Self {
        let grid = Grid {
            base_mva: 100.0,
            buses: (0..buses).map(bus).collect(),
            branches,
            generators,
            ..Grid::default()
        };
        Self { grid, demands }
    }

    pub fn dispatch_with(&self, switching: Option<Switching>) -> Dispatch {
        let g = &self.grid;
        let input = DispatchInput {
            bus_in_service: &g.buses.iter().map(|b| b.in_service).collect::<Vec<_>>(),
            branch_in_service: &g.branches.iter().map(|l| l.in_service).collect::<Vec<_>>(),
            rate_mw: &g.branches.iter().map(|l| l.rate_mva).collect::<Vec<_>>(),
            p_min_mw: &g.generators.iter().map(|u| u.p_min_mw).collect::<Vec<_>>(),
            p_max_mw: &g
                .generators
                .iter()
                .map(|u| if u.in_service { u.p_max_mw } else { 0.0 })
                .collect::<Vec<_>>(),
            dc_line_in_service: &g.dc_lines.iter().map(|l| l.in_service).collect::<Vec<_>>(),
            demands: &self.demands,
        };
        GridSolver::new(g).with_switching(switching).dispatch(g, &input)
    }

    pub fn dispatch(&self) -> Dispatch {
        self.dispatch_with(None)
    }
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-5 * (1.0 + b.abs()), "{a} is not {b}");
}

/// Three buses in a ring of equal lines: two thirds of a transfer take the direct line.
#[test]
fn binding_line_of_a_ring_has_the_closed_form() {
    // 0 –– 2 is rated 60: with all from 0, 2/3 of the demand D at 2 flow there, so
    // D = 90; a unit of 20 at 1 adds a third of itself: 2/3 p0 + 1/3 · 20 = 60, p0 = 80.
    let ring = |rate| {
        vec![line(0, 1, 0.1, f64::INFINITY), line(1, 2, 0.1, f64::INFINITY), line(0, 2, 0.1, rate)]
    };
    let one = Setup::new(3, ring(60.0), vec![unit(0, 0.0, 200.0)], vec![demand(2, 150.0, 1.0)]);
    let d = one.dispatch();
    assert_eq!(d.status, Some(HourStatus::Solved));
    close(d.served_mw[0], 90.0);
    close(d.flow_mw[2], 60.0);
    close(d.flow_mw[0], 30.0);
    let mut two = one.clone();
    two.grid.generators.push(unit(1, 0.0, 20.0));
    let d = two.dispatch();
    close(d.served_mw[0], 100.0);
    close(d.p_mw[0], 80.0);
    close(d.p_mw[1], 20.0);
    close(d.flow_mw[2], 60.0);
    // Without the rating everything is served.
    let free = Setup::new(3, ring(1e3), vec![unit(0, 0.0, 200.0)], vec![demand(2, 150.0, 1.0)]);
    close(free.dispatch().served_mw[0], 150.0);
}

#[test]
fn shifter_flow_matches_the_closed_form() {
    // Two parallel lines, b = 10 each, one shifted by φ: the loop carries b φ / 2.
    let mut grid = Setup::new(
        2,
        vec![line(0, 1, 0.1, f64::INFINITY), line(0, 1, 0.1, f64::INFINITY)],
        vec![],
        vec![],
    )
    .grid;
    grid.branches[1].shift_deg = 3.0;
    let f = dc_power_flow(&grid, &[true; 2], &[true; 2], &[40.0, -40.0], &[BusIdx(1)]);
    let loop_mw = 10.0 * 3f64.to_radians() / 2.0 * 100.0;
    close(f.flow_mw[0], 20.0 + loop_mw);
    close(f.flow_mw[1], 20.0 - loop_mw);
    close(f.slack_mw[1], 0.0);
    assert_eq!(f.angle_rad[1], 0.0);
}

#[test]
fn shortage_is_shared_by_weight_then_evenly() {
    let d = Setup::new(
        3,
        vec![line(0, 1, 0.1, f64::INFINITY), line(1, 2, 0.2, f64::INFINITY)],
        vec![unit(0, 0.0, 50.0), unit(2, 0.0, 30.0)],
        vec![
            demand(0, 40.0, 10.0),
            demand(1, 60.0, 1.0),
            demand(2, 20.0, 1.0),
            demand(2, 0.0, 1.0),
        ],
    )
    .dispatch();
    for (got, want) in d.served_mw.iter().zip([40.0, 30.0, 10.0, 0.0]) {
        close(*got, want);
    }
    close(d.objective, 440.0);
}

#[test]
fn a_dc_line_feeds_an_island_without_generation_and_pays_its_losses() {
    let mut s = Setup::new(
        3,
        vec![line(0, 1, 0.1, f64::INFINITY)],
        vec![unit(0, 0.0, 200.0)],
        vec![demand(1, 30.0, 1.0), demand(2, 60.0, 1.0)],
    );
    assert_eq!(s.dispatch().served_mw, [30.0, 0.0]);
    s.grid.dc_lines.push(dc_line(0, 2, 100.0, 2.0, 0.05));
    let d = s.dispatch();
    close(d.served_mw[1], 60.0);
    close(d.dc_flow_mw[0], 62.0 / 0.95);
    close(d.p_mw[0], 30.0 + 62.0 / 0.95);
    // Turned around, the sending end still pays.
    s.grid.dc_lines[0] = dc_line(2, 0, 50.0, 0.0, 0.05);
    let d = s.dispatch();
    close(d.dc_flow_mw[0], -50.0);
    close(d.served_mw[1], 50.0);
    close(d.p_mw[0], 30.0 + 50.0 / 0.95);
}

#[test]
fn shunts_and_standing_losses_share_what_there_is() {
    let mut s = Setup::new(
        2,
        vec![line(0, 1, 0.01, 106.02305638915979)],
        vec![unit(0, 0.0, 13.606758381255737)],
        vec![],
    );
    s.grid.buses[0].shunt_g_mw = 5.768360969792241;
    s.grid.buses[1].shunt_g_mw = 6.965521903159027;
    s.grid.dc_lines = vec![
        dc_line(1, 0, 17.820267398599594, 0.6141250972962022, 0.09765162284833354),
        dc_line(0, 1, 32.09864878228056, 0.6769435758657691, 0.02825207385343156),
    ];
    let d = s.dispatch();
    assert_eq!(d.status, Some(HourStatus::Solved));
    close(d.p_mw[0], 13.606758381255737);
    close(d.shunt_mw.iter().chain(&d.dc_loss_mw).sum(), 13.606758381255737);
}

#[test]
fn lossy_dc_lines_side_by_side() {
    let mut s = Setup::new(2, vec![], vec![unit(0, 0.0, 52.31226395178531)], vec![]);
    s.grid.buses[1].shunt_g_mw = 8.551129725648343;
    s.grid.dc_lines = vec![
        dc_line(0, 1, 1.0, 0.0, 0.032557091439241743),
        dc_line(1, 0, 37.71991821170732, 0.0, 0.09017474735624684),
    ];
    let d = s.dispatch();
    assert_eq!(d.status, Some(HourStatus::Solved));
    close(d.shunt_mw[1], 8.551129725648343);
}

#[test]
fn shortage_beside_an_idle_dc_line() {
    let mut s = Setup::new(
        2,
        vec![line(0, 1, 0.01, f64::INFINITY)],
        vec![unit(0, 0.0, 32.68675235591185)],
        vec![
            demand(0, 15.84025965086275, 3.0),
            demand(0, 70.50366047260306, 3.0),
            demand(0, 60.63893886431786, 1.0),
        ],
    );
    s.grid.buses[0].shunt_g_mw = -2.7370511324037494;
    s.grid.dc_lines =
        vec![dc_line(0, 1, 46.36187392111582, 0.41276769489051857, 0.05341617519124851)];
    let d = s.dispatch();
    assert_eq!(d.status, Some(HourStatus::Solved));
    let supply = 32.68675235591185 + 2.7370511324037494 - 0.41276769489051857;
    close(d.served_mw.iter().sum(), supply);
    close(d.served_mw[0] / 15.84025965086275, d.served_mw[1] / 70.50366047260306);
    close(d.dc_flow_mw[0], 0.0);
}

/// Braess' paradox: a ring of three has one line too many.
#[test]
fn a_line_in_the_way_is_opened() {
    // All generation at 0, all demand at 2; the direct line is rated 20, the detour is not
    // limited. Closed, the direct line takes 2/3 and stops the transfer at 30; open, the
    // detour carries everything.
    let s = Setup::new(
        3,
        vec![line(0, 1, 0.1, f64::INFINITY), line(1, 2, 0.1, f64::INFINITY), line(0, 2, 0.1, 20.0)],
        vec![unit(0, 0.0, 200.0)],
        vec![demand(2, 150.0, 1.0)],
    );
    let closed = s.dispatch();
    close(closed.served_mw[0], 30.0);
    assert!(closed.opened.is_empty());
    let d = s.dispatch_with(Some(Switching::default()));
    assert_eq!(d.opened, [BranchIdx(2)]);
    close(d.served_mw[0], 150.0);
    close(d.flow_mw[2], 0.0);
    // Nothing is opened where nothing is gained.
    let mut enough = s.clone();
    enough.demands[0].p_mw = 30.0;
    assert!(enough.dispatch_with(Some(Switching::default())).opened.is_empty());
}

#[test]
fn units_keep_their_least_output_or_stand_still() {
    // 40 wanted: 35 … 100 alone would do, 30 … 60 as well, both together not.
    let units = vec![unit(0, 35.0, 100.0), unit(0, 30.0, 60.0)];
    let d = Setup::new(1, vec![], units.clone(), vec![demand(0, 40.0, 1.0)]).dispatch();
    close(d.served_mw[0], 40.0);
    assert!(d.p_mw.contains(&0.0), "{:?}", d.p_mw);
    // 90 wanted: both run, the first at 5/8, none below its floor.
    let d = Setup::new(1, vec![], units.clone(), vec![demand(0, 90.0, 1.0)]).dispatch();
    close(d.p_mw[0], 56.25);
    close(d.p_mw[1], 33.75);
    // 20 wanted: neither can run, and the island is dark.
    let d = Setup::new(1, vec![], units.clone(), vec![demand(0, 20.0, 1.0)]).dispatch();
    assert_eq!((d.p_mw, d.served_mw, d.island_alive), (vec![0.0; 2], vec![0.0], vec![false]));
    // The same behind a rating that lets 33 through: only the second unit fits.
    let lines = vec![line(0, 1, 0.1, 33.0)];
    let d = Setup::new(2, lines, units, vec![demand(1, 90.0, 1.0)]).dispatch();
    assert_eq!(d.status, Some(HourStatus::Solved));
    close(d.p_mw[0], 0.0);
    close(d.p_mw[1], 33.0);
}

/// The same share within a weight, with the interior point at work elsewhere.
#[test]
fn sharing_is_even_behind_a_binding_line() {
    let mut demands: Vec<Demand> = (1..20).map(|k| demand(1, f64::from(k), 3.0)).collect();
    demands.push(demand(0, 40.0, 1.0));
    let s = Setup::new(2, vec![line(0, 1, 0.1, 70.0)], vec![unit(0, 0.0, 300.0)], demands);
    let d = s.dispatch();
    assert!(d.iterations > 0);
    for (w, served) in s.demands.iter().zip(&d.served_mw).take(19) {
        let share = served / w.p_mw;
        assert!((share - 70.0 / 190.0).abs() < 1e-4, "{share}");
    }
    close(d.served_mw[19], 40.0);
}

/// Opening the longer way round gains a little, opening the rated line everything.
#[test]
fn the_better_of_two_openings_is_taken() {
    let s = Setup::new(
        3,
        vec![
            line(1, 2, 0.15, f64::INFINITY),
            line(1, 0, 0.01, 5.0),
            line(0, 2, 0.01, f64::INFINITY),
        ],
        vec![unit(0, 0.0, 130.0)],
        vec![demand(1, 38.0, 1.0), demand(2, 58.0, 1.0)],
    );
    let d = s.dispatch_with(Some(Switching::default()));
    assert_eq!(d.opened, [BranchIdx(1)]);
    close(d.objective, 96.0);
}
