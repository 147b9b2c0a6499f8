//! A heat network as data: junctions of both sides, branches between them, what is fixed.

use super::fluid::Fluid;
use super::friction::FrictionModel;

/// A point where branches meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Junction {
    /// The user's id.
    pub id: String,
    /// Elevation, m.
    pub elevation_m: f64,
    /// False if it is taken out with all that is connected to it.
    pub in_service: bool,
}

/// A connection between two junctions.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The user's id.
    pub id: String,
    /// From junction (position in the table).
    pub from: u32,
    /// To junction (position in the table).
    pub to: u32,
    /// False if it is closed or taken out.
    pub in_service: bool,
    /// What it is.
    pub kind: BranchKind,
}

/// What a pump lifts.
#[derive(Clone, Debug, PartialEq)]
pub enum PumpLift {
    /// The same at every flow, bar.
    Fixed(f64),
    /// Polynomial of the volume flow in m³/h, highest power first, bar; nothing where it
    /// would be negative and at reverse flow. The volume is that at `density_kg_m3`.
    Curve {
        /// Coefficients, highest power first.
        coefficients: Vec<f64>,
        /// Density that turns kg/s into m³/h, kg/m³.
        density_kg_m3: f64,
    },
}

/// What decides a consumer's flow and heat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Consumer {
    /// Given flow, cooled by a given difference.
    FlowAndDrop {
        /// Flow, kg/s.
        mdot_kg_s: f64,
        /// Difference of temperature, K.
        drop_k: f64,
    },
    /// Given flow, cooled to a given return temperature.
    FlowAndReturn {
        /// Flow, kg/s.
        mdot_kg_s: f64,
        /// Return temperature, °C.
        return_c: f64,
    },
    /// Given heat from a given flow.
    HeatAndFlow {
        /// Heat taken out, W.
        heat_w: f64,
        /// Flow, kg/s.
        mdot_kg_s: f64,
    },
    /// The flow that gives the heat with a given difference of temperature.
    HeatAndDrop {
        /// Heat taken out, W.
        heat_w: f64,
        /// Difference of temperature, K.
        drop_k: f64,
    },
    /// The flow that gives the heat with a given return temperature. With negative heat it is
    /// a plant of given heat and flow temperature, from the return to the supply junction.
    HeatAndReturn {
        /// Heat taken out, W.
        heat_w: f64,
        /// Temperature that it leaves with, °C.
        return_c: f64,
    },
    /// Radiators behind a control valve: heat is `surface_w · Δ^1.3` with `Δ` the
    /// logarithmic mean of supply and return above the room. The valve closes as far as the
    /// heat asked for allows and passes no more than pressure pushes through it when open;
    /// nothing flows against a negative difference of pressure.
    Radiator {
        /// Heat asked for, W.
        heat_w: f64,
        /// Size of the radiators, W/K^1.3; see [`Emitter`](crate::heat::Emitter).
        surface_w: f64,
        /// Room temperature, °C.
        indoor_c: f64,
        /// Flow through the open valve at 1 bar, kg/s.
        open_kg_s: f64,
    },
}

/// What a branch is.
#[derive(Clone, Debug, PartialEq)]
pub enum BranchKind {
    /// A pipe.
    Pipe {
        /// Length, m.
        length_m: f64,
        /// Inner diameter, m.
        diameter_m: f64,
        /// Roughness, m.
        roughness_m: f64,
        /// Sum of loss coefficients on the velocity head.
        loss_coefficient: f64,
        /// Heat loss per metre and kelvin above what surrounds it, W/(m K).
        loss_w_m_k: f64,
        /// Temperature around it, °C.
        ambient_c: f64,
        /// Parts it is computed in, which matters where the fluid's properties change along
        /// it.
        sections: u32,
    },
    /// An open valve or another local resistance.
    Valve {
        /// Inner diameter, m.
        diameter_m: f64,
        /// Loss coefficient on the velocity head; 0 passes freely.
        loss_coefficient: f64,
    },
    /// A pump that adds pressure from → to.
    Pump(PumpLift),
    /// A plant: a pump from the return to the flow junction, which lifts a fixed difference,
    /// and a source of heat that holds the flow temperature.
    CirculationPressure {
        /// Lift, bar.
        lift_bar: f64,
        /// Pressure held at the flow junction, bar; the first in each connected part is its
        /// reference. None leaves it to the network.
        p_flow_bar: Option<f64>,
        /// Flow temperature, °C; None passes the return's on.
        t_flow_c: Option<f64>,
        /// Heat it can give, W; infinite where not limited.
        heat_max_w: f64,
    },
    /// A plant whose pump passes a fixed flow.
    CirculationFlow {
        /// Flow, kg/s.
        mdot_kg_s: f64,
        /// Pressure held at the flow junction, bar.
        p_flow_bar: Option<f64>,
        /// Flow temperature, °C; None passes the return's on.
        t_flow_c: Option<f64>,
        /// Heat it can give, W; infinite where not limited.
        heat_max_w: f64,
    },
    /// A consumer from supply to return.
    Consumer(Consumer),
    /// Takes out a given heat (negative: adds it) at whatever flow there is.
    HeatExchanger {
        /// Inner diameter, m.
        diameter_m: f64,
        /// Loss coefficient on the velocity head.
        loss_coefficient: f64,
        /// Heat taken out, W.
        heat_w: f64,
    },
    /// Holds the pressure of a junction.
    PressureControl {
        /// Junction whose pressure is held.
        junction: u32,
        /// Pressure held, bar.
        p_bar: f64,
    },
    /// Holds its own flow.
    FlowControl {
        /// Flow, kg/s.
        mdot_kg_s: f64,
    },
}

/// A junction whose pressure or temperature is given from outside, and that takes or gives
/// any flow where the pressure is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedJunction {
    /// The junction.
    pub junction: u32,
    /// Pressure, bar.
    pub p_bar: Option<f64>,
    /// Temperature of what enters there from outside, °C.
    pub t_c: Option<f64>,
}

/// A given flow into (negative: out of) the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Injection {
    /// The junction.
    pub junction: u32,
    /// Flow in, kg/s.
    pub mdot_kg_s: f64,
}

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatNet {
    /// Junctions of both sides.
    pub junctions: Vec<Junction>,
    /// Branches.
    pub branches: Vec<Branch>,
    /// Junctions with given pressures or temperatures.
    pub fixed: Vec<FixedJunction>,
    /// Given flows into and out of the network.
    pub injections: Vec<Injection>,
    /// What flows.
    pub fluid: Fluid,
    /// Friction of pipes.
    pub friction: FrictionModel,
    /// Temperature that water at rest takes where no pipe says otherwise, °C.
    pub ambient_c: f64,
}

/// Why a network cannot be solved as it is.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NetError {
    /// A branch or another row names a junction that does not exist.
    #[error("{what} names junction number {junction}, which does not exist")]
    NoSuchJunction {
        /// What names it.
        what: String,
        /// The position it names.
        junction: u32,
    },
    /// A value that must be finite or above zero is not.
    #[error("{what}: `{name}` is {value}")]
    BadValue {
        /// The row.
        what: String,
        /// The field.
        name: &'static str,
        /// The value.
        value: f64,
    },
    /// Two fixed pressures are joined without any resistance between them.
    #[error("the pressures of {first} and {second} are both given, and nothing is between them")]
    FixedTwice {
        /// A junction.
        first: String,
        /// Another one.
        second: String,
    },
}

impl HeatNet {
    /// An empty network.
    #[must_use]
    pub fn new(fluid: Fluid, friction: FrictionModel) -> Self {
        Self {
            junctions: Vec::new(),
            branches: Vec::new(),
            fixed: Vec::new(),
            injections: Vec::new(),
            fluid,
            friction,
            ambient_c: 20.0,
        }
    }

    /// The first value or reference that cannot be computed with.
    ///
    /// # Errors
    /// [`NetError`] names it.
    pub fn check(&self) -> Result<(), NetError> {
        let n = self.junctions.len();
        // Texts are made only where something is wrong: a warm solve takes microseconds.
        let known = |what: &dyn Fn() -> String, junction: u32| {
            if (junction as usize) < n {
                Ok(())
            } else {
                Err(NetError::NoSuchJunction { what: what(), junction })
            }
        };
        for j in &self.junctions {
            finite(|| format!("junction {}", j.id), "elevation_m", j.elevation_m)?;
        }
        finite(|| "the network".into(), "ambient_c", self.ambient_c)?;
        for b in &self.branches {
            let who = || format!("branch {}", b.id);
            known(&who, b.from)?;
            known(&who, b.to)?;
            if let BranchKind::PressureControl { junction, .. } = b.kind {
                known(&who, junction)?;
            }
            b.check()?;
        }
        for f in &self.fixed {
            known(&|| "a fixed junction".into(), f.junction)?;
            let who = || format!("junction {}", self.junctions[f.junction as usize].id);
            finite(who, "p_bar", f.p_bar.unwrap_or(0.0))?;
            finite(who, "t_c", f.t_c.unwrap_or(0.0))?;
        }
        for i in &self.injections {
            known(&|| "an injection".into(), i.junction)?;
            let who = || format!("injection at {}", self.junctions[i.junction as usize].id);
            finite(who, "mdot_kg_s", i.mdot_kg_s)?;
        }
        Ok(())
    }
}

impl HeatNet {
    /// By junction: true if it lies on the return side, that is behind a consumer or before a
    /// plant, and not also before a consumer or behind a plant.
    #[must_use]
    pub fn return_side(&self) -> Vec<bool> {
        let n = self.junctions.len();
        let (mut supply, mut back) = (vec![false; n], vec![false; n]);
        let mut passes = Vec::new();
        for b in &self.branches {
            let (from, to) = (b.from as usize, b.to as usize);
            if from >= n || to >= n {
                continue;
            }
            if let BranchKind::Consumer(c) = b.kind {
                let feeds = matches!(c, Consumer::HeatAndReturn { heat_w, .. } if heat_w < 0.0);
                let (from, to) = if feeds { (to, from) } else { (from, to) };
                (supply[from], back[to]) = (true, true);
            } else if let BranchKind::CirculationFlow { .. }
            | BranchKind::CirculationPressure { .. } = b.kind
            {
                (back[from], supply[to]) = (true, true);
            } else {
                passes.push((from, to));
            }
        }
        // Each round carries the marks at least one branch further; few are needed where
        // branches are told along their way, and never more than there are junctions.
        for side in [&mut supply, &mut back] {
            for _ in 0..n {
                let mut moved = false;
                for &(a, b) in passes.iter().chain(passes.iter().rev()) {
                    let either = side[a] || side[b];
                    moved |= either && !(side[a] && side[b]);
                    (side[a], side[b]) = (either, either);
                }
                if !moved {
                    break;
                }
            }
        }
        (0..n).map(|j| back[j] && !supply[j]).collect()
    }
}

fn finite(who: impl Fn() -> String, name: &'static str, value: f64) -> Result<(), NetError> {
    if value.is_finite() { Ok(()) } else { Err(NetError::BadValue { what: who(), name, value }) }
}

impl Branch {
    fn check(&self) -> Result<(), NetError> {
        let who = || format!("branch {}", self.id);
        let number = |name, value: f64| finite(who, name, value);
        let least = |name, value: f64, least: f64, open: bool| {
            if value.is_finite() && (value > least || (!open && value >= least)) {
                Ok(())
            } else {
                Err(NetError::BadValue { what: who(), name, value })
            }
        };
        let above = |name, value| least(name, value, 0.0, true);
        let some = |name, value| least(name, value, 0.0, false);
        match &self.kind {
            BranchKind::Pipe {
                length_m,
                diameter_m,
                roughness_m,
                loss_coefficient,
                loss_w_m_k,
                ambient_c,
                ..
            } => {
                some("length_m", *length_m)?;
                above("diameter_m", *diameter_m)?;
                some("roughness_m", *roughness_m)?;
                some("loss_coefficient", *loss_coefficient)?;
                some("loss_w_m_k", *loss_w_m_k)?;
                number("ambient_c", *ambient_c)
            }
            BranchKind::Valve { diameter_m, loss_coefficient } => {
                above("diameter_m", *diameter_m)?;
                some("loss_coefficient", *loss_coefficient)
            }
            BranchKind::Pump(PumpLift::Fixed(lift)) => number("lift_bar", *lift),
            BranchKind::Pump(PumpLift::Curve { coefficients, density_kg_m3 }) => {
                for c in coefficients {
                    number("coefficients", *c)?;
                }
                above("density_kg_m3", *density_kg_m3)
            }
            BranchKind::CirculationPressure { lift_bar, p_flow_bar, t_flow_c, .. } => {
                number("lift_bar", *lift_bar)?;
                number("p_flow_bar", p_flow_bar.unwrap_or(0.0))?;
                number("t_flow_c", t_flow_c.unwrap_or(0.0))
            }
            BranchKind::CirculationFlow { mdot_kg_s, p_flow_bar, t_flow_c, .. } => {
                number("mdot_kg_s", *mdot_kg_s)?;
                number("p_flow_bar", p_flow_bar.unwrap_or(0.0))?;
                number("t_flow_c", t_flow_c.unwrap_or(0.0))
            }
            BranchKind::Consumer(c) => match *c {
                Consumer::FlowAndDrop { mdot_kg_s, drop_k } => {
                    some("mdot_kg_s", mdot_kg_s)?;
                    number("drop_k", drop_k)
                }
                Consumer::FlowAndReturn { mdot_kg_s, return_c } => {
                    some("mdot_kg_s", mdot_kg_s)?;
                    number("return_c", return_c)
                }
                Consumer::HeatAndFlow { heat_w, mdot_kg_s } => {
                    number("heat_w", heat_w)?;
                    some("mdot_kg_s", mdot_kg_s)
                }
                Consumer::HeatAndDrop { heat_w, drop_k } => {
                    some("heat_w", heat_w)?;
                    above("drop_k", drop_k)
                }
                Consumer::HeatAndReturn { heat_w, return_c } => {
                    number("heat_w", heat_w)?;
                    number("return_c", return_c)
                }
                Consumer::Radiator { heat_w, surface_w, indoor_c, open_kg_s } => {
                    some("heat_w", heat_w)?;
                    some("surface_w", surface_w)?;
                    number("indoor_c", indoor_c)?;
                    above("open_kg_s", open_kg_s)
                }
            },
            BranchKind::HeatExchanger { diameter_m, loss_coefficient, heat_w } => {
                above("diameter_m", *diameter_m)?;
                some("loss_coefficient", *loss_coefficient)?;
                number("heat_w", *heat_w)
            }
            BranchKind::PressureControl { p_bar, .. } => number("p_bar", *p_bar),
            BranchKind::FlowControl { mdot_kg_s } => number("mdot_kg_s", *mdot_kg_s),
        }
    }
}
