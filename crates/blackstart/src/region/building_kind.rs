//! What buildings are made of, as data: the kinds of building that a region describes
//! itself, besides those that come with the program.

use super::places::BuildingType;

/// A building type as its designer would describe it. Areas are m² per m² of heated
/// floor, U-values W/(m² K).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Envelope {
    /// Outer walls without windows: area.
    pub wall_area: f64,
    /// Outer walls: U-value.
    pub wall_u: f64,
    /// Windows: area.
    pub window_area: f64,
    /// Windows: U-value.
    pub window_u: f64,
    /// Roof: area.
    pub roof_area: f64,
    /// Roof: U-value.
    pub roof_u: f64,
    /// Lowest floor: area.
    pub ground_area: f64,
    /// Lowest floor: U-value.
    pub ground_u: f64,
    /// Lowest floor: what part of the difference to outdoors it sees (cellar, soil).
    pub ground_factor: f64,
    /// Storey height, m.
    pub height_m: f64,
    /// Air change in the reference wind ([`crate::heat::REFERENCE_WIND_M_S`]), 1/h.
    pub air_change_1_h: f64,
    /// See [`crate::heat::Properties::stack_to_wind`].
    pub stack_to_wind: f64,
    /// Surface of mass that takes part, m² per m² of floor (ISO 13790, table 12).
    pub mass_area: f64,
    /// Capacity of structure, kJ/(m² K).
    pub mass_kj_m2_k: f64,
    /// Internal gains, W/m².
    pub gains_w_m2: f64,
    /// Share of horizontal radiation that comes in through a m² of window: orientation,
    /// frame, shading and glass together. Counts where only horizontal radiation is known.
    pub window_gain: f64,
    /// Share of the radiation on a window that comes in at normal incidence: glass, frame
    /// and shading together. Counts where direct and diffuse radiation are known.
    pub glass_gain: f64,
    /// Share of radiation that outer surfaces absorb.
    pub absorptance: f64,
}

/// A kind of building that a region describes itself.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildingKind {
    /// The user's id.
    pub id: String,
    /// The type that comes with the program under which results count it.
    pub like: BuildingType,
    /// What it is made of.
    pub envelope: Envelope,
}

/// A number of an [`Envelope`] by name.
pub type EnvelopeSlot = fn(&mut Envelope) -> &mut f64;

/// Every number of an [`Envelope`]: its name in files, where it is, and what it may be.
pub const ENVELOPE_COLUMNS: [(&str, EnvelopeSlot, (f64, f64)); 18] = [
    ("wall_m2_per_m2", |e| &mut e.wall_area, (0.0, 20.0)),
    ("wall_u_w_m2_k", |e| &mut e.wall_u, (0.02, 10.0)),
    ("window_m2_per_m2", |e| &mut e.window_area, (0.0, 5.0)),
    ("window_u_w_m2_k", |e| &mut e.window_u, (0.1, 10.0)),
    ("roof_m2_per_m2", |e| &mut e.roof_area, (0.0, 5.0)),
    ("roof_u_w_m2_k", |e| &mut e.roof_u, (0.02, 10.0)),
    ("ground_m2_per_m2", |e| &mut e.ground_area, (0.0, 5.0)),
    ("ground_u_w_m2_k", |e| &mut e.ground_u, (0.02, 10.0)),
    ("ground_factor", |e| &mut e.ground_factor, (0.0, 1.0)),
    ("storey_m", |e| &mut e.height_m, (1.5, 20.0)),
    ("air_change_1_h", |e| &mut e.air_change_1_h, (0.01, 20.0)),
    ("stack_to_wind", |e| &mut e.stack_to_wind, (0.0, f64::INFINITY)),
    ("mass_m2_per_m2", |e| &mut e.mass_area, (0.5, 4.4)),
    ("mass_kj_m2_k", |e| &mut e.mass_kj_m2_k, (10.0, 5000.0)),
    ("gains_w_m2", |e| &mut e.gains_w_m2, (0.0, 100.0)),
    ("window_gain", |e| &mut e.window_gain, (0.0, 1.0)),
    ("glass_gain", |e| &mut e.glass_gain, (0.0, 1.0)),
    ("absorptance", |e| &mut e.absorptance, (0.0, 1.0)),
];
