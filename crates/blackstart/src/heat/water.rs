//! Water as heat networks use it, and how they are computed.

/// Properties of the water in the pipes, taken as constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaterProperties {
    /// Density, kg/m³.
    pub density_kg_m3: f64,
    /// Kinematic viscosity, m²/s.
    pub viscosity_m2_s: f64,
    /// Specific heat capacity, J/(kg K).
    pub heat_j_kg_k: f64,
}

impl Default for WaterProperties {
    /// Water at 90 °C, the middle between supply and return at design (IAPWS tables).
    fn default() -> Self {
        Self { density_kg_m3: 965.3, viscosity_m2_s: 0.326e-6, heat_j_kg_k: 4205.0 }
    }
}

/// How substations cool the water.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Handover {
    /// Like a radiator of fixed size: the return follows from flow, supply and indoor
    /// temperature (see [`super::Emitter`]). What regions use.
    Emitter,
    /// Down to a fixed return temperature, °C.
    ReturnTemperature(f64),
    /// By a fixed difference, K.
    TemperatureDrop(f64),
}

/// Settings of a [`HeatSolver`](super::HeatSolver) that are no property of a region.
/// Other than by default they serve to compute published cases as they were computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatSettings {
    /// The water.
    pub water: WaterProperties,
    /// The substations.
    pub handover: Handover,
}

impl Default for HeatSettings {
    fn default() -> Self {
        Self { water: WaterProperties::default(), handover: Handover::Emitter }
    }
}
