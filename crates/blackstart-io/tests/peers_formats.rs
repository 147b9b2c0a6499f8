//! Every public case and network must parse, and hold what an independent reader finds
//! in it (`testdata/peers/formats.py`).
#![cfg(feature = "peers")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use blackstart::region::{PipeStatus, PumpCurve};
use blackstart_io::formats::{inp, matpower};
use blackstart_io::{Severity, read_grid};

fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

/// Rows of an expected table as (name, values by the header's order).
fn expected(name: &str) -> Vec<(String, Vec<f64>)> {
    let path = peers().join("formats").join(name);
    let mut reader = csv::Reader::from_path(&path)
        .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", path.display()));
    reader
        .records()
        .map(|r| {
            let r = r.unwrap();
            (r[0].to_owned(), r.iter().skip(1).map(|x| x.parse().unwrap()).collect())
        })
        .collect()
}

/// Sums differ by the order of the additions only.
fn assert_close(name: &str, what: &str, ours: f64, theirs: f64) {
    let tolerance = 1e-9 * theirs.abs().max(1.0);
    assert!((ours - theirs).abs() <= tolerance, "{name}: {what} is {ours}, expected {theirs}");
}

#[test]
fn every_public_matpower_case_holds_what_an_independent_reader_finds() {
    let rows = expected("matpower.csv");
    assert!(rows.len() >= 78, "only {} cases", rows.len());
    let (mut bytes, mut seconds) = (0, 0.0);
    for (name, v) in rows {
        let path = peers().join("networks/matpower").join(format!("{name}.m"));
        let text = std::fs::read_to_string(&path).unwrap();
        let start = Instant::now();
        let parsed = matpower::parse(&text, &path);
        seconds += start.elapsed().as_secs_f64();
        bytes += text.len();
        for problem in &parsed.problems {
            assert_eq!(problem.severity, Severity::Note, "{problem}");
        }
        let g = &parsed.value;
        let sum = |f: &dyn Fn(&mut Vec<f64>)| {
            let mut values = Vec::new();
            f(&mut values);
            values.into_iter().filter(|x: &f64| x.is_finite()).sum::<f64>()
        };
        let count = |n: usize| n as f64;
        let ours = [
            ("base_mva", g.base_mva),
            ("buses", count(g.buses.len())),
            ("branches", count(g.branches.len())),
            ("generators", count(g.generators.len())),
            ("dc_lines", count(g.dc_lines.len())),
            ("pd", sum(&|v| v.extend(g.loads.iter().map(|l| l.p_mw)))),
            ("qd", sum(&|v| v.extend(g.loads.iter().map(|l| l.q_mvar)))),
            ("gs", sum(&|v| v.extend(g.buses.iter().map(|b| b.shunt_g_mw)))),
            ("bs", sum(&|v| v.extend(g.buses.iter().map(|b| b.shunt_b_mvar)))),
            ("r", sum(&|v| v.extend(g.branches.iter().map(|b| b.r_pu)))),
            ("x", sum(&|v| v.extend(g.branches.iter().map(|b| b.x_pu)))),
            ("b", sum(&|v| v.extend(g.branches.iter().map(|b| b.b_pu)))),
            ("rated", count(g.branches.iter().filter(|b| b.rate_mva.is_finite()).count())),
            ("in service", count(g.branches.iter().filter(|b| b.in_service).count())),
            ("shift", sum(&|v| v.extend(g.branches.iter().map(|b| b.shift_deg)))),
            ("p_max", sum(&|v| v.extend(g.generators.iter().map(|g| g.p_max_mw)))),
            (
                "infinite p_max",
                count(g.generators.iter().filter(|g| g.p_max_mw.is_infinite()).count()),
            ),
            ("p_min", sum(&|v| v.extend(g.generators.iter().map(|g| g.p_min_mw)))),
            ("generators on", count(g.generators.iter().filter(|g| g.in_service).count())),
            ("vm", sum(&|v| v.extend(g.buses.iter().map(|b| b.vm_pu)))),
        ];
        assert_eq!(ours.len(), v.len());
        for ((what, ours), theirs) in ours.into_iter().zip(v) {
            assert_close(&name, what, ours, theirs);
        }
    }
    assert!(seconds < 20.0, "{bytes} bytes took {seconds} s");
}

#[test]
fn every_public_matpower_case_is_the_same_after_writing_and_reading() {
    let mut cases = 0;
    for entry in std::fs::read_dir(peers().join("networks/matpower")).unwrap() {
        let path = entry.unwrap().path();
        let read = read_grid(&path);
        if read.problems.iter().any(|p| p.severity == Severity::Error) {
            continue;
        }
        let grid = read.network.unwrap();
        let (text, notes) = matpower::write(&grid, &path);
        let again = matpower::parse(&text, &path).value;
        assert_eq!(again.buses, grid.buses, "{}", path.display());
        assert_eq!(again.branches, grid.branches, "{}", path.display());
        assert_eq!(again.loads, grid.loads, "{}", path.display());
        assert!(again == grid, "{}", path.display());
        // Equal numbers may differ in the sign of zero; equal texts may not.
        assert!(matpower::write(&again, &path).0 == text, "{}", path.display());
        // The only thing that some of them hold and a case cannot say.
        let isolated = "kinds of buses out of service";
        assert!(notes.iter().all(|n| n.message.contains(isolated)), "{notes:?}");
        cases += 1;
    }
    assert!(cases >= 78, "only {cases} cases");
}

#[test]
fn files_of_the_package_that_are_not_cases_are_refused() {
    for name in ["contab_ACTIVSg200.m", "scenarios_ACTIVSg200.m"] {
        let path = peers().join("networks/matpower").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = matpower::parse(&text, &path);
        assert!(parsed.problems.iter().any(|p| p.severity == Severity::Error), "{name}");
    }
}

/// EPANET's constants are rounded to four or five digits; its single precision shows too.
fn assert_near(name: &str, what: &str, ours: f64, theirs: f64) {
    let tolerance = 2e-5 * theirs.abs().max(0.1);
    assert!((ours - theirs).abs() <= tolerance, "{name}: {what} is {ours}, expected {theirs}");
}

#[test]
fn every_public_epanet_network_holds_what_epanet_finds_in_it() {
    let mut wrong = Vec::new();
    let rows = expected("epanet.csv");
    assert!(rows.iter().filter(|(name, _)| name.starts_with("epanet/")).count() >= 6);
    for (name, v) in rows {
        let path = peers().join("networks").join(&name);
        let parsed = inp::parse(&std::fs::read(&path).unwrap(), &path);
        for problem in &parsed.problems {
            if problem.severity == Severity::Error {
                wrong.push(problem.to_string());
            }
        }
        let w = &parsed.value.water;
        let o = &w.options;
        let n = |n: usize| n as f64;
        let demands = || w.junctions.iter().flat_map(|j| &j.demands);
        let points = || {
            w.pumps.iter().flat_map(|p| match &p.curve {
                PumpCurve::Points(points) => points.as_slice(),
                PumpCurve::Power { .. } => &[],
            })
        };
        let pipes = |status| n(w.pipes.iter().filter(|p| p.status == status).count());
        let ours = [
            ("junctions", n(w.junctions.len())),
            ("reservoirs", n(w.reservoirs.len())),
            ("tanks", n(w.tanks.len())),
            ("pipes", n(w.pipes.len())),
            ("pumps", n(w.pumps.len())),
            ("valves", n(w.valves.len())),
            ("elevation", w.junctions.iter().map(|j| j.elevation_m).sum()),
            ("demand", demands().map(|d| d.base_m3h).sum()),
            ("demands", n(demands().count())),
            ("demands with a pattern", n(demands().filter(|d| d.pattern.is_some()).count())),
            ("head", w.reservoirs.iter().map(|r| r.head_m).sum()),
            ("initial level", w.tanks.iter().map(|t| t.init_level_m).sum()),
            ("minimum volume", w.tanks.iter().map(|t| t.min_volume_m3).sum()),
            ("length", w.pipes.iter().map(|p| p.length_m).sum()),
            ("diameter", w.pipes.iter().map(|p| p.diameter_mm).sum()),
            ("roughness", w.pipes.iter().map(|p| p.roughness).sum()),
            ("minor loss", w.pipes.iter().map(|p| p.minor_loss).sum()),
            ("check valves", pipes(PipeStatus::CheckValve)),
            ("closed pipes", pipes(PipeStatus::Closed)),
            ("pumps off", n(w.pumps.iter().filter(|p| !p.on).count())),
            ("speed", w.pumps.iter().filter(|p| p.on).map(|p| p.speed).sum()),
            ("pump points", n(points().count())),
            ("pump flows", points().map(|p| p.0).sum()),
            ("pump heads", points().map(|p| p.1).sum()),
            ("multipliers", w.patterns.iter().flat_map(|p| &p.multipliers).sum()),
            ("controls", n(w.controls.len())),
            ("rules", n(w.rules.len())),
            ("pattern step", o.pattern_step_h),
            ("start clock", o.start_clock_h),
            ("duration", parsed.value.times.duration_h),
            ("demand multiplier", o.demand_multiplier),
        ];
        assert_eq!(ours.len(), v.len());
        for ((what, ours), theirs) in ours.into_iter().zip(v) {
            assert_near(&name, what, ours, theirs);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_unknown_section_is_refused_as_epanet_does() {
    let path = peers().join("networks/epanet-odd/bad_syntax.inp");
    let parsed = inp::parse(&std::fs::read(&path).unwrap(), &path);
    let errors: Vec<_> = parsed.problems.iter().filter(|p| p.severity == Severity::Error).collect();
    assert!(matches!(errors[..], [e] if e.message == "unknown section [FOO]"), "{errors:?}");
}
