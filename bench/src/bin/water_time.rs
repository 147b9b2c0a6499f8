//! Temporary timing.
#![allow(clippy::print_stdout, missing_docs)]
use blackstart::region::{Region, RegionDraft};
use blackstart::water::Period;
use blackstart_io::formats::inp;
use rustix::time::{ClockId, clock_gettime};
fn cpu_s() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let path = std::path::Path::new(&args[1]);
    let bytes = std::fs::read(path).unwrap();
    let parsed = inp::parse(&bytes, path).value;
    let times0 = parsed.times.period();
    let checked = Region::check(RegionDraft { water: parsed.water, ..RegionDraft::default() });
    let mut water = checked.region.unwrap().water().clone();
    water.options.min_pressure_m = 0.0;
    water.options.required_pressure_m = 20.0;
    water.options.pressure_exponent = 0.5;
    for mode in ["dda", "pda", "out"] {
        if args.len() > 2 && args[2] != mode {
            continue;
        }
        let mut times = times0.clone();
        if times.duration_s == 0 {
            times.duration_s = 24 * 3600;
        }
        times.duration_s = times.duration_s.min(72 * 3600);
        if mode == "out" {
            times.pumps_off_s.push(2 * 3600..20 * 3600);
        }
        let mut best = f64::INFINITY;
        let (mut steps, mut its, mut bad) = (0, 0, 0);
        let t_end = cpu_s() + 1.0;
        let mut n = 0;
        while n < 3 || cpu_s() < t_end {
            n += 1;
            let t0 = cpu_s();
            let mut p = Period::new(&water, times.clone()).demand_driven(mode == "dda");
            let t1 = cpu_s();
            let _ = t1;
            (steps, its, bad) = (0, 0, 0);
            loop {
                p.solve_only();
                let m = p.moment();
                steps += 1;
                its += m.iterations;
                if m.status.is_degraded() {
                    bad += 1;
                }
                if !p.advance() {
                    break;
                }
            }
            let t = cpu_s() - t0;
            if t < best {
                best = t;
            }
        }
        println!(
            "{:20} {mode} {:9.3} ms steps {steps} its {its} bad {bad} us/it {:.2}",
            path.file_stem().unwrap().to_string_lossy(),
            best * 1e3,
            best * 1e6 / its as f64
        );
    }
}
