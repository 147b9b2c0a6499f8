//! Many scenarios of one network over the same time.
//!
//! What depends on the network alone is analysed once. Scenarios with the same demand factor
//! are one run until the first of their outages: a trunk is run once, and each scenario leaves
//! it before the step that its outage might cut short. Both change nothing in what a scenario
//! comes to; its numbers are those of a run by itself, to the last bit.

mod junctions;
mod tally;
#[cfg(test)]
mod tests;

use super::period::{Period, PeriodTimes, Variation, VariationError};
use crate::region::Water;
pub use junctions::JunctionSummary;
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use tally::{AtJunctions, Tally};
pub use tally::{LowestPressure, ScenarioSummary, TankSummary};

/// A network ready for many runs.
#[derive(Clone, Debug)]
pub struct Batch<'w> {
    fresh: Period<'w>,
}

/// What a batch came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchResults {
    /// By scenario, in the order asked for; none where the batch was ended before.
    pub scenarios: Vec<Option<ScenarioSummary>>,
    /// By junction of the network, over the scenarios that were finished.
    pub junctions: Vec<JunctionSummary>,
}

/// Looks at how far a batch is: called with the number of finished scenarios, from any thread
/// and every few solutions. Breaking ends the batch; scenarios under way are lost.
pub type BatchWatch<'a> = dyn Fn(usize) -> ControlFlow<()> + Sync + 'a;

/// Most states of trunks that wait for their scenarios to be run.
const MOST_FORKS: usize = 16;
/// Solutions between two looks at the watch.
const LOOK_EVERY: usize = 8;

type Finished = (usize, ScenarioSummary, AtJunctions);

/// A run under way.
#[derive(Clone, Debug)]
struct Run<'w> {
    period: Period<'w>,
    tally: Tally<'w>,
}

impl<'w> Batch<'w> {
    /// Ready for runs over `times`. With `demand_driven`, every junction that water can reach
    /// gets its demand whatever the pressure; otherwise demands follow pressure by the
    /// network's options.
    #[must_use]
    pub fn new(water: &'w Water, times: PeriodTimes, demand_driven: bool) -> Self {
        let mut fresh = Period::new(water, times).demand_driven(demand_driven);
        fresh.prepare();
        Self { fresh }
    }

    /// The times of the runs, fitted to each other.
    #[must_use]
    pub fn times(&self) -> &PeriodTimes {
        self.fresh.times()
    }

    /// Runs every variation in the caller's rayon pool. Results are the same whatever the
    /// number of threads and whatever else is in the batch.
    ///
    /// # Errors
    /// The position of the first variation that means nothing for the network, and why.
    pub fn run(
        &self,
        variations: &[Variation],
        watch: &BatchWatch<'_>,
    ) -> Result<BatchResults, (usize, VariationError)> {
        let water = self.fresh.water();
        for (i, variation) in variations.iter().enumerate() {
            variation.check(water).map_err(|error| (i, error))?;
        }
        let under_way = UnderWay { variations, watch, finished: AtomicUsize::new(0) };
        let groups = groups(variations);
        let finished: Vec<Vec<Finished>> =
            groups.par_iter().map(|group| self.group(group, &under_way)).collect();
        let mut scenarios = vec![None; variations.len()];
        let mut at_junctions = vec![None; variations.len()];
        for (i, summary, at) in finished.into_iter().flatten() {
            scenarios[i] = Some(summary);
            at_junctions[i] = Some(at);
        }
        Ok(BatchResults { scenarios, junctions: junctions::summarize(water, &at_junctions) })
    }

    /// Runs scenarios of one demand factor.
    fn group(&self, group: &[usize], under_way: &UnderWay<'_>) -> Vec<Finished> {
        let variations = under_way.variations;
        let mut trunk = Run { period: self.fresh.clone(), tally: Tally::new(self.fresh.water()) };
        if let &[only] = group {
            return under_way.one(trunk, only).into_iter().collect();
        }
        let (mut waiting, whole): (Vec<usize>, Vec<usize>) =
            group.iter().partition(|&&i| variations[i].first_outage_s().is_some());
        waiting.sort_by_key(|&i| std::cmp::Reverse(variations[i].first_outage_s()));
        let Some(&any) = group.first() else { return Vec::new() };
        let demand_factor = variations[any].demand_factor;
        trunk.period.vary(&Variation { demand_factor, pumps_off: Vec::new() });

        let longest_s = self.times().hydraulic_step_s;
        let mut forks: Vec<(Run<'w>, Vec<usize>)> = Vec::new();
        let mut out = Vec::new();
        let mut steps = 0;
        let ended = loop {
            // No step so far was so long that the outage would have cut it.
            let until_s = trunk.period.now_s() + longest_s;
            let first = |i: &usize| variations[*i].first_outage_s().unwrap_or(i64::MAX);
            let mut leaving = Vec::new();
            while waiting.last().is_some_and(|i| first(i) < until_s) {
                leaving.extend(waiting.pop());
            }
            if !leaving.is_empty() {
                forks.push((trunk.clone(), leaving));
            }
            if waiting.is_empty() && whole.is_empty() {
                break false;
            }
            if forks.len() >= MOST_FORKS {
                out.extend(under_way.run(std::mem::take(&mut forks)));
            }
            if under_way.is_over(steps) {
                break false;
            }
            steps += 1;
            if !trunk.step() {
                break true;
            }
        };
        out.extend(under_way.run(forks));
        if ended {
            // An outage after the end of the run is none.
            let same = whole.iter().chain(&waiting);
            let (summary, at) = trunk.tally.finish();
            for &i in same {
                under_way.finished.fetch_add(1, Ordering::Relaxed);
                out.push((i, summary.clone(), at.clone()));
            }
        }
        out
    }
}

impl Run<'_> {
    fn step(&mut self) -> bool {
        self.tally.step(&mut self.period)
    }
}

/// What the threads of a batch share.
struct UnderWay<'a> {
    variations: &'a [Variation],
    watch: &'a BatchWatch<'a>,
    finished: AtomicUsize,
}

impl UnderWay<'_> {
    /// Whether the watch wants the batch to end.
    fn is_over(&self, steps: usize) -> bool {
        steps.is_multiple_of(LOOK_EVERY)
            && (self.watch)(self.finished.load(Ordering::Relaxed)).is_break()
    }

    /// Runs scenarios to the end from where they left their trunk.
    fn run(&self, forks: Vec<(Run<'_>, Vec<usize>)>) -> Vec<Finished> {
        let of_fork = |(run, all): (Run<'_>, Vec<usize>)| match all[..] {
            // Most forks have one scenario, which need not copy it.
            [only] => self.one(run, only).into_iter().collect::<Vec<_>>(),
            _ => all.par_iter().filter_map(|&i| self.one(run.clone(), i)).collect(),
        };
        forks.into_par_iter().flat_map_iter(of_fork).collect()
    }

    fn one(&self, mut run: Run<'_>, scenario: usize) -> Option<Finished> {
        run.period.vary(&self.variations[scenario]);
        let mut steps = 0;
        loop {
            if self.is_over(steps) {
                return None;
            }
            steps += 1;
            if !run.step() {
                break;
            }
        }
        let (summary, at) = run.tally.finish();
        self.finished.fetch_add(1, Ordering::Relaxed);
        Some((scenario, summary, at))
    }
}

/// Scenarios of the same demand factor, in the order of their first ones.
fn groups(variations: &[Variation]) -> Vec<Vec<usize>> {
    let mut at: HashMap<u64, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (i, variation) in variations.iter().enumerate() {
        let k = *at.entry(variation.demand_factor.to_bits()).or_insert(groups.len());
        if k == groups.len() {
            groups.push(Vec::new());
        }
        groups[k].push(i);
    }
    groups
}
