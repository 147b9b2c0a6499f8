//! Outages of single elements beside a power flow each by PYPOWER.

use std::path::Path;

use blackstart::grid::outages::{Detail, Element, OutageOptions, outages};
use blackstart::grid::{Method, PowerFlowOptions, Snapshot};
use blackstart::region::{BranchIdx, GeneratorIdx};

use crate::tables::{case, head, line, number, rows};

pub(crate) fn section(peers: &Path) -> Result<String, String> {
    let mut out = "Outages of branches and units (a fixed draw on the larger cases) beside \
        PYPOWER's power flow of the grid without them. Largest differences; demanded: 1e-6 of \
        the largest flow and 1e-7 p.u.\n\n"
        .to_owned();
    out +=
        &head(&["case", "outages", "DC: largest flow", "AC: largest flow", "AC: voltages, p.u."]);
    for name in ["case14", "case39", "case118", "case300", "case1354pegase"] {
        let grid = case(peers, name)?;
        let at = Snapshot::of(&grid);
        let table = rows(&peers.join(format!("outages/{name}.csv")))?;
        let mut elements = Vec::new();
        for row in &table {
            let k: usize = row[1].parse().map_err(|e| format!("{e}"))?;
            elements.push(match row[0].as_str() {
                "branch" => Element::Branch(BranchIdx::new(k)),
                _ => Element::Generator(GeneratorIdx::new(k)),
            });
        }
        let [mut flow, mut voltage] = [[0.0f64; 2], [0.0f64; 2]];
        for (m, method) in [Method::Dc, Method::Newton].into_iter().enumerate() {
            let power_flow = PowerFlowOptions { method, ..PowerFlowOptions::default() };
            let options = OutageOptions { power_flow, detail: Detail::All };
            let found = outages(&grid, &at, &elements, &options);
            let mut largest = vec![0.0f64; elements.len()];
            for d in &found.detail {
                let most = &mut largest[d.outage as usize];
                *most = most.max(d.p_after_mw.abs());
            }
            for (i, expected) in table.iter().enumerate() {
                if let Some(p) = number(&expected[if m == 0 { 5 } else { 4 }]) {
                    flow[m] = flow[m].max((largest[i] / p - 1.0).abs());
                }
                if let (1, Some(low), Some(high)) = (m, number(&expected[2]), number(&expected[3]))
                {
                    let row = &found.rows[i];
                    voltage[0] = voltage[0].max((row.vm_lowest_pu - low).abs());
                    voltage[1] = voltage[1].max((row.vm_highest_pu - high).abs());
                }
            }
        }
        out += &line(&[
            name.to_owned(),
            elements.len().to_string(),
            format!("{:.0e}", flow[0]),
            format!("{:.0e}", flow[1]),
            format!("{:.0e}", voltage[0].max(voltage[1])),
        ]);
    }
    Ok(out)
}
