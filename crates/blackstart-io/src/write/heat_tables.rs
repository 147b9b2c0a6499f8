//! Tables of `heat run`. `docs/heat.md` describes every column.

use blackstart::heat::net::{BranchKind, Consumer, HeatNet, NetFlow, NetStatus};
use blackstart::heat::{HeatHour, HeatState};
use blackstart::region::Heat;
use blackstart::results::HourStatus;

use super::column_table::ColumnTable;

/// Digits behind the point.
const PRESSURE: usize = 9;
const TEMPERATURE: usize = 6;
const FLOW: usize = 9;
const POWER: usize = 6;

/// Tables of a steady state: `junctions`, `pipes` (every branch but consumers), `substations`
/// (the consumers) and `status`.
#[must_use]
pub fn net(net: &HeatNet, flow: &NetFlow) -> Vec<ColumnTable> {
    let back = net.return_side();
    let side = |wanted: bool| {
        let back = &back;
        flow.t_c.iter().enumerate().map(move |(j, &t)| if back[j] == wanted { t } else { f64::NAN })
    };
    let n = net.junctions.len();
    let junctions = ColumnTable::new("junctions")
        .number("time_s", 0, vec![0.0; n])
        .text("junction", net.junctions.iter().map(|j| &*j.id))
        .number("p_bar", PRESSURE, flow.p_bar.iter().copied())
        .number("t_supply_c", TEMPERATURE, side(false))
        .number("t_return_c", TEMPERATURE, side(true));
    let (consumers, others): (Vec<usize>, Vec<usize>) = (0..net.branches.len())
        .partition(|&b| matches!(net.branches[b].kind, BranchKind::Consumer(_)));
    let pipes = ColumnTable::new("pipes")
        .number("time_s", 0, vec![0.0; others.len()])
        .text("pipe", others.iter().map(|&b| &*net.branches[b].id))
        .number("mdot_kg_s", FLOW, others.iter().map(|&b| flow.mdot_kg_s[b]))
        .number("t_in_c", TEMPERATURE, others.iter().map(|&b| flow.t_in_c[b]))
        .number("t_out_c", TEMPERATURE, others.iter().map(|&b| flow.t_out_c[b]))
        .number("loss_kw", POWER, others.iter().map(|&b| flow.heat_w[b] * 1e-3));
    let substations = ColumnTable::new("substations")
        .number("time_s", 0, vec![0.0; consumers.len()])
        .text("substation", consumers.iter().map(|&b| &*net.branches[b].id))
        .number("demand_kw", POWER, consumers.iter().map(|&b| demand_w(net, flow, b) * 1e-3))
        .number("delivered_kw", POWER, consumers.iter().map(|&b| flow.heat_w[b] * 1e-3));
    let (word, place) = match &flow.status {
        NetStatus::Solved => ("solved", String::new()),
        NetStatus::Partly { why } => ("partly", why.clone()),
        NetStatus::NotConverged { place } => ("not_converged", place.clone()),
    };
    let status = ColumnTable::new("status")
        .number("time_s", 0, [0.0])
        .text("status", [word])
        .text("where", [place])
        .count("iterations", [u32::try_from(flow.iterations).ok()]);
    vec![junctions, pipes, substations, status]
}

/// Heat that a consumer asks for; where only its flow is given, what it takes.
fn demand_w(net: &HeatNet, flow: &NetFlow, b: usize) -> f64 {
    if let BranchKind::Consumer(
        Consumer::HeatAndFlow { heat_w, .. }
        | Consumer::HeatAndDrop { heat_w, .. }
        | Consumer::HeatAndReturn { heat_w, .. }
        | Consumer::Radiator { heat_w, .. },
    ) = net.branches[b].kind
    {
        heat_w
    } else {
        flow.heat_w[b]
    }
}

/// Tables of a region's networks, hour by hour; each time is the end of its hour. Of
/// pressures only the difference between supply and return is computed there.
#[must_use]
pub fn region(heat: &Heat, hours: &[(HeatHour, HeatState, Vec<f64>)]) -> Vec<ColumnTable> {
    let time = |rows: usize| {
        (1..=hours.len()).flat_map(move |h| std::iter::repeat_n(h as f64 * 3600.0, rows))
    };
    let (j, p, s) = (heat.junctions.len(), heat.pipes.len(), heat.substations.len());
    let junctions = ColumnTable::new("junctions")
        .number("time_s", 0, time(j))
        .text("junction", hours.iter().flat_map(|_| heat.junctions.iter().map(|x| &*x.id)))
        .number("p_bar", PRESSURE, vec![f64::NAN; j * hours.len()])
        .number("t_supply_c", TEMPERATURE, hours.iter().flat_map(|h| h.1.supply_c.iter().copied()))
        .number("t_return_c", TEMPERATURE, hours.iter().flat_map(|h| h.1.return_c.iter().copied()))
        .number("dp_bar", PRESSURE, hours.iter().flat_map(|h| h.0.difference_bar.iter().copied()));
    let upstream = |h: &(HeatHour, HeatState, Vec<f64>), i: usize| {
        let pipe = &heat.pipes[i];
        let up = if h.0.pipe_flow_kg_s[i] < 0.0 { pipe.to } else { pipe.from };
        h.1.supply_c[up.i()]
    };
    let inlets: Vec<f64> = hours.iter().flat_map(|h| (0..p).map(move |i| upstream(h, i))).collect();
    let pipes = ColumnTable::new("pipes")
        .number("time_s", 0, time(p))
        .text("pipe", hours.iter().flat_map(|_| heat.pipes.iter().map(|x| &*x.id)))
        .number("mdot_kg_s", FLOW, hours.iter().flat_map(|h| h.0.pipe_flow_kg_s.iter().copied()))
        .number("t_in_c", TEMPERATURE, inlets)
        .number(
            "t_out_c",
            TEMPERATURE,
            hours.iter().flat_map(|h| h.0.pipe_outlet_c.iter().copied()),
        )
        .number(
            "loss_kw",
            POWER,
            hours.iter().flat_map(|h| h.0.pipe_lost_mw.iter().map(|x| x * 1e3)),
        );
    let substations = ColumnTable::new("substations")
        .number("time_s", 0, time(s))
        .text("substation", hours.iter().flat_map(|_| heat.substations.iter().map(|x| &*x.id)))
        .number("demand_kw", POWER, hours.iter().flat_map(|h| h.2.iter().map(|x| x * 1e3)))
        .number(
            "delivered_kw",
            POWER,
            hours.iter().flat_map(|h| {
                h.0.delivered_mw.iter().zip(&h.0.hot_water_mw).map(|(x, w)| (x + w) * 1e3)
            }),
        );
    let told = |h: &HeatHour| match &h.status {
        None | Some(HourStatus::Solved) => ("solved", String::new()),
        Some(HourStatus::Relaxed { why }) => ("relaxed", why.clone()),
        Some(HourStatus::NotConverged { place }) => ("not_converged", place.clone()),
    };
    let status = ColumnTable::new("status")
        .number("time_s", 0, time(1))
        .text("status", hours.iter().map(|h| told(&h.0).0))
        .text("where", hours.iter().map(|h| told(&h.0).1))
        .count("iterations", hours.iter().map(|_| None));
    vec![junctions, pipes, substations, status]
}
