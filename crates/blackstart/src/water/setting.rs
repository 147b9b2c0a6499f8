//! What controls have set: the part of the network's state that is not water.

use crate::region::{ControlAction, PipeStatus, ValveStatus, Water, WaterEdge};

/// How a pipe, pump or valve is set at the moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Active for valves that work by their setting.
    pub status: ValveStatus,
    /// Relative speed of a pump, setting of a valve; not used for pipes.
    pub value: f64,
}

/// Settings at the start: pipes, then pumps, then valves.
pub(super) fn initial<N>(water: &Water<N>) -> Vec<Setting> {
    let open = |is_open: bool| if is_open { ValveStatus::Open } else { ValveStatus::Closed };
    let pipes = water
        .pipes
        .iter()
        .map(|p| Setting { status: open(p.status != PipeStatus::Closed), value: 1.0 });
    // As after a control has stopped it: the next one that does is then none.
    let pumps = water.pumps.iter().map(|p| {
        let on = p.on && p.speed > 0.0;
        Setting { status: open(on), value: if on { p.speed } else { 0.0 } }
    });
    let valves = water.valves.iter().map(|v| Setting { status: v.status, value: v.setting });
    pipes.chain(pumps).chain(valves).collect()
}

/// Position of an edge among all settings.
pub(super) fn position<N>(water: &Water<N>, edge: WaterEdge) -> usize {
    match edge {
        WaterEdge::Pipe(i) => i as usize,
        WaterEdge::Pump(i) => water.pipes.len() + i as usize,
        WaterEdge::Valve(i) => water.pipes.len() + water.pumps.len() + i as usize,
    }
}

impl Setting {
    /// The setting after `action` on an edge of the kind of `edge` (rules of EPANET 2.2: an
    /// opened pump runs at speed 1, an opened or closed valve ignores its setting).
    #[must_use]
    pub fn after(self, edge: WaterEdge, action: ControlAction) -> Self {
        use ValveStatus::{Active, Closed, Open};
        match (edge, action) {
            (WaterEdge::Pump(_), ControlAction::Open) => Self { status: Open, value: 1.0 },
            (WaterEdge::Pump(_), ControlAction::Close) => Self { status: Closed, value: 0.0 },
            (_, ControlAction::Open) => Self { status: Open, ..self },
            (_, ControlAction::Close) => Self { status: Closed, ..self },
            (WaterEdge::Valve(_), ControlAction::Set(value)) => Self { status: Active, value },
            (WaterEdge::Pump(_) | WaterEdge::Pipe(_), ControlAction::Set(value)) => {
                Self { status: if value > 0.0 { Open } else { Closed }, value }
            }
        }
    }
}
