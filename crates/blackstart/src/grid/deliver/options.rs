//! What a delivery problem lets be decided, and what it is worth.

/// How the physics of the network is written down. The recipe is the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Formulation {
    /// Active power only, voltages of 1 p.u., flows linear in angles.
    Dc,
    /// Full alternating-current equations in polar form; a local optimum.
    Ac,
    /// Second-order cone relaxation (Jabr, IEEE Trans. Power Syst. 21, 2006): never
    /// below what the AC equations allow.
    Soc,
}

/// What may be done with a load, a shunt, a generator, a bus or a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// It is on.
    On,
    /// Any share of it from 0 to 1.
    Share,
    /// On or off.
    OnOff,
}

/// How limits bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limits {
    /// Never passed.
    Hard,
    /// The lower limit may be passed, at a price; the upper may not.
    SoftBelow,
    /// Both may be passed, at a price. A voltage passes its upper limit by no more than
    /// the limit itself.
    Soft,
}

/// Which limits of angle differences along branches count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AngleLimits {
    /// None.
    Ignore,
    /// Those that the file gives.
    Given,
    /// As PowerModels reads them: ±1.0472 rad (60°) where a limit is missing or 90° and
    /// more.
    WithinSixty,
}

/// The susceptance of a branch in the DC formulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DcBranch {
    /// `1 / (x · tap)`, with phase shifts, as MATPOWER.
    TapAndShift,
    /// `x / (r² + x²)` without taps and shifts, as PowerModels' `DCPPowerModel`.
    Impedance,
}

/// Worth of each MW of a load.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadWeights {
    /// All the same.
    One,
    /// By priority ([`crate::region::Priority::weight`]).
    Priority,
    /// By load, in the order of the grid's table; loads beyond its end weigh 1.
    ByLoad(Vec<f64>),
}

/// Worth of everything but load, as multiples of the largest weight · |demand| of a load.
/// Positive: a reward for one more p.u. of status; for violations: the price of 1 p.u.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worth {
    /// A bus that is on (no part in DC, which has no voltages).
    pub bus: f64,
    /// A generator that is on.
    pub generator: f64,
    /// A storage that is on.
    pub storage: f64,
    /// A shunt that is on.
    pub shunt: f64,
    /// Price of 1 p.u. of voltage beyond a soft limit.
    pub voltage_violation: f64,
    /// Price of 1 p.u. (of the grid's base) of active power beyond a soft limit of output.
    pub output_violation: f64,
}

/// A delivery problem: what is decided, what it is worth, and how far to search.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliverOptions {
    /// Physics.
    pub formulation: Formulation,
    /// Loads: a share of each, or all or nothing.
    pub loads: Control,
    /// Shunts of buses.
    pub shunts: Control,
    /// Generators. `Share`: limits of active and reactive output shrink with the status.
    pub generators: Control,
    /// Buses. `Share`: limits of voltage shrink with the status.
    pub buses: Control,
    /// Storages; `None` leaves them out.
    pub storages: Option<Control>,
    /// Keep islands without any source of active power. Nothing can be served there; left
    /// out, their buses count as off and their voltages cost nothing.
    pub dark_islands: bool,
    /// Voltage limits.
    pub voltage: Limits,
    /// Limits of active output.
    pub output: Limits,
    /// Limits of angle differences.
    pub angles: AngleLimits,
    /// DC susceptances.
    pub dc_branch: DcBranch,
    /// Weights of loads.
    pub weights: LoadWeights,
    /// Worth of the rest.
    pub worth: Worth,
    /// Length of the period in hours: what storages give is limited by it, and the
    /// objective is multiplied by it.
    pub hours: f64,
    /// Most nodes of a branch and bound over what is `OnOff`.
    pub most_nodes: u32,
    /// A branch and bound ends when its answer is within this share of its bound.
    pub gap: f64,
}

impl Default for DeliverOptions {
    /// What `run` asks: the most priority-weighted load that a damaged grid can serve.
    /// Voltages may sag below their limits at a price, generators may shut down.
    fn default() -> Self {
        Self {
            formulation: Formulation::Dc,
            loads: Control::Share,
            shunts: Control::Share,
            generators: Control::Share,
            buses: Control::On,
            storages: Some(Control::On),
            dark_islands: false,
            voltage: Limits::SoftBelow,
            output: Limits::Hard,
            angles: AngleLimits::Ignore,
            dc_branch: DcBranch::TapAndShift,
            weights: LoadWeights::Priority,
            worth: Worth { voltage_violation: 10.0, shunt: 1e-3, ..Worth::default() },
            hours: 1.0,
            most_nodes: 10_000,
            gap: 1e-6,
        }
    }
}

/// The problems of PowerModelsRestoration (Coffrin, Bent, Tasseff, Sundar, Backhaus,
/// *Relaxations of AC maximal load delivery for severe contingency analysis*, IEEE Trans.
/// Power Syst. 34(2), 2019), under that package's names.
impl DeliverOptions {
    /// `mld`: loads, shunts, generators and buses each by a share.
    #[must_use]
    pub fn mld(formulation: Formulation) -> Self {
        Self {
            formulation,
            buses: Control::Share,
            storages: None,
            dark_islands: true,
            voltage: Limits::Hard,
            angles: AngleLimits::WithinSixty,
            dc_branch: DcBranch::Impedance,
            weights: LoadWeights::One,
            worth: Worth {
                bus: 100.0,
                generator: 10.0,
                storage: 10.0,
                shunt: 10.0,
                ..Worth::default()
            },
            ..Self::default()
        }
    }

    /// `mld_uc`: as `mld`, with generators and buses on or off.
    #[must_use]
    pub fn mld_uc(formulation: Formulation) -> Self {
        Self { generators: Control::OnOff, buses: Control::OnOff, ..Self::mld(formulation) }
    }

    /// `mld_smpl`: everything is on, limits of voltage and active output are soft.
    #[must_use]
    pub fn mld_smpl(formulation: Formulation) -> Self {
        Self {
            generators: Control::On,
            buses: Control::On,
            voltage: Limits::Soft,
            output: Limits::Soft,
            worth: Worth {
                shunt: 1.0,
                voltage_violation: 10.0,
                output_violation: 10.0,
                ..Worth::default()
            },
            ..Self::mld(formulation)
        }
    }

    /// `mld_strg`: as `mld`, with storages by a share.
    #[must_use]
    pub fn mld_strg(formulation: Formulation) -> Self {
        Self { storages: Some(Control::Share), ..Self::mld(formulation) }
    }

    /// `mld_strg_uc`: as `mld_strg`, with generators and storages on or off.
    #[must_use]
    pub fn mld_strg_uc(formulation: Formulation) -> Self {
        Self {
            generators: Control::OnOff,
            storages: Some(Control::OnOff),
            ..Self::mld(formulation)
        }
    }

    /// `mld_discrete_load`: as `mld_uc`, with loads and shunts on or off too.
    #[must_use]
    pub fn mld_discrete_load(formulation: Formulation) -> Self {
        Self { loads: Control::OnOff, shunts: Control::OnOff, ..Self::mld_uc(formulation) }
    }
}
