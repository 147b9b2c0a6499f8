//! The page from what was compared.

use std::fmt::Write as _;

use super::known::{KNOWN, reason};
use super::water_period::{Difference, HEAD_M};
use super::{Line, RUNS};

const HEAD: &str = "\
# What water networks are compared with

Regenerate with `python3 testdata/peers/setup.py` and then
`cargo run --release -p blackstart-bench --bin water_validation`. The same comparisons are
tests: `cargo test --features peers`.

EPANET 2.3 (the library of the Python package `owa-epanet`) and 2.2 (that of `wntr`) run every
network that the packages `wntr` and `epyt` carry, at their own event times: demand-driven
(`dda`) and pressure-driven (`pda`: nothing at 0 m, all from 20 m, exponent 0.5), with pumps as
the network's controls say (`on`) and with all pumps dark from hour 2 to hour 20, at the file's
own hydraulic step (`own`) and at 5 minutes (`out`). Times are the file's, at most three days,
one day for networks of more than 700 nodes or with reports more often than every 15 minutes.
EPANET is asked for sharper answers than by default (accuracy 1e-5, 200 trials), because the
comparison is of networks, not of where iterations were ended.

Demanded at the 99th percentile of all nodes (links) and reports: heads within 0.01 m; flows
within 0.01 l/s or 0.1 %, whichever is more. Flow differences below are in that measure: 1 is the
limit. Reports that EPANET itself calls unbalanced are left out, and demand-driven ones in which
nodes are cut off here: EPANET serves their demands through closed links and takes that water
from the rest of the network.

Columns: reports compared of all; left out because EPANET was unbalanced / nodes are cut off;
heads: median, 99th percentile, largest difference, m; flows likewise; solutions of EPANET and
how many of their times are ours too (`=` if all are, else only ours / only EPANET's); note: **K**
known (below), **D** differs, **R** relaxed or not converged here so many times (after 100 the
comparison is ended), *stops*: EPANET ends with an error at that hour. A run agrees when reports
were compared, they are within the limits and every solution here was to tolerance.
";

/// The whole page.
pub(crate) fn page(lines: &[Line]) -> String {
    let mut out = HEAD.to_owned();
    out.push_str("\n## Summary\n\n");
    summary(&mut out, lines);
    for (version, _) in RUNS {
        let _ = write!(out, "\n## EPANET {version}\n\n");
        out.push_str(
            "| network | nodes | links | run | reports | left out | heads: 50 % | 99 % | most | \
             flows: 50 % | 99 % | most | solutions | times | |\n\
             |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        );
        for line in lines.iter().filter(|l| l.version == version) {
            row(&mut out, line);
        }
    }
    out.push_str(
        "\n## EPANET 2.3 and 2.2 beside each other\n\nRuns in which the two differ beyond the same \
         limits, reports that either calls unbalanced left out. Where they do, at most one of them \
         can be agreed with; constant-power pumps and pressure-reducing valves are behind most.\n\n\
         | network | run | heads: 50 % | 99 % | most | flows: 50 % | 99 % | most |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for line in lines.iter().filter(|l| l.version == "2.2") {
        let Some([h, q]) = line.versions.filter(|[h, q]| h[1] > HEAD_M || q[1] > 1.0) else {
            continue;
        };
        let cells = h.iter().chain(&q).map(|x| small(*x)).collect::<Vec<_>>().join(" | ");
        let _ = writeln!(out, "| {} | {} {} | {cells} |", line.network, line.mode, line.run);
    }
    out.push_str("\n## Known differences\n\n");
    for (network, version, mode, run, why) in KNOWN {
        let any = |s: &str| if s == "*" { "all".to_owned() } else { s.to_owned() };
        let _ = writeln!(
            out,
            "- `{network}`, EPANET {}, {} {}: {why}.",
            any(version),
            any(mode),
            any(run)
        );
    }
    out
}

/// Within the limits, with every solution here to tolerance.
fn sound(d: &Difference) -> bool {
    d.agrees() && d.degraded.is_empty()
}

fn summary(out: &mut String, lines: &[Line]) {
    out.push_str(
        "| EPANET | run | runs | agree | nothing to compare | known | differ | relaxed or not converged here | EPANET \
         stops or refuses | reports compared | EPANET unbalanced | times of all solutions equal \
         |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (version, runs) in RUNS {
        for mode in ["dda", "pda"] {
            for run in runs {
                let of: Vec<&Line> = lines
                    .iter()
                    .filter(|l| l.version == version && l.mode == mode && l.run == *run)
                    .collect();
                let found: Vec<(&Line, &Difference)> =
                    of.iter().filter_map(|l| Some((*l, l.difference.as_ref()?))).collect();
                let count = |f: &dyn Fn(&Line, &Difference) -> bool| {
                    found.iter().filter(|(l, d)| f(l, d)).count()
                };
                let known = |l: &Line| reason(&l.network, version, mode, run).is_some();
                let _ = writeln!(
                    out,
                    "| {version} | {mode} {run} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                    found.len(),
                    count(&|_, d| d.compared > 0 && sound(d)),
                    count(&|_, d| d.compared == 0 && sound(d)),
                    count(&|l, d| !sound(d) && known(l)),
                    count(&|l, d| !sound(d) && !known(l)),
                    count(&|_, d| !d.degraded.is_empty()),
                    of.len() - found.len() + count(&|_, d| d.stopped_s.is_some()),
                    found.iter().map(|(_, d)| d.compared).sum::<usize>(),
                    found.iter().map(|(_, d)| d.unbalanced).sum::<usize>(),
                    count(&|_, d| d.ours_only.is_empty() && d.theirs_only.is_empty()),
                );
            }
        }
    }
}

fn row(out: &mut String, line: &Line) {
    let Some(d) = &line.difference else {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} {} | EPANET refuses | | | | | | | | | | |",
            line.network, line.nodes, line.links, line.mode, line.run
        );
        return;
    };
    let times = if d.ours_only.is_empty() && d.theirs_only.is_empty() {
        "=".to_owned()
    } else {
        format!("{} / {}", d.ours_only.len(), d.theirs_only.len())
    };
    let mut notes = Vec::new();
    if !sound(d) {
        let known = reason(&line.network, line.version, line.mode, line.run).is_some();
        notes.push(if known { "**K**".to_owned() } else { "**D**".to_owned() });
    }
    if !d.degraded.is_empty() {
        notes.push(format!("**R** {}", d.degraded.len()));
    }
    if let Some(s) = d.ended_s {
        notes.push(format!("ended {:.1} h", s as f64 / 3600.0));
    }
    if let Some(s) = d.stopped_s {
        notes.push(format!("*stops* {:.1} h", s as f64 / 3600.0));
    }
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} {} | {} of {} | {} / {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        line.network,
        line.nodes,
        line.links,
        line.mode,
        line.run,
        d.compared,
        d.reports,
        d.unbalanced,
        d.disconnected,
        small(d.head_m[0]),
        small(d.head_m[1]),
        small(d.head_m[2]),
        small(d.flow[0]),
        small(d.flow[1]),
        small(d.flow[2]),
        d.steps,
        times,
        notes.join(" ")
    );
}

/// Two digits that count.
fn small(x: f64) -> String {
    if x == 0.0 {
        "0".into()
    } else if x >= 1e5 {
        format!("{x:.0e}")
    } else if x >= 10.0 {
        format!("{x:.0}")
    } else if x >= 0.01 {
        format!("{x:.2}")
    } else {
        format!("{x:.0e}")
    }
}
