//! Every public network, read, written and read again, is the same.
#![cfg(feature = "peers")]

use std::path::{Path, PathBuf};

use blackstart_io::Severity;
use blackstart_io::formats::inp;

fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

#[test]
fn networks_are_written_back() {
    let mut count = 0;
    for folder in ["epanet", "epanet-odd", "epyt"] {
        let folder = peers().join("networks").join(folder);
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", folder.display()));
        for path in entries.map(|e| e.unwrap().path()) {
            let parsed = inp::parse(&std::fs::read(&path).unwrap(), &path);
            if parsed.problems.iter().any(|p| p.severity == Severity::Error) {
                continue;
            }
            let file = parsed.value;
            let text = inp::write(&file);
            let again = inp::parse(text.as_bytes(), &path);
            let wrong: Vec<_> =
                again.problems.iter().filter(|p| p.severity == Severity::Error).collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", path.display());
            let back = again.value;
            let name = path.display();
            assert_eq!(back.water, file.water, "{name}");
            assert_eq!(back.times, file.times, "{name}");
            assert_eq!(back.demand_model, file.demand_model, "{name}");
            assert_eq!(back.title, file.title, "{name}");
            assert_eq!(back.coordinates, file.coordinates, "{name}");
            assert_eq!(back.vertices, file.vertices, "{name}");
            assert_eq!(inp::write(&back), text, "{name}");
            count += 1;
        }
    }
    assert!(count >= 70, "{count} networks");
}
