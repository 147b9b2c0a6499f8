//! One hour of work: who gets teams and spares.

use crate::scenario::{RepairResources, TemporaryFix};

use super::crews::Crews;
use super::job::{Fix, Job};
use super::store::Store;

/// A temporary fix is put up only where the repair takes longer than so many times as long.
const FIX_IS_WORTH: f64 = 2.0;

/// What an hour of work needs besides the jobs.
pub(super) struct Hour<'a> {
    pub resources: &'a RepairResources,
    pub store: &'a mut Store,
    pub clock_hour: u32,
    pub now_h: f64,
    pub step_h: f64,
    /// By facility: what can stand in for it.
    pub fix_of: &'a dyn Fn(&Job) -> Option<TemporaryFix>,
}

/// Jobs in the order in which they are looked after, and the teams sent to each; kept from
/// hour to hour for its memory alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    order: Vec<usize>,
    sent: Vec<u32>,
}

/// Works for one step on `jobs`: in the order of ranks, each job gets the teams it takes or
/// none, and the next may have what is left. A job that takes more teams than the whole
/// shift has gets the whole shift. What is left then puts up temporary fixes, and what is
/// left of that makes crews larger. Calls `at_work` for every job worked on and returns
/// the number of teams busy.
pub(super) fn work(
    jobs: &mut [Job],
    queue: &mut Queue,
    hour: &mut Hour<'_>,
    mut at_work: impl FnMut(&Job),
) -> u32 {
    let rule = hour.resources.rule;
    let now_h = hour.now_h;
    let Queue { order, sent } = queue;
    order.clear();
    order.extend((0..jobs.len()).filter(|&j| jobs[j].end_h.is_none() && jobs[j].ready_h <= now_h));
    // No two jobs are equal: the order that does without memory gives the same.
    order.sort_unstable_by(|&a, &b| {
        let (a, b) = (jobs[a].rank(rule), jobs[b].rank(rule));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)).then(a.3.cmp(&b.3))
    });
    let mut crews = Crews::at(hour.resources, hour.clock_hour);
    sent.clear();
    sent.resize(order.len(), 0);
    for at in 0..order.len() {
        sent[at] = call(jobs, order, at, hour, &mut crews);
    }
    let mut busy: u32 = 0;
    for (at, &j) in order.iter().enumerate() {
        busy += put_up(&mut jobs[j], sent[at], hour, &mut crews);
    }
    for (at, &j) in order.iter().enumerate() {
        let job = &mut jobs[j];
        if sent[at] > 0 {
            sent[at] += further(job, sent[at], hour.resources, &mut crews);
        }
        busy += sent[at];
        progress(job, sent[at], hour);
        if sent[at] > 0 || matches!(job.fix, Fix::PuttingUp(..)) {
            at_work(job);
        }
    }
    busy
}

/// Teams for one job: to look at it, or to repair it if its spare is there.
fn call(
    jobs: &mut [Job],
    order: &[usize],
    at: usize,
    hour: &mut Hour<'_>,
    crews: &mut Crews,
) -> u32 {
    let job = &jobs[order[at]];
    let looks = job.inspection_left_h > 0.0;
    let wants = if looks { 1 } else { job.teams };
    let takes = wants.min(crews.in_shift(job.skill));
    if !looks {
        let lacks = !job.has_spare && !hour.store.has(job);
        let taken = lacks
            && hour.resources.recovery.cannibalise
            && takes > 0
            && takes <= crews.free(job.skill)
            && take_parts(jobs, order, at);
        let job = &mut jobs[order[at]];
        job.waits_for_spare = lacks && !taken;
        job.has_spare |= taken;
    }
    let job = &mut jobs[order[at]];
    if !looks && job.waits_for_spare || takes == 0 || takes > crews.free(job.skill) {
        return 0;
    }
    if !looks {
        if !job.has_spare {
            hour.store.give(job);
            job.has_spare = true;
        }
        job.start_h.get_or_insert(hour.now_h);
    }
    crews.send(job.skill, takes);
    takes
}

/// Takes the spare of the job at `at` from one that ranks lower and waits for the same: its
/// parts help more people here than what still works of it helps there.
fn take_parts(jobs: &mut [Job], order: &[usize], at: usize) -> bool {
    let job = &jobs[order[at]];
    let gain = (1.0 - job.functionality) * job.people;
    let (spare, count) = (job.spare, job.spare_count);
    let fits = |other: &Job| {
        other.spare == spare
            && other.spare_count >= count
            && !other.has_spare
            && !other.cannibalised
            && other.functionality > 0.0
            && other.functionality * other.people < gain
    };
    // From the end of the queue: what waits longest anyway gives first.
    let Some(donor) = order[at + 1..].iter().rev().copied().find(|&j| fits(&jobs[j])) else {
        return false;
    };
    let donor = &mut jobs[donor];
    donor.cannibalised = true;
    donor.functionality = 0.0;
    donor.spare_count = donor.spare_count.saturating_add(count);
    true
}

/// Puts a temporary fix up, or goes on with it; returns the teams busy with it.
fn put_up(job: &mut Job, sent: u32, hour: &mut Hour<'_>, crews: &mut Crews) -> u32 {
    if crews.free(job.skill) == 0 || job.inspection_left_h > 0.0 {
        return 0;
    }
    let temporary_h = hour.resources.recovery.temporary_h;
    if job.fix == Fix::None
        && let Some(fix) = (hour.fix_of)(job)
    {
        let teams = f64::from(sent.max(job.teams));
        let takes_long = job.left_team_h() / teams > FIX_IS_WORTH * temporary_h;
        let helps = fix.functionality() > job.functionality;
        if helps && (takes_long || job.waits_for_spare) && hour.store.take_fix(fix) {
            job.fix = Fix::PuttingUp(fix, temporary_h + job.travel_h);
        }
    }
    let Fix::PuttingUp(fix, left_h) = job.fix else { return 0 };
    crews.send(job.skill, 1);
    let left_h = left_h - hour.step_h;
    job.fix = if left_h > 0.0 {
        Fix::PuttingUp(fix, left_h)
    } else {
        Fix::Up(fix, hour.now_h + hour.step_h + left_h)
    };
    1
}

/// Further teams for a job that has what it takes.
fn further(job: &Job, sent: u32, resources: &RepairResources, crews: &mut Crews) -> u32 {
    let most = f64::from(job.teams) * resources.recovery.most_teams_factor;
    if job.inspection_left_h > 0.0 || sent < job.teams || most <= f64::from(sent) {
        return 0;
    }
    let more = (most as u32 - sent).min(crews.free(job.skill));
    crews.send(job.skill, more);
    more
}

/// An hour's work of `sent` teams: first the road, then looking, then the repair.
fn progress(job: &mut Job, sent: u32, hour: &Hour<'_>) {
    let came = sent.saturating_sub(job.crew);
    job.crew = sent;
    if sent == 0 {
        // Who left is on the road again next time.
        job.road_team_h = 0.0;
        return;
    }
    job.road_team_h += f64::from(came) * job.travel_h;
    let recovery = &hour.resources.recovery;
    let takes = f64::from(job.teams);
    let teams = f64::from(sent);
    // Fewer teams than it takes work in proportion, more of them get in each other's way.
    let worth = if job.inspection_left_h > 0.0 || teams <= takes {
        teams
    } else {
        takes * (teams / takes).powf(recovery.more_teams_exponent)
    };
    let can = worth * hour.step_h;
    let road = job.road_team_h.min(can);
    job.road_team_h -= road;
    let can = can - road;
    if job.inspection_left_h > 0.0 {
        let looked = job.inspection_left_h.min(can);
        job.inspection_left_h -= looked;
        if job.inspection_left_h <= 0.0 {
            job.inspection_left_h = 0.0;
            job.inspected_h = Some(hour.now_h + (road + looked) / worth);
            // The repair is for another crew, which comes from where it is.
            job.crew = 0;
        }
        return;
    }
    let left = job.left_team_h();
    if left <= can {
        job.end_h = Some(hour.now_h + (road + left) / worth);
        job.done_team_h = job.work_team_h;
    } else {
        job.done_team_h += can;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::region::FacilityIdx;
    use crate::scenario::{DamageState, Delivery, PriorityRule, Recovery, Shift, Skill, Spare};

    pub fn resources(day: u32, night: u32) -> RepairResources {
        RepairResources {
            teams_day: day,
            teams_night: night,
            day_from_h: 7,
            day_to_h: 19,
            access_delay_h: 0.0,
            spares: [1, 0, 0, 0, 0, 2],
            deliveries: vec![Delivery { at_h: 5.0, spare: Spare::SwitchgearKit, count: 1 }],
            rule: PriorityRule::CriticalThenPeople,
            recovery: Recovery::default(),
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
            skill: Skill::Line,
            crew: 0,
            travel_h: 0.0,
            road_team_h: 0.0,
            inspection_left_h: 0.0,
            inspected_h: None,
            cannibalised: false,
            turn: 0,
            functionality: 0.3,
            fix: Fix::None,
        }
    }

    fn step(jobs: &mut [Job], store: &mut Store, teams: u32, hour: u32) -> (u32, Vec<usize>) {
        step_with(jobs, store, &resources(teams, teams), hour)
    }

    fn step_with(
        jobs: &mut [Job],
        store: &mut Store,
        resources: &RepairResources,
        hour: u32,
    ) -> (u32, Vec<usize>) {
        let mut worked = Vec::new();
        let mut now = Hour {
            resources,
            store,
            clock_hour: hour,
            now_h: f64::from(hour),
            step_h: 1.0,
            fix_of: &|_| Some(TemporaryFix::MobileTransformer),
        };
        let busy = work(jobs, &mut Queue::default(), &mut now, |j| worked.push(j.facility.i()));
        (busy, worked)
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
    fn teams_are_on_the_road_first_and_look_before_they_repair() {
        let mut r = resources(4, 4);
        r.recovery.inspection_h = 1.5;
        let mut store = Store::new(&r);
        let mut jobs = [job(0, 2, 3.0)];
        jobs[0].travel_h = 0.5;
        jobs[0].inspection_left_h = 1.5;
        let busy: Vec<u32> = (0..6).map(|h| step_with(&mut jobs, &mut store, &r, h).0).collect();
        // One team: half an hour of road, one and a half of looking; then two teams.
        assert_eq!(busy, [1, 1, 2, 2, 0, 0]);
        assert_eq!((jobs[0].inspected_h, jobs[0].start_h), (Some(2.0), Some(2.0)));
        assert_eq!(jobs[0].end_h, Some(2.0 + 0.5 + 1.5));
    }

    #[test]
    fn further_teams_help_less_and_less() {
        let mut r = resources(9, 9);
        r.recovery.most_teams_factor = 4.0;
        r.recovery.more_teams_exponent = 0.5;
        let mut store = Store::new(&r);
        let mut jobs = [job(0, 2, 100.0)];
        let (busy, _) = step_with(&mut jobs, &mut store, &r, 0);
        // Eight teams, four times what it takes, are twice as fast.
        assert_eq!((busy, jobs[0].done_team_h), (8, 4.0));
        let mut two = [job(0, 2, 100.0), job(1, 2, 100.0)];
        let (busy, _) = step_with(&mut two, &mut store, &r, 0);
        assert_eq!(busy, 9, "all get what they take before any gets more");
        assert!(two.iter().all(|j| j.done_team_h >= 2.0));
    }

    #[test]
    fn a_fix_stands_in_until_the_repair_is_done() {
        let mut r = resources(3, 3);
        r.recovery.temporary = [1, 0, 0, 0];
        r.recovery.temporary_h = 2.0;
        let mut store = Store::new(&r);
        let mut jobs = [job(0, 1, 100.0), job(1, 1, 3.0)];
        jobs[1].people = 1.0;
        let mut works = Vec::new();
        for hour in 0..4 {
            step_with(&mut jobs, &mut store, &r, hour);
            works.push(jobs[0].works());
        }
        assert_eq!(works, [0.3, 0.5, 0.5, 0.5]);
        assert_eq!(jobs[0].fix, Fix::Up(TemporaryFix::MobileTransformer, 2.0));
        assert_eq!(store.fixes(), &[0, 0, 0, 0]);
        assert_eq!(jobs[1].fix, Fix::None, "it would not be worth it");
    }

    #[test]
    fn parts_go_from_where_they_help_fewer() {
        let mut r = resources(9, 9);
        r.recovery.cannibalise = true;
        let lacking = |facility, people| Job {
            spare: Some(Spare::PumpSet),
            spare_count: 1,
            people,
            ..job(facility, 1, 100.0)
        };
        let mut store = Store::new(&r);
        let mut jobs = [lacking(0, 9000.0), lacking(1, 50.0), lacking(2, 100.0)];
        let (_, worked) = step_with(&mut jobs, &mut store, &r, 0);
        // 0 takes the parts of 1, which ranks last; 2 finds nobody below that has some.
        assert_eq!(worked, [0]);
        assert!(jobs[1].cannibalised && !jobs[2].cannibalised);
        assert_eq!((jobs[1].functionality, jobs[1].spare_count), (0.0, 2));
        assert!(!jobs[0].waits_for_spare && jobs[2].waits_for_spare);
        // Where what still works helps more people than the parts would, they stay.
        let mut alike = [lacking(0, 100.0), lacking(1, 99.0)];
        alike[0].functionality = 0.6;
        alike[1].functionality = 0.6;
        assert!(step_with(&mut alike, &mut store, &r, 0).1.is_empty());
    }

    #[test]
    fn skills_and_turns() {
        let mut r = resources(0, 0);
        r.recovery.skilled[Skill::Line as usize] = Shift { day: 2, night: 2 };
        let mut store = Store::new(&r);
        let mut jobs = [job(0, 1, 100.0), job(1, 1, 100.0)];
        jobs[1].skill = Skill::Pipe;
        assert_eq!(step_with(&mut jobs, &mut store, &r, 8).1, [0]);
        r.teams_day = 1;
        r.recovery.skilled = [Shift::default(); 4];
        r.rule = PriorityRule::DistrictOrder;
        jobs[0].turn = 1;
        jobs[1].people = 1.0;
        assert_eq!(step_with(&mut jobs, &mut store, &r, 8).1, [1]);
    }
}
