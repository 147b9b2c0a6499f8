//! Heat plants and generators between hours: fuel, and the tie between a combined heat
//! and power plant's electricity and its heat.

use crate::damage::Effects;
use crate::grid::Dispatch;
use crate::heat::HeatHour;
use crate::region::{Asset, PlantKind, Region};
use crate::scenario::{MobilePlant, Policy};

use super::supply::Buffers;

/// How much more heat than in the last hour a plant plans electricity for.
const GROWTH: f64 = 1.2;

/// Share of the design heat load that the weather asks for; heating ends at 18 °C.
fn weather_part(region: &Region, outdoor_c: f64) -> f64 {
    let design_c = region.heat().options.design_outdoor_c;
    ((18.0 - outdoor_c) / (18.0 - design_c)).clamp(0.0, 1.0)
}

/// Fuel stores and limits of the hour.
#[derive(Clone, Debug)]
pub(super) struct Plants {
    /// By generator: fuel left, hours at full output.
    generator_fuel_h: Vec<f64>,
    generator_has_fuel: Vec<bool>,
    /// By plant: fuel left, hours at full output.
    plant_fuel_h: Vec<f64>,
    /// By plant: heat of the last hour, MW; what this hour's electricity is planned for.
    last_made_mw: Vec<f64>,
    /// By generator: (least, most) electricity that its heat plant allows, MW.
    heat_bounds_mw: Vec<(f64, f64)>,
    available_mw: Vec<f64>,
    circulation: Vec<f64>,
    /// By plant: the scarcest of what it needs, 0 … 1.
    running: Vec<f64>,
    /// By plant: there; false for a mobile one that is not connected now.
    connected: Vec<bool>,
}

impl Plants {
    pub(super) fn new(region: &Region, outdoor_c: f64) -> Self {
        let heat = region.heat();
        let grid = region.grid();
        // Before the first hour a plant makes what the weather asks of it.
        let part = weather_part(region, outdoor_c);
        Self {
            generator_fuel_h: grid.generators.iter().map(|g| g.fuel_h).collect(),
            generator_has_fuel: vec![true; grid.generators.len()],
            plant_fuel_h: heat.plants.iter().map(|p| p.fuel_h).collect(),
            last_made_mw: heat.plants.iter().map(|p| part * p.heat_max_mw).collect(),
            heat_bounds_mw: vec![(0.0, f64::INFINITY); grid.generators.len()],
            available_mw: vec![0.0; heat.plants.len()],
            circulation: vec![1.0; heat.plants.len()],
            running: vec![1.0; heat.plants.len()],
            connected: vec![true; heat.plants.len()],
        }
    }

    /// Which mobile plants are connected in hour `at`.
    pub(super) fn connect(&mut self, region: &Region, mobile: &[MobilePlant], at: usize) {
        for (i, plant) in region.heat().plants.iter().enumerate() {
            self.connected[i] = match plant.kind {
                PlantKind::Chp | PlantKind::BoilerHouse => true,
                PlantKind::Mobile => mobile.iter().any(|m| m.plant.i() == i && m.is_connected(at)),
            };
        }
    }

    /// Before the dispatch: what each plant's heat asks of its generator. Its heat is
    /// planned by the weather, or by the last hour's heat with room to grow where it
    /// stands in for others.
    pub(super) fn plan(
        &mut self,
        region: &Region,
        effects: &Effects,
        buffers: &Buffers,
        outdoor_c: f64,
    ) {
        let part = weather_part(region, outdoor_c);
        for (has, fuel) in self.generator_has_fuel.iter_mut().zip(&self.generator_fuel_h) {
            *has = *fuel > 0.0;
        }
        for (i, plant) in region.heat().plants.iter().enumerate() {
            if let (Some(g), false) = (plant.generator, self.connected[i]) {
                self.generator_has_fuel[g.i()] = false;
            }
        }
        self.running(region, buffers);
        self.heat_bounds_mw.fill((0.0, f64::INFINITY));
        for (i, plant) in region.heat().plants.iter().enumerate() {
            let (Some(g), true) = (plant.generator, self.connected[i]) else { continue };
            let share = effects.plant_share[i] * self.running[i];
            let wanted_mw = (GROWTH * self.last_made_mw[i]).max(part * plant.heat_max_mw);
            let heat_mw = wanted_mw.min(plant.heat_max_mw * share);
            let unit = &region.grid().generators[g.i()];
            let (least, most) = plant.power_range_mw(heat_mw, unit.p_max_mw);
            let bounds = &mut self.heat_bounds_mw[g.i()];
            bounds.0 += least;
            bounds.1 = bounds.1.min(most);
        }
    }

    /// After electricity and water: what each plant can make, and whether its
    /// circulation pumps turn.
    pub(super) fn limit(
        &mut self,
        region: &Region,
        effects: &Effects,
        buffers: &Buffers,
        dispatch: &Dispatch,
    ) {
        self.running(region, buffers);
        for (i, plant) in region.heat().plants.iter().enumerate() {
            let mut heat_mw = plant.heat_max_mw * effects.plant_share[i] * self.running[i];
            if self.plant_fuel_h[i] <= 0.0 {
                heat_mw = 0.0;
            }
            if let Some(g) = plant.generator {
                heat_mw *= f64::from(u8::from(self.generator_has_fuel[g.i()]));
                heat_mw = heat_mw.min(plant.heat_beside_mw(dispatch.p_mw[g.i()]));
            }
            if !self.connected[i] {
                heat_mw = 0.0;
            }
            self.available_mw[i] = heat_mw.max(0.0);
        }
        // A destroyed plant's pumps stand still with it; a damaged one keeps pumping.
        self.circulation.fill(1.0);
        for (i, share) in effects.plant_share.iter().enumerate() {
            if *share <= 0.0 || !self.connected[i] {
                self.circulation[i] = 0.0;
            }
        }
        for (at, d) in region.dependencies().iter().enumerate() {
            if let (Asset::Plant(p), true) = (d.asset, super::needs_electricity(d)) {
                let c = &mut self.circulation[p.i()];
                *c = c.min(buffers.effective(at));
            }
        }
    }

    fn running(&mut self, region: &Region, buffers: &Buffers) {
        self.running.fill(1.0);
        for (at, d) in region.dependencies().iter().enumerate() {
            if let Asset::Plant(p) = d.asset {
                let r = &mut self.running[p.i()];
                *r = r.min(buffers.effective(at));
            }
        }
    }

    /// After the hour: burns fuel, and remembers the heat made.
    pub(super) fn burn(
        &mut self,
        region: &Region,
        policy: &Policy,
        dispatch: &Dispatch,
        heat: &HeatHour,
        step_h: f64,
    ) {
        let used = (1.0 - policy.plant_fuel_share).max(0.0) * step_h;
        for (i, g) in region.grid().generators.iter().enumerate() {
            if self.generator_fuel_h[i].is_finite() && g.p_max_mw > 0.0 {
                let burnt = used * (dispatch.p_mw[i] / g.p_max_mw).clamp(0.0, 1.0);
                self.generator_fuel_h[i] = (self.generator_fuel_h[i] - burnt).max(0.0);
            }
        }
        for (i, p) in region.heat().plants.iter().enumerate() {
            self.last_made_mw[i] = heat.made_mw[i];
            if self.plant_fuel_h[i].is_finite() && p.heat_max_mw > 0.0 {
                let burnt = used * (heat.made_mw[i] / p.heat_max_mw).clamp(0.0, 1.0);
                self.plant_fuel_h[i] = (self.plant_fuel_h[i] - burnt).max(0.0);
            }
        }
    }

    /// Fuel that the heat plants burn, MW.
    pub(super) fn fuel_mw(region: &Region, dispatch: &Dispatch, heat: &HeatHour) -> f64 {
        let plants = region.heat().plants.iter().zip(&heat.made_mw);
        let burnt = plants.map(|(plant, made_mw)| {
            let power_mw = plant.generator.map_or(0.0, |g| dispatch.p_mw[g.i()].max(0.0));
            (made_mw + power_mw) / plant.efficiency
        });
        burnt.sum()
    }

    pub(super) fn generator_has_fuel(&self) -> &[bool] {
        &self.generator_has_fuel
    }

    pub(super) fn heat_bounds_mw(&self) -> &[(f64, f64)] {
        &self.heat_bounds_mw
    }

    pub(super) fn available_mw(&self) -> &[f64] {
        &self.available_mw
    }

    pub(super) fn circulation(&self) -> &[f64] {
        &self.circulation
    }
}
