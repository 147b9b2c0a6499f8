//! Pressure reducing and pressure sustaining valves: they hold the head of a node, so
//! their state is switched between solutions (rules of EPANET 2.2, its function
//! `prvstatus`/`psvstatus`), with a memory that ends cycling.

use super::gga::Regulation;
use super::limits::{Bounds, bounded};
use super::valve::open_loss;

/// Which side is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegulatorKind {
    /// Pressure reducing: the downstream head is held down.
    Reducing,
    /// Pressure sustaining: the upstream head is held up.
    Sustaining,
}

/// What the valve does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegulatorStatus {
    /// Holds its setting.
    Active,
    /// Fully open: the setting cannot be reached.
    Open,
    /// Shut against reverse flow.
    Closed,
}

/// A pressure reducing or sustaining valve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regulator {
    /// Which side is held.
    pub kind: RegulatorKind,
    /// Head held, m (elevation plus setting).
    pub head: f64,
    /// Loss coefficient when open; see [`super::minor_loss`].
    pub minor: f64,
    /// What it does at the moment.
    pub status: RegulatorStatus,
    /// Changes of status in this solution.
    changes: u32,
}

/// Tolerance of head comparisons, m (EPANET's `HTOL` is 0.0005 ft).
const HEAD_TOLERANCE_M: f64 = 1.5e-4;
/// Tolerance of reverse flow, m³/s (EPANET's `QTOL` is 0.0001 ft³/s).
const FLOW_TOLERANCE: f64 = 2.8e-6;
/// Changes of one valve in one solution after which it stays as it is.
const MOST_CHANGES: u32 = 8;

impl Regulator {
    /// A valve that starts active.
    #[must_use]
    pub fn new(kind: RegulatorKind, head: f64, minor: f64) -> Self {
        Self { kind, head, minor, status: RegulatorStatus::Active, changes: 0 }
    }

    /// Forgets the changes of the last solution.
    pub fn begin(&mut self) {
        self.changes = 0;
    }

    /// True when the valve was kept in its state to end cycling.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.changes > MOST_CHANGES
    }

    /// What it does to Newton's equations.
    #[must_use]
    pub fn regulation(&self) -> Regulation {
        match (self.status, self.kind) {
            (RegulatorStatus::Active, RegulatorKind::Reducing) => Regulation::HoldsTo(self.head),
            (RegulatorStatus::Active, RegulatorKind::Sustaining) => {
                Regulation::HoldsFrom(self.head)
            }
            (RegulatorStatus::Open | RegulatorStatus::Closed, _) => Regulation::None,
        }
    }

    /// Loss when not active.
    #[must_use]
    pub fn loss(&self, q: f64) -> (f64, f64) {
        match self.status {
            RegulatorStatus::Closed => (Bounds::WALL * q, Bounds::WALL),
            RegulatorStatus::Open | RegulatorStatus::Active => {
                bounded(Bounds::FREE, q, |q| open_loss(self.minor, q))
            }
        }
    }

    /// Opens it: behind it lies a zone that only it feeds, so its flow is what that needs.
    pub fn release(&mut self) {
        self.status = RegulatorStatus::Open;
    }

    /// Ends holding a head that nothing can hold.
    pub fn give_up(&mut self, q: f64) {
        self.status = if q < 0.0 { RegulatorStatus::Closed } else { RegulatorStatus::Open };
        self.changes = self.changes.saturating_add(1);
    }

    /// Switches by the solution found: flow (m³/s) and heads (m) upstream and
    /// downstream. True if the status changed.
    pub fn review(&mut self, q: f64, up: f64, down: f64) -> bool {
        use RegulatorStatus::{Active, Closed, Open};
        let (set, tol) = (self.head, HEAD_TOLERANCE_M);
        let full = self.minor * q * q;
        let reverse = q < -FLOW_TOLERANCE;
        let next = match (self.kind, self.status) {
            (_, Active | Open) if reverse => Closed,
            (RegulatorKind::Reducing, Active) if up - full < set - tol => Open,
            (RegulatorKind::Reducing, Open) if down >= set + tol => Active,
            (RegulatorKind::Reducing, Closed) if up >= set + tol && down < set - tol => Active,
            (RegulatorKind::Reducing, Closed) if up < set - tol && up > down + tol => Open,
            (RegulatorKind::Sustaining, Active) if down + full > set + tol => Open,
            (RegulatorKind::Sustaining, Open) if up < set - tol => Active,
            (RegulatorKind::Sustaining, Closed) if down > set + tol && up > down + tol => Open,
            (RegulatorKind::Sustaining, Closed) if up >= set + tol && up > down + tol => Active,
            (_, same) => same,
        };
        if next == self.status {
            return false;
        }
        self.changes += 1;
        if self.changes > MOST_CHANGES {
            return false;
        }
        self.status = next;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycling_ends() {
        let mut valve = Regulator::new(RegulatorKind::Reducing, 50.0, 0.0);
        let mut changes = 0;
        for i in 0..100 {
            let q = if i % 2 == 0 { -1.0 } else { 1.0 };
            if valve.review(q, 60.0, 40.0) {
                changes += 1;
            }
        }
        assert_eq!(changes, MOST_CHANGES);
        assert!(valve.is_held());
        valve.begin();
        assert!(!valve.is_held());
    }
}
