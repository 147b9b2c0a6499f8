//! The page from what was compared.

use std::fmt::Write as _;

use super::known::{KNOWN, lines as known_lines};
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

Two things are compared. **Moments**: at every report, heads and flows here, solved from
EPANET's levels of tanks and settings of links at that report. This is the hydraulic solver,
report by report. **The course**: one run from the start, which adds the times of events. It can
part from EPANET's and be no worse: steps are whole seconds, and where a control switches a
second earlier, or a tank runs empty half a second before a step ends (EPANET 2.3 then lets it
give water through all of the next step, see ky3), levels differ from there on; so they do after
a solution that EPANET itself calls unbalanced, or in which one of its pumps was stuck. In the
dark a pump behind a shut pipe is open or closed to EPANET as its iterations fall, and controls
cut steps accordingly. Of the runs that part, those of ky3, ky4, ky9 and ky13 were followed to
the step where they do, and it was one of these; the columns show how far each goes.

Demanded at the 99th percentile of all nodes (links) and reports: heads within 0.01 m; flows
within 0.01 l/s or 0.1 %, whichever is more. Flow differences below are in that measure: 1 is the
limit. A run agrees when its course is within the limits or, where that has parted from
EPANET's, its moments are, and every solution here was to tolerance.

By rules that hold for every network, left out are

1. reports that EPANET itself calls unbalanced;
2. reports with heads of EPANET's beyond 10 km: demands that it serves through closed links or
   through pipes far too narrow;
3. reports in which an empty tank gives water in EPANET or a full one takes some, more than
   0.01 l/s;
4. demand-driven reports in which nodes are cut off here: EPANET serves their demands through
   closed links and takes that water from the rest of the network;
5. of the course only, reports in which a pump of constant power, on by its controls, gives less
   than half of its power in EPANET while it runs here. EPANET takes such a pump with next to no
   flow for a closed link, and does not start it again by itself (`pumpcoeff` and `pumpstatus`
   in its source). The moment is compared with that pump off;
6. heads (not flows) of nodes that EPANET's closed links cut off from every reservoir and tank
   and at which no water moves: any head solves the equations there.

When the current is back at hour 20 the comparison starts EPANET's pumps as its controls would,
because of rule 5.

Columns: reports compared of all; rules 1 / 2 / 3 / 4 / 5 applied; moments: heads, median,
99th percentile and largest difference, m, flows likewise; course: 99th percentiles of heads, m,
and flows; solutions of EPANET and how many of their times are ours too (`=` if all are, else
only ours / only EPANET's); note: **K** known (below), **D** differs, **C** moments agree and the
course does not, **R** relaxed or not converged here so many times (after 100 the comparison is
ended), *stops*: EPANET ends with an error at that hour.
";

/// The whole page.
pub(crate) fn page(lines: &[Line]) -> String {
    let mut out = HEAD.to_owned();
    out.push_str("\n## Summary\n\n");
    summary(&mut out, lines);
    for (version, _) in RUNS {
        let _ = write!(out, "\n## EPANET {version}\n\n");
        out.push_str(
            "| network | nodes | links | run | reports | rules | moments: heads 50 % | 99 % | \
             most | flows 50 % | 99 % | most | course: heads 99 % | flows 99 % | solutions | \
             times | |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
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

fn known(l: &Line) -> bool {
    known_lines(&l.network, l.version, l.mode, l.run).next().is_some()
}

fn summary(out: &mut String, lines: &[Line]) {
    out.push_str(
        "| EPANET | run | runs | agree | by their course | nothing to compare | known | differ | \
         relaxed or not converged here | EPANET stops or refuses | reports compared | reports under \
         rule 1 | 2 | 3 | 4 | 5 | times of all solutions equal |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
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
                let sum = |f: &dyn Fn(&Difference) -> usize| {
                    found.iter().map(|(_, d)| f(d)).sum::<usize>()
                };
                let cells = [
                    found.len(),
                    count(&|_, d| d.compared > 0 && d.agrees()),
                    count(&|_, d| d.compared > 0 && d.agrees() && d.course_agrees()),
                    count(&|_, d| d.compared == 0 && d.agrees()),
                    count(&|l, d| !d.agrees() && known(l)),
                    count(&|l, d| !d.agrees() && !known(l)),
                    count(&|_, d| !d.degraded.is_empty()),
                    of.len() - found.len() + count(&|_, d| d.stopped_s.is_some()),
                    sum(&|d| d.compared),
                    sum(&|d| d.unbalanced),
                    sum(&|d| d.beyond),
                    sum(&|d| d.breached),
                    sum(&|d| d.disconnected),
                    sum(&|d| d.stuck),
                    count(&|_, d| d.ours_only.is_empty() && d.theirs_only.is_empty()),
                ];
                let cells = cells.map(|c| c.to_string()).join(" | ");
                let _ = writeln!(out, "| {version} | {mode} {run} | {cells} |");
            }
        }
    }
}

fn row(out: &mut String, line: &Line) {
    let Some(d) = &line.difference else {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} {} | EPANET refuses | | | | | | | | | | | | |",
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
    if !d.agrees() {
        notes.push(if known(line) { "**K**".to_owned() } else { "**D**".to_owned() });
    } else if !d.course_agrees() {
        notes.push("**C**".to_owned());
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
    let figures = d.moment.head_m.iter().chain(&d.moment.flow).chain([&d.head_m[1], &d.flow[1]]);
    let figures = figures.map(|x| small(*x)).collect::<Vec<_>>().join(" | ");
    let left_out = [d.unbalanced, d.beyond, d.breached, d.disconnected, d.stuck];
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} {} | {} of {} | {} | {figures} | {} | {times} | {} |",
        line.network,
        line.nodes,
        line.links,
        line.mode,
        line.run,
        d.compared,
        d.reports,
        left_out.map(|n| n.to_string()).join(" / "),
        d.steps,
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
