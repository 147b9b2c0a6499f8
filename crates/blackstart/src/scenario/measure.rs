//! What a policy changes in a scenario: small overlays, to be put side by side.

use super::{ByMunition, EventKind, Halt, Interval, Scenario};

/// A policy: a name and what it changes. Without measures it is the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyCase {
    /// Name for people.
    pub name: String,
    /// What it changes, in this order.
    pub measures: Vec<Measure>,
}

/// One change of a scenario. Hours count from the scenario's start; a span holds from
/// `from_h` up to, not including, `until_h`, which may be infinite.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Strikes on infrastructure are halted.
    Halt(Halt),
    /// No spares are delivered: what is due in the span arrives at its end, and never if
    /// it has none.
    AidPause {
        /// First hour, h.
        from_h: f64,
        /// End, h.
        until_h: f64,
    },
    /// Support of air defence is paused: the share shot down or lost falls to these
    /// values where it was higher.
    SupportPause {
        /// First hour, h.
        from_h: f64,
        /// End, h.
        until_h: f64,
        /// By class of weapon in the order of [`Munition::ALL`](super::Munition::ALL); none: as before.
        intercepted_share: ByMunition<Option<Interval>>,
    },
    /// Imports of electricity.
    Imports {
        /// First hour, h.
        from_h: f64,
        /// End, h.
        until_h: f64,
        /// Share of the import cap that can be had.
        share: f64,
    },
    /// More mobile generators for critical sites.
    Generators {
        /// How many more.
        more: u32,
    },
    /// Heating aims at another temperature.
    Thermostat {
        /// Indoor temperature, °C.
        indoor_set_c: f64,
    },
    /// Electricity demand is another.
    Demand {
        /// Times the scenario's.
        factor: f64,
    },
    /// Other weather.
    WeatherShift {
        /// Added to every hour's outdoor temperature, K.
        shift_k: f64,
    },
}

impl Scenario {
    /// This scenario under a policy.
    #[must_use]
    pub fn under(&self, case: &PolicyCase) -> Self {
        let mut changed = self.clone();
        for measure in &case.measures {
            changed.apply(measure);
        }
        changed
    }

    fn apply(&mut self, measure: &Measure) {
        match *measure {
            Measure::Halt(ref halt) => self.halts.push(halt.clone()),
            Measure::AidPause { from_h, until_h } => {
                let deliveries = &mut self.repair.deliveries;
                for delivery in deliveries.iter_mut() {
                    if holds(from_h, until_h, delivery.at_h) {
                        delivery.at_h = until_h;
                    }
                }
                deliveries.sort_by(|a, b| a.at_h.total_cmp(&b.at_h));
            }
            Measure::SupportPause { from_h, until_h, intercepted_share } => {
                for event in &mut self.events {
                    if let EventKind::Strike(strike) = &mut event.kind
                        && holds(from_h, until_h, event.at_h)
                    {
                        let shares = strike.intercepted_share.iter_mut().zip(intercepted_share);
                        for (share, paused) in shares {
                            if let Some(paused) = paused {
                                share.low = share.low.min(paused.low);
                                share.high = share.high.min(paused.high);
                            }
                        }
                    }
                }
            }
            Measure::Imports { from_h, until_h, share } => {
                let hours = self.horizon_h as usize;
                let shares = &mut self.policy.import_share;
                let last = shares.last().copied().unwrap_or(1.0);
                shares.resize(shares.len().max(hours), last);
                for (hour, slot) in shares.iter_mut().enumerate() {
                    if holds(from_h, until_h, hour as f64) {
                        *slot = share;
                    }
                }
            }
            Measure::Generators { more } => {
                let generators = &mut self.policy.mobile_generators;
                *generators = generators.saturating_add(more);
            }
            Measure::Thermostat { indoor_set_c } => self.policy.indoor_set_c = indoor_set_c,
            Measure::Demand { factor } => self.demand_factor *= factor,
            Measure::WeatherShift { shift_k } => {
                for hour in &mut self.weather.hours {
                    hour.outdoor_c += shift_k;
                }
            }
        }
    }
}

fn holds(from_h: f64, until_h: f64, at_h: f64) -> bool {
    from_h <= at_h && at_h < until_h
}
