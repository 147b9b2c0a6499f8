//! Public networks run by themselves against EPANET 2.3 and 2.2 (`testdata/peers/water_period.py`)
//! at every report step: heads and flows at EPANET's own levels and settings, the whole course,
//! and the times of all solutions; demand-driven and pressure-driven, with pumps on and with all
//! pumps dark from hour 2 to hour 20. `docs/validation/water.md` has the figures and the rules.
//!
//! `BLACKSTART_NETWORK=ky` looks at networks of that name only.
#![cfg(feature = "peers")]
#![allow(clippy::print_stdout, reason = "shows the comparison when a test fails")]

mod known;
mod water_period;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use known::{KNOWN, lines};
use water_period::{Difference, RUNS, compare, name, networks, versions};

fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

/// Where EPANET's versions differ, too.
fn tell_versions(file: &Path, mode: &str, run: &str) {
    if std::env::var_os("BLACKSTART_TELL_MORE").is_some() {
        println!("   2.3 and 2.2: {:?}", versions(&peers(), file, (mode, run)));
    }
}

fn tell(name: &str, version: &str, (mode, run): (&str, &str), d: &Difference) {
    println!(
        "{name:40} {version} {mode} {run:3} {:4}/{:4} unb {:3} cut {:3} | {:.5} {:9.5} | {:.4} {:9.2} \
         | {:4} +{} -{} | deg {} first {:?} stop {:?} {} / {}",
        d.compared,
        d.reports,
        d.unbalanced,
        d.disconnected,
        d.head_m[1],
        d.head_m[2],
        d.flow[1],
        d.flow[2],
        d.steps,
        d.ours_only.len(),
        d.theirs_only.len(),
        d.degraded.len(),
        d.first_off_s,
        d.stopped_s,
        d.worst_head,
        d.worst_flow,
    );
    println!(
        "   beyond {} breached {} stuck {} moments {} {:?} {:?} deg {} off {}",
        d.beyond,
        d.breached,
        d.stuck,
        d.moment.agrees(),
        d.moment.head_m,
        d.moment.flow,
        d.moment.degraded,
        d.moment.beyond.len(),
    );
    if std::env::var_os("BLACKSTART_TELL_MORE").is_some() {
        println!("   ours {:?}", d.ours_only.iter().take(8).collect::<Vec<_>>());
        println!("   theirs {:?}", d.theirs_only.iter().take(8).collect::<Vec<_>>());
        println!("   {:#?}", d.moment.beyond);
        println!("   {:?}", d.degraded.iter().take(3).collect::<Vec<_>>());
        println!("   flows {:?} ended {:?} agrees {}", d.flow, d.ended_s, d.course_agrees());
    }
}

/// All runs of one network.
fn runs_of(file: &Path) -> Vec<(&'static str, &'static str, &'static str, Difference)> {
    let mut found = Vec::new();
    for (version, asked) in RUNS {
        for mode in ["dda", "pda"] {
            for &run in asked {
                if let Some(d) = compare(&peers(), version, file, (mode, run)) {
                    tell_versions(file, mode, run);
                    found.push((version, mode, run, d));
                }
            }
        }
    }
    found
}

#[test]
fn networks_agree() {
    // The largest first, so that none is left over for the end.
    let mut files = networks(&peers()).unwrap();
    files.sort_by_key(|f| std::cmp::Reverse(std::fs::metadata(f).map_or(0, |m| m.len())));
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let runs = runs_of(file);
                    found.lock().unwrap().push((name(file), runs));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut wrong, mut count) = (Vec::new(), 0);
    let mut needed = [false; KNOWN.len()];
    for (name, runs) in found {
        for (version, mode, run, d) in runs {
            count += 1;
            tell(&name, version, (mode, run), &d);
            if d.agrees() {
                continue;
            }
            let mut known = false;
            for line in lines(&name, version, mode, run) {
                (known, needed[line]) = (true, true);
            }
            if !known {
                wrong.push((name.clone(), version, mode, run, d.moment.clone(), d.degraded.len()));
            }
        }
    }
    let all = std::env::var_os("BLACKSTART_NETWORK").is_none();
    assert!(!all || count > 600, "{count} runs only");
    assert!(wrong.is_empty(), "{wrong:#?}");
    let idle: Vec<_> = KNOWN.iter().zip(needed).filter(|k| !k.1).map(|k| k.0).collect();
    assert!(!all || idle.is_empty(), "known differences that are none any more: {idle:#?}");
}
