//! No bytes may panic the EPANET reader, or make it slow or large.
#![no_main]

use std::path::Path;

use blackstart_io::formats::inp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let parsed = inp::parse(data, Path::new("fuzz.inp"));
    assert!(parsed.value.water.node_count() <= data.len() && parsed.problems.len() <= 153);
});
