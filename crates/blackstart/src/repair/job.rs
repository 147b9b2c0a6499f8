//! A repair from the damage to its end, and its place in the queue.

use crate::region::FacilityIdx;
use crate::scenario::{DamageState, PriorityRule, Skill, Spare, TemporaryFix};

/// A repair.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Job {
    pub facility: FacilityIdx,
    pub state: DamageState,
    pub damaged_at_h: f64,
    /// From when on the place may be entered.
    pub ready_h: f64,
    pub work_team_h: f64,
    pub done_team_h: f64,
    pub teams: u32,
    pub skill: Skill,
    /// Teams there in the last hour.
    pub crew: u32,
    /// Hours that a team is on the road.
    pub travel_h: f64,
    /// Team-hours of those on their way that are still to pass.
    pub road_team_h: f64,
    /// Hours of looking at it still to be done.
    pub inspection_left_h: f64,
    pub inspected_h: Option<f64>,
    pub spare: Option<Spare>,
    pub spare_count: u32,
    /// The spare has been taken from stock.
    pub has_spare: bool,
    pub waits_for_spare: bool,
    /// Parts of it were taken for another.
    pub cannibalised: bool,
    pub start_h: Option<f64>,
    pub end_h: Option<f64>,
    pub people: f64,
    pub critical: bool,
    /// Place of its district in the order of turns.
    pub turn: u32,
    /// What works without a temporary fix, 0 … 1.
    pub functionality: f64,
    pub fix: Fix,
}

/// A temporary fix of one facility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fix {
    /// None is there.
    None,
    /// One is being put up, for so many hours more.
    PuttingUp(TemporaryFix, f64),
    /// One stands since this hour.
    Up(TemporaryFix, f64),
}

impl Job {
    /// What is still to be done.
    pub fn left_team_h(&self) -> f64 {
        (self.work_team_h - self.done_team_h).max(0.0)
    }

    /// What works now, 0 … 1.
    pub fn works(&self) -> f64 {
        match self.fix {
            Fix::Up(fix, _) => self.functionality.max(fix.functionality()),
            Fix::None | Fix::PuttingUp(..) => self.functionality,
        }
    }

    /// Order of ranks: the smaller goes first. Places are told apart at last by their
    /// order in the region, so that no two jobs are equal. What a repair takes is not known
    /// before it was looked at: until then looking counts as the work.
    pub fn rank(&self, rule: PriorityRule) -> (u32, f64, f64, FacilityIdx) {
        let work_h = if self.inspection_left_h > 0.0 {
            self.inspection_left_h
        } else {
            self.work_team_h.max(f64::MIN_POSITIVE)
        };
        let per_hour = -self.people / work_h;
        let (first, people) = match rule {
            PriorityRule::FirstCome => (0, 0.0),
            PriorityRule::CriticalThenPeople => (u32::from(!self.critical), per_hour),
            PriorityRule::PeoplePerHour => (0, per_hour),
            PriorityRule::DistrictOrder => (self.turn, per_hour),
        };
        (first, people, self.damaged_at_h, self.facility)
    }
}
