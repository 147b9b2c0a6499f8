//! Dependencies hour by hour: how much of what an asset needs arrives, and how long its
//! battery, diesel or store carries it when it does not.

use crate::region::{Asset, Dependency, Region, Supply};
use crate::scenario::Policy;

/// State of every dependency.
#[derive(Clone, Debug)]
pub(super) struct Buffers {
    /// By dependency: hours left in its buffer.
    left_h: Vec<f64>,
    /// By dependency: share of the last hour covered by its own supply.
    arrived: Vec<f64>,
    /// By dependency: share of the last hour covered by supply or buffer.
    effective: Vec<f64>,
    /// By dependency: a mobile generator stands there.
    mobile: Vec<bool>,
}

impl Buffers {
    pub(super) fn new(region: &Region) -> Self {
        let n = region.dependencies().len();
        Self {
            left_h: region.dependencies().iter().map(|d| d.buffer_h).collect(),
            arrived: vec![1.0; n],
            effective: vec![1.0; n],
            mobile: vec![false; n],
        }
    }

    pub(super) fn left_h(&self, dependency: usize) -> f64 {
        self.left_h[dependency]
    }

    pub(super) fn arrived(&self, dependency: usize) -> f64 {
        self.arrived[dependency]
    }

    pub(super) fn effective(&self, dependency: usize) -> f64 {
        self.effective[dependency]
    }

    pub(super) fn on_mobile_generator(&self, dependency: usize) -> bool {
        self.mobile[dependency]
    }

    /// One hour of one dependency with `arrived` (0 … 1) of what it needs. The buffer
    /// covers what is missing while it lasts, and fills at one hour per hour when
    /// nothing is missing; `refuel_h` arrives by road in any case.
    pub(super) fn hour(
        &mut self,
        at: usize,
        dependency: &Dependency,
        arrived: f64,
        step_h: f64,
        refuel_h: f64,
    ) {
        const COMPLETE: f64 = 0.999;
        let arrived = arrived.clamp(0.0, 1.0);
        self.arrived[at] = arrived;
        if arrived >= COMPLETE {
            self.effective[at] = 1.0;
            self.left_h[at] = (self.left_h[at] + step_h).min(dependency.buffer_h);
            self.mobile[at] = false;
            return;
        }
        if self.mobile[at] {
            self.effective[at] = 1.0;
            return;
        }
        if dependency.buffer_h > 0.0 {
            self.left_h[at] = (self.left_h[at] + refuel_h).min(dependency.buffer_h);
        }
        let missing_h = (1.0 - arrived) * step_h;
        let covered_h = missing_h.min(self.left_h[at]);
        self.left_h[at] -= covered_h;
        self.effective[at] = (arrived + covered_h / step_h).min(1.0);
    }

    /// Sends free mobile generators to critical sites that are dark, in the order of
    /// the sites' kinds (hospitals first) and then of the table.
    pub(super) fn send_mobile_generators(&mut self, region: &Region, policy: &Policy) {
        let in_use = self.mobile.iter().filter(|m| **m).count();
        let mut free = (policy.mobile_generators as usize).saturating_sub(in_use);
        if free == 0 {
            return;
        }
        let mut dark: Vec<(crate::region::SiteKind, usize)> = region
            .dependencies()
            .iter()
            .enumerate()
            .filter_map(|(at, d)| {
                let Asset::Site(s) = d.asset else { return None };
                (needs_electricity(d) && self.effective[at] < 0.5)
                    .then(|| (region.places().sites[s.i()].kind, at))
            })
            .filter(|(_, at)| !self.mobile[*at])
            .collect();
        dark.sort_unstable();
        for (_, at) in dark {
            if free == 0 {
                break;
            }
            self.mobile[at] = true;
            free -= 1;
        }
    }
}

/// True for a dependency on a bus.
pub(super) fn needs_electricity(dependency: &Dependency) -> bool {
    matches!(dependency.on.first(), Some(Supply::Bus(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::{BusIdx, PumpIdx};

    fn pump(buffer_h: f64) -> Dependency {
        Dependency {
            asset: Asset::Pump(PumpIdx(0)),
            on: vec![Supply::Bus(BusIdx(0))],
            need_mw: 1.0,
            need_m3h: 0.0,
            buffer_h,
        }
    }

    fn one(buffer_h: f64) -> Buffers {
        Buffers {
            left_h: vec![buffer_h],
            arrived: vec![1.0],
            effective: vec![1.0],
            mobile: vec![false],
        }
    }

    #[test]
    fn a_buffer_carries_exactly_as_long_as_it_says() {
        let (d, mut b) = (pump(2.5), one(2.5));
        let mut carried = 0.0;
        for _ in 0..5 {
            b.hour(0, &d, 0.0, 1.0, 0.0);
            carried += b.effective(0);
        }
        assert!((carried - 2.5).abs() < 1e-12);
        assert_eq!(b.left_h(0), 0.0);
    }

    #[test]
    fn half_a_supply_drains_half_as_fast_and_full_supply_refills() {
        let (d, mut b) = (pump(2.0), one(2.0));
        b.hour(0, &d, 0.5, 1.0, 0.0);
        assert!((b.left_h(0) - 1.5).abs() < 1e-12);
        assert!((b.effective(0) - 1.0).abs() < 1e-12);
        b.hour(0, &d, 1.0, 1.0, 0.0);
        assert!((b.left_h(0) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn no_buffer_means_no_service() {
        let (d, mut b) = (pump(0.0), one(0.0));
        b.hour(0, &d, 0.3, 1.0, 5.0);
        assert!((b.effective(0) - 0.3).abs() < 1e-12);
    }
}
