//! No text may panic the PSS/E reader, or make it slow or large.
#![no_main]

use std::path::Path;

use blackstart_io::formats::psse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let parsed = psse::parse(&text, Path::new("fuzz.raw"));
    let elements = parsed.value.buses.len() + parsed.value.branches.len();
    assert!(elements <= data.len() && parsed.problems.len() <= 153);
});
