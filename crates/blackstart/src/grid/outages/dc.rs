//! DC outages on one factor of the intact grid.
//!
//! The loss of a branch with flow `f` and susceptance `b` between buses i and j moves the
//! angles by `φ f / (1 − b (φ_i − φ_j))`, where φ solves the intact equations for +1 at i
//! and −1 at j (the matrix of the grid without it differs by rank one: Alsac, Stott &
//! Tinney, *IEEE Trans. PAS* 102, 1983). A branch whose loss splits its island needs
//! no other factor either: in the intact grid a transfer between two buses of one side
//! does not cross the bridge, so the flow `f` that stops is put in at its near end, and
//! taken over from the far end by the far side's own reference: right-hand side
//! `f (e_near − e_far + e_reference)`. The loss of a unit is a transfer from the
//! reference. So each outage is one solve with a right-hand side of at most three
//! entries.

use super::bridges::NONE;
use super::layout::Layout;
use super::row::{Before, inverse_rating};
use super::units;
use super::{Detail, DetailRow, Element, Found, OutageOptions, OutageRow, RATING_TOLERANCE};
use crate::grid::model::Model;
use crate::grid::power_flow::PowerFlow;
use crate::grid::snapshot::Snapshot;
use crate::math::{Kernel, LANES, LaneRow, LaneWork, Ldl, dispatch};
use crate::region::{BranchIdx, BusIdx, Grid};
use rayon::prelude::*;

/// Outages that one task works through before it takes more.
const TASK: usize = 32 * LANES;
/// Lines whose flows are kept at hand together.
const BLOCK: usize = 64;
/// `1 − b (φ_i − φ_j)` nearer to zero than this has lost its digits.
const LEAST_PIVOT: f64 = 1e-7;

/// A branch in service, in the order of the forest.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Positions of its ends in the factor.
    from: u32,
    to: u32,
    /// Susceptance, p.u.
    b: f64,
    /// Flow before, p.u.
    flow: f64,
    /// p.u. per rating, 0 without.
    inverse: f64,
    inverse_short: f64,
}

/// What one outage does to the equations.
#[derive(Clone, Copy, Debug)]
struct Change {
    outage: u32,
    /// Right-hand side: position, p.u.
    rhs: [(u32, f64); 3],
    terms: usize,
    /// Line that carries nothing afterwards.
    out: u32,
    /// The right-hand side is that of the rank-one change by `out`.
    rank_one: bool,
    /// Everything below this bus is dark afterwards.
    dark: u32,
    row: OutageRow,
}

enum Plan {
    Quick(Change),
    Nothing(OutageRow),
    Full,
}

/// The grid before any outage, ready for many.
struct Base<'a> {
    grid: &'a Grid,
    at: &'a Snapshot,
    flow: &'a PowerFlow,
    before: &'a Before,
    model: Model,
    layout: Layout,
    ldl: Ldl,
    position: Vec<u32>,
    /// By position: a reference, or of no solved island.
    fixed: Vec<bool>,
    lines: Vec<Line>,
}

impl<'a> Base<'a> {
    /// `None` when the equations are singular.
    fn new(
        grid: &'a Grid,
        at: &'a Snapshot,
        flow: &'a PowerFlow,
        before: &'a Before,
    ) -> Option<Self> {
        let model = Model::new(grid);
        let n = model.buses;
        let layout = Layout::new(grid, at, flow, &model);
        let edges = &model.edges[..model.branches];
        let quick = |b: u32| {
            let island = flow.island[b as usize];
            island != NONE && layout.kinds[island as usize] == units::Before::Quick
        };
        let mut diag: Vec<f64> = (0..n as u32).map(|b| if quick(b) { 0.0 } else { 1.0 }).collect();
        let mut off = vec![0.0; model.edges.len()];
        let mut fixed = vec![false; n];
        for (i, kind) in flow.islands.iter().zip(&layout.kinds) {
            let r = i.reference.i();
            fixed[r] = true;
            if *kind == units::Before::Quick {
                diag[r] = 1.0;
            }
        }
        for &l in &layout.branch_of {
            let l = l as usize;
            let (f, t) = model.ends(l);
            // Elsewhere flows stay as they are: no right-hand side reaches there.
            if !quick(edges[l].0) || f == t {
                continue;
            }
            let b = model.b[l];
            for (i, j) in [(f, t), (t, f)] {
                if !fixed[i] {
                    diag[i] += b;
                    off[l] = if fixed[j] { 0.0 } else { -b };
                }
            }
        }
        let mut ldl = Ldl::new(n, &model.edges);
        ldl.factor(&diag, &off).ok()?;
        let position = ldl.positions();
        let base_mva = model.base_mva;
        let lines = layout
            .branch_of
            .iter()
            .map(|&l| {
                let (f, t) = model.ends(l as usize);
                let branch = &grid.branches[l as usize];
                Line {
                    from: position[f],
                    to: position[t],
                    b: model.b[l as usize],
                    flow: flow.branch_p_from_mw[l as usize] / base_mva,
                    inverse: inverse_rating(branch.rate_mva) * base_mva,
                    inverse_short: inverse_rating(branch.rate_short_mva) * base_mva,
                }
            })
            .collect();
        Some(Self {
            grid,
            at,
            flow,
            before,
            model,
            layout,
            ldl,
            fixed: {
                let mut by_position = vec![false; n];
                for (p, f) in position.iter().zip(&fixed) {
                    by_position[*p as usize] = *f;
                }
                by_position
            },
            position,
            lines,
        })
    }

    fn plan(&self, outage: u32, element: Element) -> Plan {
        match element {
            Element::Branch(l) => self.plan_branch(outage, l.i()),
            Element::Generator(g) => self.plan_generator(outage, g.i()),
            Element::DcLine(_) => Plan::Full,
        }
    }

    /// Adds to the right-hand side; the angle of a reference is fixed and takes none.
    fn inject(&self, change: &mut Change, position: u32, p: f64) {
        if !self.fixed[position as usize] {
            change.rhs[change.terms] = (position, p);
            change.terms += 1;
        }
    }

    fn change(&self, outage: u32) -> Change {
        Change {
            outage,
            rhs: [(0, 0.0); 3],
            terms: 0,
            out: NONE,
            rank_one: false,
            dark: NONE,
            row: OutageRow {
                islands_formed: 0,
                buses_dark: 0,
                load_lost_mw: 0.0,
                imbalance_mw: 0.0,
                imbalance_bus: None,
                ..self.before.row
            },
        }
    }

    fn plan_branch(&self, outage: u32, l: usize) -> Plan {
        let mut change = self.change(outage);
        let (f, t) = self.model.ends(l);
        let island = self.flow.island[f];
        let cut = self.layout.forest.cut[l];
        change.row.islands_formed = u32::from(cut != NONE);
        if !self.at.branch_in_service[l] || island == NONE || self.flow.island[t] == NONE {
            return Plan::Nothing(change.row);
        }
        match self.layout.kinds[island as usize] {
            units::Before::Dark => return Plan::Nothing(change.row),
            units::Before::Slow => return Plan::Full,
            units::Before::Quick => {}
        }
        let line = self.lines[self.layout.line_of[l] as usize];
        change.out = self.layout.line_of[l];
        if cut == NONE {
            change.rank_one = true;
            self.inject(&mut change, line.from, 1.0);
            self.inject(&mut change, line.to, -1.0);
            return Plan::Quick(change);
        }
        let (near, far, p) = if t as u32 == cut {
            (line.from, line.to, line.flow)
        } else {
            (line.to, line.from, -line.flow)
        };
        let beyond = self.layout.units.below(cut);
        let mw = p * self.model.base_mva;
        let reference = self.flow.islands[island as usize].reference;
        self.inject(&mut change, near, p);
        if let Some(closes) = beyond.closes() {
            self.inject(&mut change, far, -p);
            self.inject(&mut change, self.position[closes as usize], p);
            change.row.takes_up(mw.abs(), if p > 0.0 { BusIdx(closes) } else { reference });
        } else if beyond.dc_ends > 0 {
            return Plan::Full;
        } else {
            self.darken(&mut change, cut);
            change.row.takes_up(-mw, reference);
        }
        Plan::Quick(change)
    }

    fn plan_generator(&self, outage: u32, g: usize) -> Plan {
        let mut change = self.change(outage);
        let bus = self.grid.generators[g].bus.i();
        let island = self.flow.island[bus];
        if !self.at.generator_in_service[g] || island == NONE {
            return Plan::Nothing(change.row);
        }
        match self.layout.kinds[island as usize] {
            units::Before::Dark => return Plan::Nothing(change.row),
            units::Before::Slow => return Plan::Full,
            units::Before::Quick => {}
        }
        let reference = self.flow.islands[island as usize].reference;
        let output_mw = self.flow.generator_p_mw[g];
        let mut closes = reference;
        if bus != reference.i() {
            self.inject(&mut change, self.position[bus], -output_mw / self.model.base_mva);
        } else {
            let left =
                self.layout.units.without(self.grid, self.at, &self.layout.forest, reference.0, g);
            match left.closes() {
                Some(new) if new != reference.0 => {
                    // Units that stay at the old reference go back to their schedule.
                    let mut moved_mw = output_mw;
                    for (other, unit) in self.grid.generators.iter().enumerate() {
                        if other != g
                            && unit.bus == reference
                            && self.at.generator_in_service[other]
                        {
                            moved_mw +=
                                self.flow.generator_p_mw[other] - self.at.generator_p_mw[other];
                        }
                    }
                    self.inject(
                        &mut change,
                        self.position[new as usize],
                        moved_mw / self.model.base_mva,
                    );
                    closes = BusIdx(new);
                }
                Some(_) => {}
                None if left.dc_ends > 0 => return Plan::Full,
                None => {
                    self.darken(&mut change, reference.0);
                    return Plan::Quick(change);
                }
            }
        }
        change.row.takes_up(output_mw, closes);
        Plan::Quick(change)
    }

    /// Everything below `bus` loses its supply.
    fn darken(&self, change: &mut Change, bus: u32) {
        change.dark = bus;
        self.before.darken(&mut change.row, &self.layout.forest, bus);
    }

    /// Solves up to [`LANES`] changes at once and tells their rows.
    #[inline(always)]
    fn batch(
        &self,
        changes: &[Change],
        work: &mut LaneWork,
        wanted: Detail,
        done: &mut Vec<(u32, OutageRow)>,
        detail: &mut Vec<DetailRow>,
    ) {
        for (lane, change) in changes.iter().enumerate() {
            for &(position, value) in &change.rhs[..change.terms] {
                self.ldl.add_to_lane(work, lane, position, value);
            }
        }
        self.ldl.solve_lanes(work);
        let mut scale = [0.0; LANES];
        // Runs of lines that carry nothing afterwards.
        let mut silent = [(0usize, 0usize); 2 * LANES];
        for (lane, change) in changes.iter().enumerate() {
            scale[lane] = 1.0;
            if change.out != NONE {
                let line = &self.lines[change.out as usize];
                silent[2 * lane] = (change.out as usize, change.out as usize + 1);
                if change.rank_one {
                    let x = work.x();
                    let across = x[line.from as usize][lane] - x[line.to as usize][lane];
                    let pivot = 1.0 - line.b * across;
                    let usable = pivot.abs() > LEAST_PIVOT;
                    scale[lane] = if usable { line.flow / pivot } else { f64::NAN };
                }
            }
            if change.dark != NONE {
                silent[2 * lane + 1] = self.layout.lines_below(change.dark);
            }
        }
        let mut tally = Tally::default();
        for start in (0..self.lines.len()).step_by(BLOCK) {
            let end = (start + BLOCK).min(self.lines.len());
            let lines = &self.lines[start..end];
            let mut flows = [[0.0; LANES]; BLOCK];
            let flows = &mut flows[..lines.len()];
            after(lines, work.x(), &scale, flows);
            for (i, &(from, to)) in silent.iter().enumerate() {
                for at in from.max(start)..to.min(end) {
                    flows[at - start][i / 2] = 0.0;
                }
            }
            tally.count(lines, flows, start);
            if wanted != Detail::Nothing {
                self.list(changes, &scale, &silent, start, flows, wanted, detail);
            }
        }
        for (lane, change) in changes.iter().enumerate() {
            if scale[lane].is_nan() {
                continue;
            }
            let mut row = change.row;
            row.worst_loading_percent = 100.0 * tally.worst[lane];
            row.worst_branch = (tally.worst[lane] > 0.0)
                .then(|| BranchIdx(self.layout.branch_of[tally.at[lane] as usize]));
            row.overloads = tally.over[lane] as u32;
            row.overloads_short = tally.over_short[lane] as u32;
            done.push((change.outage, row));
        }
    }

    /// Detail rows of a block of lines.
    fn list(
        &self,
        changes: &[Change],
        scale: &LaneRow,
        silent: &[(usize, usize); 2 * LANES],
        start: usize,
        flows: &[LaneRow],
        wanted: Detail,
        detail: &mut Vec<DetailRow>,
    ) {
        for (i, after) in flows.iter().enumerate() {
            let at = start + i;
            let line = &self.lines[at];
            for (lane, change) in changes.iter().enumerate() {
                let after_percent = 100.0 * after[lane].abs() * line.inverse;
                let listed = match wanted {
                    Detail::Nothing => false,
                    Detail::AtLeast(percent) => line.inverse > 0.0 && after_percent >= percent,
                    Detail::All => true,
                };
                if !listed || at as u32 == change.out || scale[lane].is_nan() {
                    continue;
                }
                let dark = (silent[2 * lane + 1].0..silent[2 * lane + 1].1).contains(&at);
                let base_mva = self.model.base_mva;
                let branch = self.layout.branch_of[at];
                detail.push(DetailRow {
                    outage: change.outage,
                    branch: BranchIdx(branch),
                    p_before_mw: self.before.p_mw[branch as usize],
                    p_after_mw: if dark { 0.0 } else { after[lane] * base_mva },
                    before_percent: 100.0 * self.before.loading[branch as usize],
                    after_percent,
                });
            }
        }
    }
}

/// Flows of a run of lines after the changes, p.u.
#[inline(always)]
fn after(lines: &[Line], x: &[LaneRow], scale: &LaneRow, flows: &mut [LaneRow]) {
    for (line, flow) in lines.iter().zip(flows) {
        let (from, to) = (&x[line.from as usize], &x[line.to as usize]);
        for k in 0..LANES {
            flow[k] = line.flow + line.b * scale[k] * (from[k] - to[k]);
        }
    }
}

/// Loadings of all lines, by lane.
#[derive(Default)]
struct Tally {
    worst: LaneRow,
    at: LaneRow,
    over: LaneRow,
    over_short: LaneRow,
}

impl Tally {
    #[inline(always)]
    fn count(&mut self, lines: &[Line], flows: &[LaneRow], start: usize) {
        const LIMIT: f64 = 1.0 + RATING_TOLERANCE;
        for (i, (line, flow)) in lines.iter().zip(flows).enumerate() {
            let index = (start + i) as f64;
            for k in 0..LANES {
                let p = flow[k].abs();
                let loading = p * line.inverse;
                let more = loading > self.worst[k];
                self.worst[k] = if more { loading } else { self.worst[k] };
                self.at[k] = if more { index } else { self.at[k] };
                self.over[k] += if loading > LIMIT { 1.0 } else { 0.0 };
                self.over_short[k] += if p * line.inverse_short > LIMIT { 1.0 } else { 0.0 };
            }
        }
    }
}

impl OutageRow {
    fn takes_up(&mut self, mw: f64, reference: BusIdx) {
        if mw.abs() > 1e-9 {
            (self.imbalance_mw, self.imbalance_bus) = (mw, Some(reference));
        }
    }
}

/// Changes that one thread works through.
struct Task<'a> {
    base: &'a Base<'a>,
    part: &'a [Change],
    work: &'a mut LaneWork,
    wanted: Detail,
}

impl Kernel for Task<'_> {
    type Output = Found;

    // Without fused operations, so that every machine gives the same bytes.
    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let (mut done, mut detail) = (Vec::with_capacity(self.part.len()), Vec::new());
        for batch in self.part.chunks(LANES) {
            self.base.batch(batch, self.work, self.wanted, &mut done, &mut detail);
        }
        (done, detail)
    }
}

/// One row for each outage that has a quick answer, and the detail of those.
pub(super) fn run(
    grid: &Grid,
    at: &Snapshot,
    flow: &PowerFlow,
    before: &Before,
    elements: &[Element],
    options: &OutageOptions,
) -> (Vec<Option<OutageRow>>, Vec<DetailRow>) {
    let mut rows = vec![None; elements.len()];
    if options.power_flow.distributed_slack {
        return (rows, Vec::new());
    }
    let Some(base) = Base::new(grid, at, flow, before) else {
        return (rows, Vec::new());
    };
    let mut changes = Vec::with_capacity(elements.len());
    let mut detail = Vec::new();
    for (i, &element) in elements.iter().enumerate() {
        match base.plan(i as u32, element) {
            Plan::Quick(change) => changes.push(change),
            Plan::Nothing(row) => {
                rows[i] = Some(row);
                before.unchanged(grid, at, flow, (i as u32, element), options.detail, &mut detail);
            }
            Plan::Full => {}
        }
    }
    // Neighbours in the order of elimination share most of their way to its root.
    changes.sort_by_key(|c| c.rhs[..c.terms].iter().map(|r| r.0).min());
    let parts: Vec<Found> = changes
        .par_chunks(TASK)
        .map_init(
            || LaneWork::new(base.model.buses),
            |work, part| dispatch(Task { base: &base, part, work, wanted: options.detail }),
        )
        .collect();
    for (done, listed) in parts {
        for (i, row) in done {
            rows[i as usize] = Some(row);
        }
        detail.extend(listed);
    }
    (rows, detail)
}
