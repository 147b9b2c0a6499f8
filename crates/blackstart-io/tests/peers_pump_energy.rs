//! Electricity of pumps against EPANET 2.3.
#![cfg(feature = "peers")]

use std::path::{Path, PathBuf};

use blackstart::water::{Period, PumpMeter};
use blackstart_io::load_water;

/// kWh over the file's own run: power of each pump (`EN_ENERGY`) at every solution times the
/// time to the next one, added up over the toolkit of the Python package owa-epanet.
const EPANET_KWH: [(&str, &str, f64); 3] =
    [("Net1", "9", 1_333.229_294), ("Net3", "10", 6_081.335_581), ("Net3", "335", 12_299.525_89)];

fn network(name: &str) -> PathBuf {
    let peers = std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    );
    peers.join(format!("networks/epanet/{name}.inp"))
}

#[test]
fn pumps_use_what_they_use_in_epanet() {
    for (name, id, want_kwh) in EPANET_KWH {
        let read = load_water(&network(name));
        let water = read.water.expect("run testdata/peers/setup.py");
        let mut period = Period::new(&water, read.times).demand_driven(read.demand_driven);
        let mut meter = PumpMeter::new(&water);
        loop {
            period.solve();
            let (moment, before_s) = (period.moment().clone(), period.now_s());
            if !period.advance() {
                break;
            }
            meter.add(&moment, (period.now_s() - before_s) as f64);
        }
        let pump = water.pumps.iter().position(|p| p.id == id).expect("the pump");
        let got_kwh = meter.uses()[pump].energy_kwh;
        assert!((got_kwh / want_kwh - 1.0).abs() < 1e-4, "{name} {id}: {got_kwh} {want_kwh}");
    }
}
