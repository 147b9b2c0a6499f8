//! Parts of a row of the building stock: buildings whose heating is full of water, drained
//! or burst. Buildings of one part are alike; shares that go from one part to another mix
//! in as means, which is exact for their heat because it is linear.

use crate::heat::{Building, StandingWater};

/// Water in the heating when it last circulated, °C: between supply and return of a mild
/// day in the frost (assumption).
const CIRCULATING: StandingWater = StandingWater { temperature_c: 45.0, ice_share: 0.0 };

/// Positions in [`Parts`].
pub(in crate::sim) const FULL: usize = 0;
pub(in crate::sim) const DRAINED: usize = 1;
pub(in crate::sim) const BURST: usize = 2;

/// Buildings that are alike.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Part {
    /// Of the row, 0 … 1.
    pub share: f64,
    /// Heat of the buildings.
    pub state: Building,
    /// Mean air temperature of the hour, °C.
    pub indoor_c: f64,
    /// Heat that would hold the set-point this hour, W/m².
    pub need_w_m2: f64,
    /// Asked of electric emergency heaters and of backup stoves, W/m².
    pub heater_w_m2: f64,
    pub stove_w_m2: f64,
    /// Water in the heating mains in the cellar; counts where it is full.
    pub heating: StandingWater,
    /// Water in the risers of taps.
    pub taps: StandingWater,
    /// Share of the part whose risers of taps have burst.
    pub taps_burst: f64,
}

/// The parts of a row; shares add up to 1.
pub(in crate::sim) type Parts = [Part; 3];

/// A row with all its buildings full and warm.
pub(super) fn whole(state: Building) -> Parts {
    let part = |share| Part {
        share,
        state,
        indoor_c: state.air_c,
        need_w_m2: 0.0,
        heater_w_m2: 0.0,
        stove_w_m2: 0.0,
        heating: CIRCULATING,
        taps: StandingWater { temperature_c: state.air_c.max(0.0), ice_share: 0.0 },
        taps_burst: 0.0,
    };
    [part(1.0), part(0.0), part(0.0)]
}

impl Part {
    /// Water runs through the heating again.
    pub(super) fn circulate(&mut self) {
        self.heating = CIRCULATING;
    }
}

/// Moves up to `amount` of a row from one part to another.
pub(super) fn shift(parts: &mut Parts, from: usize, to: usize, amount: f64) {
    let amount = amount.clamp(0.0, parts[from].share);
    if amount <= 0.0 {
        return;
    }
    let source = parts[from];
    let target = &mut parts[to];
    let part = amount / (target.share + amount);
    let mix = |a: f64, b: f64| a + (b - a) * part;
    let water = |a: StandingWater, b: StandingWater| StandingWater {
        temperature_c: mix(a.temperature_c, b.temperature_c),
        ice_share: mix(a.ice_share, b.ice_share),
    };
    target.state.air_c = mix(target.state.air_c, source.state.air_c);
    target.state.mass_c = mix(target.state.mass_c, source.state.mass_c);
    target.indoor_c = mix(target.indoor_c, source.indoor_c);
    target.need_w_m2 = mix(target.need_w_m2, source.need_w_m2);
    target.heating = water(target.heating, source.heating);
    target.taps = water(target.taps, source.taps);
    target.taps_burst = mix(target.taps_burst, source.taps_burst);
    target.share += amount;
    parts[from].share -= amount;
    // Shares of a few billionths are rounding, not buildings.
    if parts[from].share < 1e-9 {
        parts[to].share += parts[from].share;
        parts[from].share = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_heat_stay_when_buildings_change_parts() {
        let mut parts = whole(Building { air_c: 10.0, mass_c: 11.0 });
        parts[DRAINED].state = Building { air_c: 2.0, mass_c: 3.0 };
        let heat = |p: &Parts| p.iter().map(|p| p.share * p.state.mass_c).sum::<f64>();
        for (from, to, amount) in
            [(FULL, DRAINED, 0.25), (FULL, DRAINED, 0.25), (DRAINED, FULL, 0.1), (FULL, BURST, 9.0)]
        {
            let before = heat(&parts);
            shift(&mut parts, from, to, amount);
            assert!((heat(&parts) - before).abs() < 1e-12);
            assert!((parts.iter().map(|p| p.share).sum::<f64>() - 1.0).abs() < 1e-12);
        }
        assert_eq!(parts[FULL].share, 0.0);
        assert!((parts[DRAINED].share - 0.4).abs() < 1e-12);
    }
}
