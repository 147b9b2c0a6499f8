//! The district-heating network as data. Every pipe stands for a supply and a return
//! pipe side by side; junction `i` exists on both sides.

use super::ids::{GeneratorIdx, HeatJunctionIdx};
use super::places::Position;

/// The heat networks of a region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heat<J = HeatJunctionIdx, G = GeneratorIdx> {
    /// How the networks are run.
    pub options: HeatOptions,
    /// Points where pipes meet.
    pub junctions: Vec<HeatJunction>,
    /// Pipe pairs.
    pub pipes: Vec<HeatPipe<J>>,
    /// CHP plants and boiler houses.
    pub plants: Vec<Plant<J, G>>,
    /// Points that hand heat over to buildings.
    pub substations: Vec<HeatSubstation<J>>,
}

/// How the heat networks are run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatOptions {
    /// Outdoor design temperature, °C.
    pub design_outdoor_c: f64,
    /// Supply temperature at design, °C.
    pub design_supply_c: f64,
    /// Return temperature at design, °C.
    pub design_return_c: f64,
    /// Lowest supply temperature of the curve, °C.
    pub min_supply_c: f64,
    /// Temperature around the pipes, °C.
    pub ground_c: f64,
}

impl Default for HeatOptions {
    fn default() -> Self {
        Self {
            design_outdoor_c: -22.0,
            design_supply_c: 110.0,
            design_return_c: 70.0,
            min_supply_c: 65.0,
            ground_c: 3.0,
        }
    }
}

/// A junction of a pipe pair.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatJunction {
    /// The user's id.
    pub id: String,
    /// Elevation, m.
    pub elevation_m: f64,
    /// Where it is, if known.
    pub position: Option<Position>,
}

/// A supply and a return pipe side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatPipe<J = HeatJunctionIdx> {
    /// The user's id.
    pub id: String,
    /// From junction.
    pub from: J,
    /// To junction.
    pub to: J,
    /// Length of the route, m.
    pub length_m: f64,
    /// Inner diameter, mm.
    pub diameter_mm: f64,
    /// Roughness, mm.
    pub roughness_mm: f64,
    /// Heat loss of each pipe, W per metre and kelvin above what surrounds it.
    pub loss_w_m_k: f64,
    /// What surrounds it.
    pub laid: Laid,
}

/// What surrounds a heat pipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Laid {
    /// The ground, of a constant temperature.
    #[default]
    Ground,
    /// The outdoor air.
    Air,
}

/// What a plant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantKind {
    /// Combined heat and power.
    Chp,
    /// Heat only.
    BoilerHouse,
    /// A boiler, or a cogeneration unit with a generator, on wheels: runs where and while a
    /// scenario connects it.
    Mobile,
}

/// A heat plant with its circulation pumps.
#[derive(Clone, Debug, PartialEq)]
pub struct Plant<J = HeatJunctionIdx, G = GeneratorIdx> {
    /// The user's id.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What it is.
    pub kind: PlantKind,
    /// Where it feeds the network.
    pub junction: J,
    /// Largest heat output, MW.
    pub heat_max_mw: f64,
    /// The generator of a CHP.
    pub generator: Option<G>,
    /// CHP: least electricity per heat, MW/MW (back-pressure line).
    pub power_to_heat: f64,
    /// CHP: electricity lost per heat taken out, MW/MW (extraction).
    pub power_loss_per_heat: f64,
    /// CHP: corners (heat, electricity) of what it can run at together, MW. Where there are
    /// any, they replace the two lines above; the unit runs at any point between them
    /// (convex hull).
    pub operating_mw: Vec<(f64, f64)>,
    /// Heat, and electricity of its generator, per energy of fuel.
    pub efficiency: f64,
    /// Head of the circulation pumps at zero flow, m.
    pub pump_head_m: f64,
    /// Fuel in store, in hours at full output; infinite when not limited.
    pub fuel_h: f64,
    /// Where it is, if known.
    pub position: Option<Position>,
    /// The facility it belongs to, if its author named one.
    pub facility: Option<String>,
}

/// A point that hands heat over to buildings.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatSubstation<J = HeatJunctionIdx> {
    /// The user's id.
    pub id: String,
    /// Where it is connected.
    pub junction: J,
    /// Heat for homes that it can hand over at design temperatures, MW.
    pub design_mw: f64,
    /// Heat for hot tap water, mean over the day, MW.
    pub hot_water_mw: f64,
    /// Flow through its bypass, which keeps an idle network warm, as a share of design flow.
    pub bypass_share: f64,
}

impl<J, G> Plant<J, G> {
    /// Least and most electricity that its generator of `p_max_mw` may make beside
    /// `heat_mw` of heat, MW.
    #[must_use]
    pub fn power_range_mw(&self, heat_mw: f64, p_max_mw: f64) -> (f64, f64) {
        if self.operating_mw.is_empty() {
            let least = self.power_to_heat * heat_mw;
            return (least, (p_max_mw - self.power_loss_per_heat * heat_mw).max(0.0));
        }
        let most_heat = self.operating_mw.iter().map(|c| c.0).fold(0.0, f64::max);
        let at = heat_mw.min(most_heat);
        slice(&self.operating_mw, at).unwrap_or((0.0, p_max_mw))
    }

    /// Most heat beside `power_mw` of electricity, MW.
    #[must_use]
    pub fn heat_beside_mw(&self, power_mw: f64) -> f64 {
        if !self.operating_mw.is_empty() {
            let turned: Vec<(f64, f64)> = self.operating_mw.iter().map(|&(h, p)| (p, h)).collect();
            let most_power = turned.iter().map(|c| c.0).fold(0.0, f64::max);
            return slice(&turned, power_mw.min(most_power)).map_or(0.0, |(_, most)| most);
        }
        if self.power_to_heat > 0.0 {
            return (power_mw / self.power_to_heat).min(self.heat_max_mw);
        }
        self.heat_max_mw
    }
}

/// Least and most second coordinate of the convex hull of `corners` at `x`; none outside it.
fn slice(corners: &[(f64, f64)], x: f64) -> Option<(f64, f64)> {
    // Any chord of the hull is a mix of two corners: the extremes lie on some pair.
    let mut range: Option<(f64, f64)> = None;
    let mut add = |y: f64| {
        let (low, high) = range.unwrap_or((y, y));
        range = Some((low.min(y), high.max(y)));
    };
    for &(xa, ya) in corners {
        for &(xb, yb) in corners {
            if xa == x {
                add(ya);
            }
            if xa < x && x < xb {
                add(ya + (yb - ya) * (x - xa) / (xb - xa));
            }
        }
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plant(operating_mw: Vec<(f64, f64)>) -> Plant<(), ()> {
        Plant {
            id: String::new(),
            name: String::new(),
            kind: PlantKind::Chp,
            junction: (),
            heat_max_mw: 100.0,
            generator: Some(()),
            power_to_heat: 0.5,
            power_loss_per_heat: 0.2,
            operating_mw,
            efficiency: 0.9,
            pump_head_m: 60.0,
            fuel_h: f64::INFINITY,
            position: None,
            facility: None,
        }
    }

    #[test]
    fn two_lines_bound_heat_and_power() {
        let p = plant(Vec::new());
        assert_eq!(p.power_range_mw(40.0, 80.0), (20.0, 72.0));
        assert_eq!(p.heat_beside_mw(30.0), 60.0);
        assert_eq!(p.heat_beside_mw(90.0), 100.0);
    }

    /// The four corners that the literature on combined dispatch uses: (0, 247), (180, 215),
    /// (104.8, 81), (0, 98.8) (Guo, Henwood, van Ooijen, IEEE Trans. Power Syst. 11 (1996)).
    #[test]
    fn corners_bound_heat_and_power() {
        let p = plant(vec![(0.0, 247.0), (180.0, 215.0), (104.8, 81.0), (0.0, 98.8)]);
        assert_eq!(p.power_range_mw(0.0, 300.0), (98.8, 247.0));
        let (least, most) = p.power_range_mw(104.8, 300.0);
        assert!((least - 81.0).abs() < 1e-12);
        assert!((most - (247.0 - 32.0 * 104.8 / 180.0)).abs() < 1e-12);
        assert_eq!(p.power_range_mw(500.0, 300.0), (215.0, 215.0));
        assert_eq!(p.heat_beside_mw(215.0), 180.0);
        assert!((p.heat_beside_mw(148.0) - (104.8 + 75.2 * 67.0 / 134.0)).abs() < 1e-12);
        assert_eq!(p.heat_beside_mw(0.0), 0.0);
        assert_eq!(p.heat_beside_mw(300.0), 0.0);
    }
}
