//! Sequences computed by hand, and what must hold of any.

use super::CascadeEventKind::{BranchTrip, IslandDark, LoadShed, UnitTrip};
use super::{CascadeCause as Cause, CascadeOptions, CascadeStatus, cascade};
use crate::grid::power_flow::{Method, PowerFlowOptions};
use crate::grid::snapshot::Snapshot;
use crate::region::{Branch, BranchIdx, Bus, BusIdx, BusKind, Generator, GeneratorIdx, Grid, Load};
use proptest::prelude::*;

fn line(from: u32, to: u32, x: f64, rate: f64) -> Branch {
    Branch { from: BusIdx(from), to: BusIdx(to), x_pu: x, rate_mva: rate, ..Branch::default() }
}

fn unit(bus: u32, p: f64, most: f64) -> Generator {
    Generator { bus: BusIdx(bus), p_mw: p, p_max_mw: most, ..Generator::default() }
}

fn load(bus: u32, p: f64) -> Load {
    Load { bus: BusIdx(bus), p_mw: p, ..Load::default() }
}

fn grid(buses: u32, branches: Vec<Branch>, generators: Vec<Generator>, loads: Vec<Load>) -> Grid {
    let kind = |i| if i == 0 { BusKind::Reference } else { BusKind::Generator };
    let buses = (0..buses).map(|i| Bus { kind: kind(i), ..Bus::default() }).collect();
    Grid { base_mva: 100.0, buses, branches, generators, loads, ..Grid::default() }
}

/// Unit A (150 of 200 MW) at bus 0; load of 200 MW and unit B (50 of 150 MW) at bus 1.
/// Of three equal circuits between them one is just lost; the others, of 50 and 45 MW,
/// carry 75 MW each. Relays start at 1.5 times that: 75 and 67.5 MW.
///
/// * The second sees 1.1111 of its setting: 0.14 / (1.1111^0.02 − 1) = 66.37 s.
/// * The first then carries 150 MW, twice its setting: 10.03 s more.
/// * Island A: 150 MW too many at 200 / (0.05 · 50) = 80 MW/Hz: 51.875 Hz, the unit trips.
/// * Island B: B gives 150 MW at most, reached 1.67 Hz below nominal, and the load gives
///   way by 1 % per Hz. With 185, 170, 155 MW left the balance lies below 48.4 Hz; with
///   140 MW, 50 + 60 x = 140 − 1.4 x, x = 1.4658: 48.534 Hz, above the fifth stage.
#[test]
fn two_areas_by_hand() {
    let mut lines = vec![line(0, 1, 0.1, 50.0), line(0, 1, 0.1, 45.0), line(0, 1, 0.1, 60.0)];
    lines[2].in_service = false;
    let g = grid(2, lines, vec![unit(0, 150.0, 200.0), unit(1, 50.0, 150.0)], vec![load(1, 200.0)]);
    let got = cascade(&g, &Snapshot::of(&g), &CascadeOptions::default());
    assert_eq!(got.status, CascadeStatus::Settled);
    let (first, second) = (66.3688, 76.3978);
    let expected = [
        (first, BranchTrip(BranchIdx(1)), Cause::Overload, 0, 0.0, 50.0),
        (second, BranchTrip(BranchIdx(0)), Cause::Overload, 0, 0.0, 50.0),
        (second, UnitTrip(GeneratorIdx(0)), Cause::OverFrequency, 0, 0.0, 51.875),
        (second, IslandDark, Cause::NoUnit, 0, 0.0, f64::NAN),
        (second, LoadShed(None), Cause::UnderFrequency, 1, 15.0, 40.0),
        (second, LoadShed(None), Cause::UnderFrequency, 1, 15.0, 40.0),
        (second, LoadShed(None), Cause::UnderFrequency, 1, 15.0, 40.0),
        // 155 (1 − 0.01 x) = 150.
        (second, LoadShed(None), Cause::UnderFrequency, 1, 15.0, 46.7742),
    ];
    assert_eq!(got.events.len(), expected.len(), "{:#?}", got.events);
    for (e, (time_s, kind, cause, island, mw, hz)) in got.events.iter().zip(expected) {
        assert_eq!((e.kind, e.cause, e.island), (kind, cause, BusIdx(island)));
        assert!((e.time_s - time_s).abs() < 2e-3, "{e:?}");
        assert!((e.load_shed_mw - mw).abs() < 1e-9, "{e:?}");
        assert!(
            (e.frequency_hz - hz).abs() < 1e-3 || (hz.is_nan() && e.frequency_hz.is_nan()),
            "{e:?}"
        );
    }
    assert!((got.load_shed_mw() - 60.0).abs() < 1e-9 && (got.kept[0] - 0.7).abs() < 1e-12);
    assert!((got.after.generator_p_mw[1] - (50.0 + 60.0 * 90.0 / 61.4)).abs() < 1e-6);
    assert_eq!(
        (got.branch_tripped, got.unit_tripped),
        (vec![true, true, false], vec![true, false])
    );
    // Dispatchers who come before the second relay find it running.
    let early = CascadeOptions { until_s: 70.0, ..CascadeOptions::default() };
    let got = cascade(&g, &Snapshot::of(&g), &early);
    assert_eq!((got.status, got.events.len()), (CascadeStatus::TimeUp, 1));
}

/// 130 MW over a lossless reactance of 0.5 p.u. from 1 p.u.: at most 1 / (2 · 0.5) = 1 p.u.
/// can arrive, so five steps of 5 % (97.5 MW) bring a solution back, at √0.611 = 0.782 p.u.
/// At 91 MW it is 0.841, at 84.5 MW 0.876: above 0.85 after two steps more.
#[test]
fn voltage_collapse_by_hand() {
    let g = grid(
        2,
        vec![line(0, 1, 0.5, f64::INFINITY)],
        vec![unit(0, 130.0, 400.0)],
        vec![load(1, 130.0)],
    );
    let options = CascadeOptions {
        power_flow: PowerFlowOptions { method: Method::Newton, ..PowerFlowOptions::default() },
        demand_share_per_hz: 0.0,
        ..CascadeOptions::default()
    };
    let got = cascade(&g, &Snapshot::of(&g), &options);
    let causes: Vec<Cause> = got.events.iter().map(|e| e.cause).collect();
    let mut expected = vec![Cause::VoltageCollapse; 5];
    expected.extend([Cause::UnderVoltage; 2]);
    assert_eq!(causes, expected);
    assert!((got.kept[0] - 0.65).abs() < 1e-12);
    assert_eq!(
        (got.events[5].kind, got.status),
        (LoadShed(Some(BusIdx(1))), CascadeStatus::Settled)
    );
}

#[test]
fn nothing_happens_without_overload_or_imbalance() {
    let g = grid(2, vec![line(0, 1, 0.1, 100.0)], vec![unit(0, 80.0, 100.0)], vec![load(1, 80.0)]);
    let at = Snapshot::of(&g);
    let got = cascade(&g, &at, &CascadeOptions::default());
    assert!(got.events.is_empty());
    assert!((got.after.load_p_mw[0] - 80.0).abs() < 1e-9);
    // Too little generation that no shedding can make good: dark.
    let g = grid(2, vec![line(0, 1, 0.1, 100.0)], vec![unit(0, 10.0, 10.0)], vec![load(1, 80.0)]);
    let got = cascade(&g, &Snapshot::of(&g), &CascadeOptions::default());
    assert_eq!(
        got.events.last().map(|e| (e.kind, e.cause)),
        Some((IslandDark, Cause::UnderFrequency))
    );
    assert!((got.load_shed_mw() - 80.0).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn ends_in_balance_and_counts_what_it_sheds(
        lines in prop::collection::vec((0u32..8, 0u32..8, 0.05f64..0.4, 10.0f64..60.0), 6..16),
        units in prop::collection::vec((0u32..8, 0.0f64..60.0, 1.0f64..1.6), 1..5),
        loads in prop::collection::vec((0u32..8, 0.0f64..50.0), 1..8),
    ) {
        let lines = lines.into_iter().map(|(f, t, x, rate)| line(f, t, x, rate)).collect();
        let units = units.into_iter().map(|(b, p, m)| unit(b, p, p * m)).collect();
        let g = grid(8, lines, units, loads.into_iter().map(|(b, p)| load(b, p)).collect());
        let at = Snapshot::of(&g);
        let got = cascade(&g, &at, &CascadeOptions::default());
        let lost: f64 = at.load_p_mw.iter().zip(&got.kept).map(|(p, k)| p * (1.0 - k)).sum();
        prop_assert!((lost - got.load_shed_mw()).abs() < 1e-6, "{lost} {:?}", got.events);
        prop_assert!(got.events.windows(2).all(|e| e[0].time_s <= e[1].time_s));
        prop_assert!(got.kept.iter().all(|k| (-1e-12..=1.0).contains(k)));
        let made: f64 = (0..g.generators.len())
            .filter(|i| got.after.generator_in_service[*i])
            .map(|i| got.after.generator_p_mw[i])
            .sum();
        let used: f64 = got.after.load_p_mw.iter().sum();
        prop_assert!((made - used).abs() < 1e-6 * (1.0 + used), "{made} {used}");
        prop_assert_eq!(&got.events.len(), &cascade(&g, &at, &CascadeOptions::default()).events.len());
    }
}
