//! Crews, spares, deliveries; how repairs are carried out over time.
//!
//! A damaged facility is a job: team-hours of work (days drawn from
//! [`crate::damage::catalogue`] × 24 h × teams), a number of teams at once, perhaps a
//! spare. Each hour the teams of the shift go to the jobs in the order of the scenario's
//! rule, newly ranked: a job that matters more takes teams from one that matters less,
//! which keeps its spare and what was done. A job gets the teams it takes or none, unless
//! the whole shift has fewer. Work starts with the first full hour after the access delay,
//! when the spare is there; the spare is taken from stock at that moment. When the work
//! is done the facility works in full from the next hour; until then it works as its
//! damage leaves it: repairs do not help in part, temporary fixes do.
//!
//! [`Recovery`](crate::scenario::Recovery) says what else counts: teams of one skill, hours
//! on the road (each team's own, whenever it comes anew), looking before repairing, further
//! teams on one repair with diminishing returns, temporary fixes that go back to stock, and
//! spares taken from damaged facilities that help fewer people.
//!
//! A facility hit again while it is damaged is in the worse of both states, and the time
//! still to go (with all teams) becomes the longer of what was left and what the new
//! damage alone takes. The spare is that of the worse state; if the new damage takes it,
//! it is taken once more. So another hit never shortens a repair.

mod crews;
mod job;
mod ranking;
mod store;
mod way;
mod work;

use crate::damage::{catalogue, event_key, facility_key};
use crate::math::random::{Key, Purpose, Stream};
use crate::region::{FacilityIdx, Region};
use crate::results::{DamageRecord, FacilityState, RepairRecord};
use crate::scenario::{EventKind, Scenario, Skill, SpareStock, TemporaryFix};

use job::{Fix, Job};
use ranking::Ranking;
use store::Store;
use way::Ways;
use work::{Hour, Queue};

/// Hours of work in a day of the catalogue: repairs run around the clock.
pub const WORK_H_PER_DAY: f64 = 24.0;

/// Teams, spares and jobs of a run.
#[derive(Clone, Debug)]
pub struct RepairShop<'a> {
    region: &'a Region,
    scenario: &'a Scenario,
    ranking: Ranking,
    ways: Ways,
    store: Store,
    jobs: Vec<Job>,
    /// By facility: its job that has not been handed back.
    open: Vec<Option<usize>>,
    functionality: Vec<f64>,
    under_repair: Vec<bool>,
    teams_busy: u32,
    queue: Queue,
}

impl<'a> RepairShop<'a> {
    /// Everything whole, stock full, nobody at work.
    #[must_use]
    pub fn new(region: &'a Region, scenario: &'a Scenario) -> Self {
        let facilities = region.facilities().len();
        Self {
            region,
            scenario,
            ranking: Ranking::new(region),
            ways: Ways::new(region, &scenario.repair.recovery),
            store: Store::new(&scenario.repair),
            jobs: Vec::new(),
            open: vec![None; facilities],
            functionality: vec![1.0; facilities],
            under_repair: vec![false; facilities],
            teams_busy: 0,
            queue: Queue::default(),
        }
    }

    /// Hands back what was finished: it works in full from now on. [`Self::hour`] begins
    /// with this; call it before the events of an hour are applied.
    pub fn settle(&mut self) {
        for (facility, open) in self.open.iter_mut().enumerate() {
            let Some(job) = open.map(|j| &mut self.jobs[j]) else { continue };
            if job.end_h.is_some() {
                if let Fix::Up(fix, _) | Fix::PuttingUp(fix, _) = job.fix {
                    self.store.return_fix(fix);
                }
                *open = None;
                self.functionality[facility] = 1.0;
                self.under_repair[facility] = false;
            } else {
                self.functionality[facility] = job.works();
            }
        }
    }

    /// Takes new damage on.
    pub fn damaged(&mut self, records: &[DamageRecord]) {
        for record in records {
            let (work_team_h, entry) = self.work_of(record);
            let (people, critical) = self.ranking.of(self.region, record.facility);
            let ready_h = record.at_h + self.blocked_h(record);
            let f = record.facility.i();
            let facility = &self.region.facilities()[f];
            match self.open[f].filter(|&j| self.jobs[j].end_h.is_none()) {
                None => {
                    self.open[f] = Some(self.jobs.len());
                    self.functionality[f] = record.functionality;
                    self.jobs.push(Job {
                        facility: record.facility,
                        state: record.state,
                        damaged_at_h: record.at_h,
                        ready_h,
                        work_team_h,
                        done_team_h: 0.0,
                        teams: entry.teams,
                        spare: entry.spare,
                        spare_count: entry.spare_count,
                        has_spare: false,
                        waits_for_spare: false,
                        start_h: None,
                        end_h: None,
                        people,
                        critical,
                        skill: Skill::of(facility.class),
                        crew: 0,
                        travel_h: self.ways.travel_h(facility),
                        road_team_h: 0.0,
                        inspection_left_h: self.scenario.repair.recovery.inspection_h,
                        inspected_h: None,
                        cannibalised: false,
                        turn: self.ways.turn(self.region, facility),
                        functionality: record.functionality,
                        fix: Fix::None,
                    });
                }
                Some(j) => {
                    let job = &mut self.jobs[j];
                    job.functionality = job.functionality.min(record.functionality);
                    // What stood in for it stood beside it, and must be looked at anew.
                    job.fix = Fix::None;
                    job.inspection_left_h = self.scenario.repair.recovery.inspection_h;
                    self.functionality[f] = job.works();
                    job.ready_h = job.ready_h.max(ready_h);
                    // By the clock, not by team-hours: worse damage calls for more teams.
                    let left_h = job.left_team_h() / f64::from(job.teams);
                    let new_h = work_team_h / f64::from(entry.teams);
                    job.teams = job.teams.max(entry.teams);
                    let left_team_h = left_h.max(new_h) * f64::from(job.teams);
                    job.work_team_h = job.done_team_h + left_team_h;
                    if record.state >= job.state {
                        job.state = record.state;
                        (job.spare, job.spare_count) = (entry.spare, entry.spare_count);
                        job.has_spare = false;
                    } else if entry.spare.is_some() && entry.spare == job.spare {
                        job.has_spare = false;
                    }
                }
            }
        }
    }

    /// Moves work forward by the step from `hour · step_h` on, which is `clock_hour` on
    /// the clock.
    pub fn hour(&mut self, hour: usize, clock_hour: u32, step_h: f64) {
        self.settle();
        let now_h = hour as f64 * step_h;
        let resources = &self.scenario.repair;
        self.store.receive(resources, now_h);
        self.under_repair.fill(false);
        let under_repair = &mut self.under_repair;
        let facilities = self.region.facilities();
        let mut hour = Hour {
            resources,
            store: &mut self.store,
            clock_hour,
            now_h,
            step_h,
            fix_of: &|job| TemporaryFix::of(facilities[job.facility.i()].class),
        };
        self.teams_busy = work::work(&mut self.jobs, &mut self.queue, &mut hour, |job| {
            under_repair[job.facility.i()] = true;
        });
    }

    /// Share of its capacity that works, by facility, 0 … 1.
    #[must_use]
    pub fn functionality(&self) -> &[f64] {
        &self.functionality
    }

    /// By facility: a team worked on it in the last hour.
    #[must_use]
    pub fn under_repair(&self) -> &[bool] {
        &self.under_repair
    }

    /// How a facility's damage shows on maps: under repair, lost, damaged, or none of
    /// them when it is whole (whether it is served is not for this module to say).
    #[must_use]
    pub fn state(&self, facility: FacilityIdx) -> Option<FacilityState> {
        let f = self.functionality[facility.i()];
        if self.under_repair[facility.i()] {
            Some(FacilityState::UnderRepair)
        } else if f <= 0.0 {
            Some(FacilityState::Lost)
        } else if f < 1.0 {
            Some(FacilityState::Damaged)
        } else {
            None
        }
    }

    /// Teams at work in the last hour.
    #[must_use]
    pub const fn teams_busy(&self) -> u32 {
        self.teams_busy
    }

    /// Spares on the shelf, in the order of `Spare::ALL`.
    #[must_use]
    pub fn stock(&self) -> &SpareStock {
        self.store.stock()
    }

    /// Temporary fixes in stock, in the order of [`TemporaryFix::ALL`].
    #[must_use]
    pub fn temporary(&self) -> &[u32; TemporaryFix::ALL.len()] {
        self.store.fixes()
    }

    /// The repairs so far, in the order of their start; not started ones last, in the
    /// order of damage.
    #[must_use]
    pub fn records(&self) -> Vec<RepairRecord> {
        let mut jobs: Vec<&Job> = self.jobs.iter().collect();
        jobs.sort_by(|a, b| {
            let start = |job: &Job| job.start_h.unwrap_or(f64::INFINITY);
            start(a)
                .total_cmp(&start(b))
                .then(a.damaged_at_h.total_cmp(&b.damaged_at_h))
                .then(a.facility.cmp(&b.facility))
        });
        jobs.into_iter()
            .map(|job| RepairRecord {
                facility: job.facility,
                state: job.state,
                damaged_at_h: job.damaged_at_h,
                start_h: job.start_h,
                end_h: job.end_h,
                work_team_h: job.work_team_h,
                done_team_h: job.done_team_h,
                teams: job.teams,
                spare: job.spare,
                waits_for_spare: job.waits_for_spare,
                people: job.people,
                critical: job.critical,
                inspected_h: job.inspected_h,
                temporary: match job.fix {
                    Fix::Up(fix, from_h) => Some((fix, from_h)),
                    Fix::None | Fix::PuttingUp(..) => None,
                },
                cannibalised: job.cannibalised,
            })
            .collect()
    }

    /// Team-hours that a damage takes, drawn under the names of event and facility (or
    /// as the scenario states them), and its row of the catalogue.
    fn work_of(&self, record: &DamageRecord) -> (f64, catalogue::Entry) {
        let entry = catalogue::entry(self.region, record.facility, record.state);
        let days = self.stated_days(record).unwrap_or_else(|| {
            let facility = &self.region.facilities()[record.facility.i()];
            let key = Key {
                draw: self.scenario.draw,
                event: event_key(self.scenario, record.event),
                asset: facility_key(facility),
                purpose: Purpose::RepairTime,
            };
            entry.repair_days.sample(&mut Stream::new(self.scenario.seed, key))
        });
        (days.max(0.0) * WORK_H_PER_DAY * f64::from(entry.teams), entry)
    }

    /// Hours in which nobody may enter, or can.
    fn blocked_h(&self, record: &DamageRecord) -> f64 {
        let delay_h = self.scenario.repair.access_delay_h.max(0.0);
        match self.scenario.events.get(record.event).map(|e| &e.kind) {
            Some(EventKind::Hazard(hazard)) => delay_h.max(hazard.blocks_h()),
            Some(EventKind::Strike(_) | EventKind::Damaged(_) | EventKind::Uninspected(_))
            | None => delay_h,
        }
    }

    fn stated_days(&self, record: &DamageRecord) -> Option<f64> {
        match &self.scenario.events.get(record.event)?.kind {
            EventKind::Strike(_) | EventKind::Uninspected(_) | EventKind::Hazard(_) => None,
            EventKind::Damaged(known) => known
                .iter()
                .find(|k| k.facility == record.facility && k.state == record.state)
                .and_then(|k| k.repair_days),
        }
    }
}
