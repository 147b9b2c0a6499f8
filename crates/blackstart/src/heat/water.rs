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
    /// How viscous the water is.
    pub viscosity: Viscosity,
}

/// How viscous the water of a network is in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viscosity {
    /// As water is at the mean temperature of the network's junctions, supply and return, at
    /// the beginning of the hour. What regions use.
    #[default]
    OfTemperature,
    /// That of [`WaterProperties`].
    Constant,
}

/// Kinematic viscosity of water under 10 bar, m²/s, between tabulated values of IAPWS-IF97.
#[must_use]
pub fn water_viscosity_m2_s(t_c: f64) -> f64 {
    // °C by 20 K from 0, 10⁻⁶ m²/s; its logarithm is nearly a line between them.
    const TABLE: [f64; 10] = [
        1.788_581, 1.002_709, 0.657_7, 0.474_032, 0.364_429, 0.293_946, 0.246_151, 0.212_425,
        0.187_871, 0.169_635,
    ];
    let x = (t_c / 20.0).clamp(0.0, 9.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 8")]
    let i = (x as usize).min(8);
    let part = x - i as f64;
    1e-6 * TABLE[i] * (TABLE[i + 1] / TABLE[i]).powf(part)
}

impl Default for HeatSettings {
    fn default() -> Self {
        Self {
            water: WaterProperties::default(),
            handover: Handover::Emitter,
            viscosity: Viscosity::OfTemperature,
        }
    }
}
