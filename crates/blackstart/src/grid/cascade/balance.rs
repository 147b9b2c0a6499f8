//! Frequency of an island from its imbalance, in the quasi-steady state after governors
//! have acted.

/// A unit as the balance sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    /// Output at nominal frequency, MW.
    pub set_mw: f64,
    /// Least and largest output, MW.
    pub least_mw: f64,
    pub most_mw: f64,
    /// Change of output per Hz below nominal, MW/Hz.
    pub mw_per_hz: f64,
}

impl Machine {
    /// Output at `below` Hz under nominal, MW.
    pub fn output_mw(&self, below: f64) -> f64 {
        (self.set_mw + self.mw_per_hz * below).clamp(self.least_mw, self.most_mw)
    }
}

/// Largest deviation looked at, Hz: beyond it no machine is left in any grid.
const WIDEST_HZ: f64 = 10.0;

/// Hz below nominal at which `machines` meet `demand_mw`, which itself falls by
/// `share_per_hz` for each of them, besides `fixed_mw`.
pub(super) fn settle(
    machines: impl Iterator<Item = Machine> + Clone,
    demand_mw: f64,
    fixed_mw: f64,
    share_per_hz: f64,
) -> f64 {
    let surplus = |below: f64| {
        let made: f64 = machines.clone().map(|m| m.output_mw(below)).sum();
        made - demand_mw * (1.0 - share_per_hz * below) - fixed_mw
    };
    // Surplus never falls with the deviation. Of several balances (machines at their
    // limits), the one nearest to nominal frequency holds.
    let too_much = surplus(0.0) > 0.0;
    let (mut near, mut far) = (0.0, if too_much { -WIDEST_HZ } else { WIDEST_HZ });
    let beyond = |s: f64| if too_much { s > 0.0 } else { s < 0.0 };
    if beyond(surplus(far)) {
        return far;
    }
    if !beyond(surplus(near)) {
        return near;
    }
    for _ in 0..60 {
        let middle = 0.5 * (near + far);
        if beyond(surplus(middle)) {
            near = middle;
        } else {
            far = middle;
        }
    }
    far
}

#[cfg(test)]
mod tests {
    use super::{Machine, settle};

    #[test]
    fn droop_shares_a_loss() {
        // Two machines of 100 and 300 MW with 5 % droop at 50 Hz give 40 and 120 MW/Hz.
        let machine = |most_mw: f64, set_mw| Machine {
            set_mw,
            least_mw: 0.0,
            most_mw,
            mw_per_hz: most_mw / 2.5,
        };
        let machines = [machine(100.0, 60.0), machine(300.0, 150.0)];
        let below = settle(machines.into_iter(), 250.0, 0.0, 0.0);
        assert!((below - 40.0 / 160.0).abs() < 1e-9);
        assert!((machines[1].output_mw(below) - 180.0).abs() < 1e-6);
        // With 2 % of load per Hz the load gives way by 5 MW/Hz.
        let below = settle(machines.into_iter(), 250.0, 0.0, 0.02);
        assert!((below - 40.0 / 165.0).abs() < 1e-9);
        // The small machine at its limit: the other alone takes the rest.
        let below = settle(machines.into_iter(), 370.0, 0.0, 0.0);
        assert!((below - 1.0).abs() < 1e-9);
        assert_eq!(settle(machines.into_iter(), 500.0, 0.0, 0.0), 10.0);
        assert_eq!(settle(machines.into_iter(), -1.0, 0.0, 0.0), -10.0);
    }
}
