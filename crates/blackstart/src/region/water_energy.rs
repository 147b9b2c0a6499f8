//! What pumping costs: EPANET's section `[ENERGY]`. Read, kept and written; no part of the
//! engine uses it yet.

/// Prices and efficiencies of pumps.
#[derive(Clone, Debug, PartialEq)]
pub struct WaterEnergy {
    /// Price of a kWh in some currency, for pumps without one of their own.
    pub price_per_kwh: f64,
    /// Position in [`Water::patterns`](super::Water::patterns) of the price over time.
    pub pattern: Option<u32>,
    /// Efficiency from wire to water of pumps without a curve of their own, %.
    pub efficiency_percent: f64,
    /// Price of the highest power in the run, for each kW.
    pub demand_charge_per_kw: f64,
    /// Pumps that differ, each at most once.
    pub pumps: Vec<PumpEnergy>,
}

impl Default for WaterEnergy {
    fn default() -> Self {
        Self {
            price_per_kwh: 0.0,
            pattern: None,
            // EPANET's default.
            efficiency_percent: 75.0,
            demand_charge_per_kw: 0.0,
            pumps: Vec::new(),
        }
    }
}

/// A pump with figures of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PumpEnergy {
    /// Position in [`Water::pumps`](super::Water::pumps).
    pub pump: u32,
    /// Price of a kWh; none for that of all pumps.
    pub price_per_kwh: Option<f64>,
    /// Position in [`Water::patterns`](super::Water::patterns) of the price over time.
    pub pattern: Option<u32>,
    /// (flow m³/h, efficiency %) points; none for the efficiency of all pumps.
    pub efficiency: Vec<(f64, f64)>,
}

impl WaterEnergy {
    /// The same with what holds for all pumps said of each of `pumps` pumps, so that networks
    /// that differ in it can be put together. Efficiencies become one point at no flow.
    #[must_use]
    pub fn spread(mut self, pumps: u32) -> Self {
        if self == Self::default() {
            return self;
        }
        let mut each: Vec<PumpEnergy> =
            (0..pumps).map(|pump| PumpEnergy { pump, ..PumpEnergy::default() }).collect();
        for own in self.pumps.drain(..) {
            if let Some(slot) = each.get_mut(own.pump as usize) {
                *slot = own;
            }
        }
        let standard = Self::default();
        for pump in &mut each {
            if pump.price_per_kwh.is_none() && self.price_per_kwh != standard.price_per_kwh {
                pump.price_per_kwh = Some(self.price_per_kwh);
            }
            pump.pattern = pump.pattern.or(self.pattern);
            if pump.efficiency.is_empty() && self.efficiency_percent != standard.efficiency_percent
            {
                pump.efficiency = vec![(0.0, self.efficiency_percent)];
            }
        }
        Self { demand_charge_per_kw: self.demand_charge_per_kw, pumps: each, ..standard }
    }

    /// Calls `f` with every reference to a pattern.
    pub fn patterns_mut(&mut self, mut f: impl FnMut(&mut Option<u32>)) {
        f(&mut self.pattern);
        self.pumps.iter_mut().for_each(|p| f(&mut p.pattern));
    }
}
