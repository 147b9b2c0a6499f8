//! Water in the pipes of a row of buildings: what freezes, who drains, when it is filled
//! and mended again.

use super::part::{BURST, DRAINED, FULL, Parts, shift};
use crate::heat::{CELLAR_PIPE, ROOM_PIPE, StandingWater};
use crate::scenario::PipePolicy;

/// Whether water moves in the heating of a row this hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Circulation {
    /// Heating without water.
    None,
    /// It runs.
    Runs,
    /// It stands; an operator looks after the building and may drain it.
    StandsOperated,
    /// It stands and nobody drains it.
    Stands,
}

/// An hour of a row that is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct PipeHour {
    pub circulation: Circulation,
    /// Hours the water has stood, this one included.
    pub standing_h: f64,
    pub outdoor_c: f64,
    /// Cellars lie between rooms and outdoors by this share.
    pub cellar_factor: f64,
    pub step_h: f64,
}

/// Carries the water in a row's pipes over the hour, then moves buildings that burst, are
/// drained, filled or mended.
pub(super) fn advance(parts: &mut Parts, policy: &PipePolicy, hour: &PipeHour) {
    let step_h = hour.step_h;
    for (k, part) in parts.iter_mut().enumerate() {
        if part.share <= 0.0 {
            continue;
        }
        if k == FULL {
            match hour.circulation {
                Circulation::None => {}
                Circulation::Runs => part.circulate(),
                Circulation::StandsOperated | Circulation::Stands => {
                    let indoor_c = part.indoor_c;
                    let cellar_c = indoor_c - hour.cellar_factor * (indoor_c - hour.outdoor_c);
                    part.heating = CELLAR_PIPE.step(part.heating, cellar_c, step_h);
                }
            }
        }
        part.taps = ROOM_PIPE.step(part.taps, part.indoor_c, step_h);
        if part.taps.ice_share >= policy.burst_ice_share {
            // What has burst runs out when it thaws; the rest of the riser is empty.
            part.taps_burst = 1.0;
            part.taps = StandingWater { temperature_c: 0.0, ice_share: 0.0 };
        } else if part.indoor_c > 0.0 {
            part.taps_burst = (part.taps_burst - step_h / policy.burst_repair_h).max(0.0);
        }
    }
    shift(parts, BURST, DRAINED, step_h / policy.burst_repair_h);
    if parts[FULL].share > 0.0
        && hour.circulation != Circulation::None
        && parts[FULL].heating.ice_share >= policy.burst_ice_share
    {
        let all = parts[FULL].share;
        shift(parts, FULL, BURST, all);
    }
    match (hour.circulation, policy.drain) {
        (Circulation::Runs, _) => {
            shift(parts, DRAINED, FULL, step_h / policy.refill_h);
            // They are filled with water that runs.
            parts[FULL].circulate();
        }
        (Circulation::StandsOperated, Some(rule))
            if hour.outdoor_c <= rule.outdoor_c && hour.standing_h >= rule.after_h =>
        {
            shift(parts, FULL, DRAINED, step_h / rule.takes_h);
        }
        (Circulation::StandsOperated | Circulation::Stands | Circulation::None, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::part::whole;
    use super::*;
    use crate::heat::Building;

    fn hour(circulation: Circulation, standing_h: f64) -> PipeHour {
        PipeHour { circulation, standing_h, outdoor_c: -12.0, cellar_factor: 0.5, step_h: 1.0 }
    }

    fn at(indoor_c: f64) -> Parts {
        whole(Building { air_c: indoor_c, mass_c: indoor_c })
    }

    #[test]
    fn draining_waits_takes_its_time_and_filling_too() {
        let policy = PipePolicy::default();
        let mut parts = at(15.0);
        for h in 1..=8 {
            advance(&mut parts, &policy, &hour(Circulation::StandsOperated, f64::from(h)));
            let drained = f64::from(h - 1) / 6.0;
            assert!((parts[DRAINED].share - drained.clamp(0.0, 1.0)).abs() < 1e-9, "{h} h");
        }
        assert_eq!(parts[FULL].share, 0.0);
        for h in 1..=24 {
            advance(&mut parts, &policy, &hour(Circulation::Runs, 0.0));
            assert!((parts[FULL].share - f64::from(h) / 24.0).abs() < 1e-9);
        }
        assert_eq!(parts[BURST].share, 0.0);
    }

    #[test]
    fn nobody_drains_in_mild_weather_or_against_the_rule() {
        let never = PipePolicy { drain: None, ..PipePolicy::default() };
        let mild = PipeHour { outdoor_c: -1.0, ..hour(Circulation::StandsOperated, 50.0) };
        for (policy, hour) in [
            (PipePolicy::default(), mild),
            (never, hour(Circulation::StandsOperated, 50.0)),
            (PipePolicy::default(), hour(Circulation::Stands, 50.0)),
        ] {
            let mut parts = at(15.0);
            advance(&mut parts, &policy, &hour);
            assert_eq!(parts[FULL].share, 1.0);
        }
    }

    /// Rooms at +2 °C and −12 °C outdoors: the cellar is at −5 °C, and its pipe bursts in
    /// the hour that `hours_to_ice` tells.
    #[test]
    fn a_full_main_bursts_when_its_ice_says_and_comes_back_by_repair() {
        let policy = PipePolicy { drain: None, burst_repair_h: 10.0, ..PipePolicy::default() };
        let due_h = CELLAR_PIPE.hours_to_ice(45.0, -5.0, policy.burst_ice_share).unwrap();
        let mut parts = at(2.0);
        let mut h = 0.0;
        while parts[BURST].share == 0.0 {
            h += 1.0;
            advance(&mut parts, &policy, &hour(Circulation::Stands, h));
        }
        assert!((due_h..due_h + 1.0).contains(&h), "{h} {due_h}");
        for _ in 0..5 {
            advance(&mut parts, &policy, &hour(Circulation::Runs, 0.0));
        }
        assert!((parts[BURST].share - 0.5).abs() < 1e-9);
        assert!(parts[FULL].share > 0.0 && parts[FULL].heating.ice_share == 0.0);
    }

    #[test]
    fn taps_freeze_in_rooms_below_zero_only() {
        let policy = PipePolicy::default();
        let mut parts = at(0.5);
        for h in 1..100 {
            advance(&mut parts, &policy, &hour(Circulation::None, f64::from(h)));
        }
        assert_eq!(parts[FULL].taps_burst, 0.0);
        parts[FULL].indoor_c = -4.0;
        for h in 1..10 {
            advance(&mut parts, &policy, &hour(Circulation::None, f64::from(h)));
        }
        assert_eq!(parts[FULL].taps_burst, 1.0);
        parts[FULL].indoor_c = 10.0;
        advance(&mut parts, &policy, &hour(Circulation::None, 0.0));
        assert!((parts[FULL].taps_burst - (1.0 - 1.0 / 720.0)).abs() < 1e-12);
    }
}
