//! Batches of scenarios of public networks: the bits are those of each scenario in a batch of
//! its own, whatever the number of threads.
#![cfg(feature = "peers")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use blackstart::water::{Batch, BatchResults, PumpOutage, Variation};

const HOUR: i64 = 3600;

fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

fn variations(pumps: usize) -> Vec<Variation> {
    let mut all = Vec::new();
    for demand_factor in [1.0, 1.7] {
        for from_h in [0, 5, 14] {
            let off = |pump| PumpOutage { pump, off_s: from_h * HOUR..(from_h + 7) * HOUR + 11 };
            let pumps_off = (0..pumps as u32).map(off).collect();
            all.push(Variation { demand_factor, pumps_off });
        }
        all.push(Variation { demand_factor, pumps_off: Vec::new() });
    }
    all
}

#[test]
fn together_as_alone_on_any_number_of_threads() {
    let mut short = 0;
    for name in ["epanet/Net1", "epanet/Net3", "epanet/ky4", "epyt/ky7"] {
        let read = blackstart_io::load_water(&peers().join(format!("networks/{name}.inp")));
        let mut water = read.water.expect(name);
        water.options.min_pressure_m = 0.0;
        water.options.required_pressure_m = 20.0;
        water.options.pressure_exponent = 0.5;
        let mut times = read.times;
        times.duration_s = 24 * HOUR;
        let all = variations(water.pumps.len());
        for demand_driven in [true, false] {
            let run = |some: &[Variation]| -> BatchResults {
                let batch = Batch::new(&water, times.clone(), demand_driven);
                batch.run(some, &|_| ControlFlow::Continue(())).expect("sound variations")
            };
            let alone: Vec<_> =
                all.iter().map(|v| run(std::slice::from_ref(v)).scenarios.remove(0)).collect();
            let with = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| run(&all))
            };
            let (one, four) = (with(1), with(4));
            assert_eq!(one.scenarios, alone, "{name}");
            // NaN is no equal of itself, its words are.
            assert_eq!(format!("{one:?}"), format!("{four:?}"), "{name}");
            let shares = alone.iter().flatten().map(|s| s.supplied_share());
            short += shares.filter(|share| *share < 0.999).count();
        }
    }
    assert!(short > 4, "demands are not all met in the dark");
}
