//! Repair jobs, and one hour of work on them: who gets teams and spares.

use crate::region::FacilityIdx;
use crate::scenario::{DamageState, PriorityRule, RepairResources, Spare, SpareStock};

/// A repair from the damage to its end.
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
    pub spare: Option<Spare>,
    pub spare_count: u32,
    /// The spare has been taken from stock.
    pub has_spare: bool,
    pub waits_for_spare: bool,
    pub start_h: Option<f64>,
    pub end_h: Option<f64>,
    pub people: f64,
    pub critical: bool,
}

impl Job {
    /// What is still to be done.
    pub fn left_team_h(&self) -> f64 {
        (self.work_team_h - self.done_team_h).max(0.0)
    }

    /// Order of ranks: the smaller goes first. Places are told apart at last by their
    /// order in the region, so that no two jobs are equal.
    fn rank(&self, rule: PriorityRule) -> (bool, f64, f64, FacilityIdx) {
        let per_hour = -self.people / self.work_team_h.max(f64::MIN_POSITIVE);
        let (critical, people) = match rule {
            PriorityRule::FirstCome => (true, 0.0),
            PriorityRule::CriticalThenPeople => (self.critical, per_hour),
            PriorityRule::PeoplePerHour => (true, per_hour),
        };
        (!critical, people, self.damaged_at_h, self.facility)
    }
}

/// Spares on the shelf and on their way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Store {
    stock: SpareStock,
    arrived: Vec<bool>,
}

impl Store {
    pub fn new(resources: &RepairResources) -> Self {
        Self { stock: resources.spares, arrived: vec![false; resources.deliveries.len()] }
    }

    pub fn stock(&self) -> &SpareStock {
        &self.stock
    }

    /// Shelves what has arrived by `now_h`.
    pub fn receive(&mut self, resources: &RepairResources, now_h: f64) {
        for (delivery, arrived) in resources.deliveries.iter().zip(&mut self.arrived) {
            if !*arrived && delivery.at_h <= now_h {
                *arrived = true;
                let shelf = &mut self.stock[position(delivery.spare)];
                *shelf = shelf.saturating_add(delivery.count);
            }
        }
    }

    fn has(&self, job: &Job) -> bool {
        job.spare.is_none_or(|spare| self.stock[position(spare)] >= job.spare_count)
    }

    fn give(&mut self, job: &Job) {
        if let Some(spare) = job.spare {
            self.stock[position(spare)] -= job.spare_count;
        }
    }
}

fn position(spare: Spare) -> usize {
    // The order of `Spare::ALL` is that of the variants.
    spare as usize
}

/// Teams at work in an hour of the clock.
pub(super) fn teams_at(resources: &RepairResources, clock_hour: u32) -> u32 {
    let (from, to) = (resources.day_from_h, resources.day_to_h);
    let hour = clock_hour % 24;
    let day = match from.cmp(&to) {
        std::cmp::Ordering::Less => from <= hour && hour < to,
        std::cmp::Ordering::Equal => true,
        std::cmp::Ordering::Greater => hour >= from || hour < to,
    };
    if day { resources.teams_day } else { resources.teams_night }
}

/// Works for one step on `jobs` with `teams` teams: in the order of ranks, each job gets
/// what it takes or nothing, and the next may have what is left. A job that takes more
/// teams than the whole shift has gets the whole shift. Calls `at_work` for every job
/// worked on and returns the number of teams busy.
pub(super) fn work(
    jobs: &mut [Job],
    order: &mut Vec<usize>,
    store: &mut Store,
    rule: PriorityRule,
    teams: u32,
    now_h: f64,
    step_h: f64,
    mut at_work: impl FnMut(&Job),
) -> u32 {
    order.clear();
    order.extend((0..jobs.len()).filter(|&j| jobs[j].end_h.is_none() && jobs[j].ready_h <= now_h));
    order.sort_by(|&a, &b| {
        let (a, b) = (jobs[a].rank(rule), jobs[b].rank(rule));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)).then(a.3.cmp(&b.3))
    });
    let mut free = teams;
    for &j in order.iter() {
        let job = &mut jobs[j];
        job.waits_for_spare = !job.has_spare && !store.has(job);
        let takes = job.teams.min(teams);
        if job.waits_for_spare || takes == 0 || takes > free {
            continue;
        }
        if !job.has_spare {
            store.give(job);
            job.has_spare = true;
        }
        job.start_h.get_or_insert(now_h);
        free -= takes;
        let (left, can) = (job.left_team_h(), f64::from(takes) * step_h);
        if left <= can {
            job.end_h = Some(now_h + left / f64::from(takes));
            job.done_team_h = job.work_team_h;
        } else {
            job.done_team_h += can;
        }
        at_work(job);
    }
    teams - free
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Delivery;

    fn resources(day: u32, night: u32) -> RepairResources {
        RepairResources {
            teams_day: day,
            teams_night: night,
            day_from_h: 7,
            day_to_h: 19,
            access_delay_h: 0.0,
            spares: [1, 0, 0, 0, 0, 2],
            deliveries: vec![Delivery { at_h: 5.0, spare: Spare::SwitchgearKit, count: 1 }],
            rule: PriorityRule::CriticalThenPeople,
        }
    }

    fn job(facility: usize, teams: u32, work_team_h: f64) -> Job {
        Job {
            facility: FacilityIdx::new(facility),
            state: DamageState::Moderate,
            damaged_at_h: facility as f64,
            ready_h: 0.0,
            work_team_h,
            done_team_h: 0.0,
            teams,
            spare: None,
            spare_count: 0,
            has_spare: false,
            waits_for_spare: false,
            start_h: None,
            end_h: None,
            people: 1000.0,
            critical: false,
        }
    }

    fn step(jobs: &mut [Job], store: &mut Store, teams: u32, hour: u32) -> (u32, Vec<usize>) {
        let mut worked = Vec::new();
        let rule = PriorityRule::CriticalThenPeople;
        let now = f64::from(hour);
        let busy = work(jobs, &mut Vec::new(), store, rule, teams, now, 1.0, |j| {
            worked.push(j.facility.i());
        });
        (busy, worked)
    }

    #[test]
    fn shifts_by_the_clock() {
        let mut r = resources(5, 2);
        assert_eq!([6, 7, 18, 19, 31].map(|h| teams_at(&r, h)), [2, 5, 5, 2, 5]);
        (r.day_from_h, r.day_to_h) = (19, 7);
        assert_eq!([6, 7, 18, 19].map(|h| teams_at(&r, h)), [5, 2, 2, 5]);
        r.day_from_h = 7;
        assert_eq!([6, 7].map(|h| teams_at(&r, h)), [5, 5]);
        (r.day_from_h, r.day_to_h) = (0, 24);
        assert_eq!([0, 23].map(|h| teams_at(&r, h)), [5, 5]);
    }

    #[test]
    fn work_takes_its_time() {
        let mut store = Store::new(&resources(5, 2));
        let mut jobs = [job(0, 2, 5.0)];
        for hour in 0..3 {
            step(&mut jobs, &mut store, 5, hour);
        }
        assert_eq!(jobs[0].start_h, Some(0.0));
        assert_eq!(jobs[0].end_h, Some(2.5));
        assert_eq!(jobs[0].done_team_h, 5.0);
        assert_eq!(step(&mut jobs, &mut store, 5, 3), (0, vec![]));
    }

    #[test]
    fn ranks_decide_and_the_rest_fills_up() {
        let mut store = Store::new(&resources(5, 2));
        let mut jobs = [job(0, 2, 100.0), job(1, 3, 100.0), job(2, 2, 100.0), job(3, 1, 10.0)];
        jobs[1].critical = true;
        jobs[2].people = 5000.0;
        // 1 is critical; 3 has the most people per hour; then 2 does not fit, nor 0.
        assert_eq!(step(&mut jobs, &mut store, 5, 0), (4, vec![1, 3]));
        // At night with two teams, 1 gets the whole shift although it takes three.
        assert_eq!(step(&mut jobs, &mut store, 2, 1), (2, vec![1]));
        assert_eq!(jobs[1].done_team_h, 5.0);
        assert_eq!(step(&mut jobs, &mut store, 0, 2), (0, vec![]));
    }

    #[test]
    fn spares_stop_work_until_they_arrive() {
        let r = resources(9, 9);
        let mut store = Store::new(&r);
        let mut jobs = [job(0, 1, 100.0), job(1, 1, 100.0), job(2, 1, 50.0)];
        jobs[0].spare = Some(Spare::SwitchgearKit);
        jobs[0].spare_count = 1;
        jobs[1].spare = Some(Spare::Autotransformer);
        jobs[1].spare_count = 1;
        jobs[2].spare = Some(Spare::Autotransformer);
        jobs[2].spare_count = 1;
        for hour in 0..8 {
            store.receive(&r, f64::from(hour));
            let (_, worked) = step(&mut jobs, &mut store, 9, hour);
            // 2 outranks 1 and takes the only transformer.
            assert_eq!(worked.contains(&0), hour >= 5, "hour {hour}");
            assert!(worked.contains(&2) && !worked.contains(&1));
        }
        assert!(jobs[1].waits_for_spare && jobs[1].start_h.is_none());
        assert_eq!(jobs[0].start_h, Some(5.0));
        assert_eq!(store.stock(), &[0, 0, 0, 0, 0, 2]);
    }

    #[test]
    fn positions_of_spares_are_those_of_the_table() {
        for (i, spare) in Spare::ALL.into_iter().enumerate() {
            assert_eq!(position(spare), i);
        }
    }
}
