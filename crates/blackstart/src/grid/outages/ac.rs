//! AC outages on one factor of the Newton equations of the intact grid.
//!
//! An outage replaces a few rows of the Jacobian: the four of a branch's ends, the one of
//! a bus that no longer regulates, the one of a bus that becomes a reference. The factor
//! of the intact grid and a matrix of at most five rows (Woodbury's identity; Alsac, Stott
//! & Tinney, *IEEE Trans. PAS* 102, 1983) give the steps of Newton's method with that
//! Jacobian held fixed, until every mismatch of the true equations is within the
//! tolerance. Eight outages run side by side; what does not converge is left to a power
//! flow of its own.

mod plan;
mod tally;

use std::sync::Arc;

use super::ac_fix::{Fix, Low};
use super::bridges::NONE;
use super::layout::Layout;
use super::row::{Before, inverse_rating};
use super::units;
use super::{
    Detail, DetailRow, Element, Found, OutageOptions, OutageRow, OutageStatus, RATING_TOLERANCE,
};
use crate::grid::model::Model;
use crate::grid::power_flow::{
    Complex, Equations, PowerFlow, PowerFlowSolver, ReactiveLimits, State, TwoPort, moved,
};
use crate::grid::snapshot::Snapshot;
use crate::math::{
    BlockGraph, BlockLu, BlockRow, Kernel, LANES, LaneRow, Lanes, Paths, Wide, dispatch,
};
use crate::region::{BranchIdx, BusIdx, Grid};
use rayon::prelude::*;
use tally::Tally;

/// Outages that one task works through before it takes more.
const TASK: usize = 8 * LANES;
/// Lines or buses whose values are kept at hand together.
const BLOCK: usize = 64;
/// Steps after which an outage is left to a power flow of its own.
const MOST_STEPS: u32 = 25;
/// Mismatch, p.u., at which it is given up at once.
const LOST_PU: f64 = 1e3;

type V = Wide<LANES>;

/// A branch in service, in the order of the forest.
struct Line {
    /// Positions of its ends.
    from: u32,
    to: u32,
    port: TwoPort,
    /// Squares of p.u. per rating, 0 without.
    inverse: f64,
    inverse_short: f64,
}

/// A bus in the order of the forest.
struct Point {
    position: u32,
    supplied: bool,
    /// Squares of the voltages at which it counts as too low, too high.
    low: f64,
    high: f64,
}

/// What one outage does to the equations.
pub(super) struct Change {
    outage: u32,
    row: OutageRow,
    /// The branch that is lost, and its line.
    pub lost: u32,
    line: u32,
    /// Everything below this bus is dark afterwards.
    pub dark: u32,
    /// Changes of given injections: position, unknown, p.u.
    given: Vec<(u32, usize, f64)>,
    /// Position of a bus whose set-point changes, and the ratio.
    scaled: Option<(u32, f64)>,
    /// Position of the bus that no longer regulates.
    pub freed: u32,
    /// Position of the bus whose angle is held from now on.
    pub held: u32,
    /// References after the outage: bus, and MW of a lost unit there.
    closing: [(u32, f64); 2],
    /// Outages alike in this take about as many steps.
    hardness: f64,
}

enum Plan {
    Quick(Box<Change>),
    Nothing(OutageRow),
    Full,
}

/// The grid before any outage, ready for many.
pub(super) struct Base<'a> {
    grid: &'a Grid,
    at: &'a Snapshot,
    flow: &'a PowerFlow,
    before: &'a Before,
    pub model: Model,
    pub layout: Layout,
    pub graph: Arc<BlockGraph>,
    pub ports: Arc<[TwoPort]>,
    pub state: State<f64>,
    pub lu: BlockLu<f64, 1>,
    lines: Vec<Line>,
    points: Vec<Point>,
    tolerance: f64,
}

impl<'a> Base<'a> {
    fn new(
        grid: &'a Grid,
        at: &'a Snapshot,
        solver: &PowerFlowSolver,
        flow: &'a PowerFlow,
        before: &'a Before,
        options: &OutageOptions,
    ) -> Option<Self> {
        let (graph, ports, state) = solver.equations()?;
        let model = Model::new(grid);
        let layout = Layout::new(grid, at, flow, &model);
        let mut lu = BlockLu::new(graph, true);
        let mut equations = Equations { state, worst: 0.0 };
        lu.eliminate(graph, &mut equations);
        let off = equations.worst;
        if !flow.solved()
            || off.is_nan()
            || off > 2.0 * options.power_flow.tolerance_pu
            || lu.weakest() == 0.0
        {
            return None;
        }
        let position = graph.position();
        let square = |rate: f64| (inverse_rating(rate) * model.base_mva).powi(2);
        let lines = layout
            .branch_of
            .iter()
            .map(|&l| {
                let (f, t) = model.ends(l as usize);
                let branch = &grid.branches[l as usize];
                let dark = !before.supplied[f];
                Line {
                    from: position[f],
                    to: position[t],
                    port: if dark { TwoPort::default() } else { ports[l as usize] },
                    inverse: square(branch.rate_mva),
                    inverse_short: square(branch.rate_short_mva),
                }
            })
            .collect();
        let points = layout
            .forest
            .order
            .iter()
            .map(|&b| {
                let bus = &grid.buses[b as usize];
                Point {
                    position: position[b as usize],
                    supplied: before.supplied[b as usize],
                    low: (bus.vm_min_pu - RATING_TOLERANCE).max(0.0).powi(2),
                    high: (bus.vm_max_pu + RATING_TOLERANCE).max(0.0).powi(2),
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
            graph: Arc::clone(graph),
            ports: Arc::clone(ports),
            state: state.clone(),
            lu,
            lines,
            points,
            tolerance: options.power_flow.tolerance_pu,
        })
    }

    /// Position of a bus in the order of elimination.
    pub fn position(&self, bus: usize) -> u32 {
        self.graph.position()[bus]
    }

    fn change(&self, outage: u32) -> Change {
        Change {
            outage,
            row: OutageRow {
                islands_formed: 0,
                buses_dark: 0,
                load_lost_mw: 0.0,
                imbalance_mw: 0.0,
                imbalance_bus: None,
                ..self.before.row
            },
            lost: NONE,
            line: NONE,
            dark: NONE,
            given: Vec::new(),
            scaled: None,
            freed: NONE,
            held: NONE,
            closing: [(NONE, 0.0); 2],
            hardness: 0.0,
        }
    }
}

/// Space for a batch.
struct Work {
    v: Vec<[V; 2]>,
    x: Vec<BlockRow>,
    low: Low,
}

impl Base<'_> {
    /// Mismatches of all equations of the intact grid at the voltages of every lane.
    #[inline(always)]
    fn mismatch<const FMA: bool>(&self, v: &[[V; 2]], x: &mut [BlockRow]) {
        let s = &self.state;
        for (i, x) in x.iter_mut().enumerate() {
            let (first, row) = self.graph.row(i);
            let own = v[i];
            let mut current = times::<FMA>([V::splat(0.0); 2], s.diagonal[i], &own);
            for (&(j, _), y) in row.iter().zip(&s.y[first..]) {
                current = times::<FMA>(current, *y, &v[j as usize]);
            }
            let p = own[0].mul(current[0]).plus::<FMA>(own[1], current[1]);
            let q = own[1].mul(current[0]).less::<FMA>(own[0], current[1]);
            let (given, on) = (s.given[i], s.active[i]);
            *x = [
                V::splat(given[0]).sub(p).mul(V::splat(on[0])),
                V::splat(given[1]).sub(q).mul(V::splat(on[1])),
            ];
        }
    }

    /// Power into the network at a position in one lane, without the lost branch.
    fn injection(&self, v: &[[V; 2]], lane: usize, position: u32, change: &Change) -> Complex {
        let i = position as usize;
        let at = |j: usize| [v[j][0].get(lane), v[j][1].get(lane)];
        let (first, row) = self.graph.row(i);
        let mut terms = vec![(self.state.diagonal[i], i)];
        terms.extend(row.iter().zip(&self.state.y[first..]).map(|(e, y)| (*y, e.0 as usize)));
        let mut current = [0.0; 2];
        for (y, j) in terms {
            let u = at(j);
            current[0] += y[0] * u[0] - y[1] * u[1];
            current[1] += y[0] * u[1] + y[1] * u[0];
        }
        let own = at(i);
        let mut s =
            [own[0] * current[0] + own[1] * current[1], own[1] * current[0] - own[0] * current[1]];
        if change.lost != NONE {
            let line = &self.lines[change.line as usize];
            let (from, to) = line.port.flows(at(line.from as usize), at(line.to as usize));
            for (end, part) in [(line.from, from), (line.to, to)] {
                if end == position {
                    s[0] -= part[0];
                    s[1] -= part[1];
                }
            }
        }
        s
    }

    /// Brings the outage of one lane into its mismatches.
    fn correct(&self, v: &[[V; 2]], x: &mut [BlockRow], lane: usize, change: &Change) {
        let mut add = |position: u32, unknown: usize, value: f64| {
            let to = &mut x[position as usize][unknown];
            let on = self.state.active[position as usize][unknown];
            to.set(lane, to.get(lane) + value * on);
        };
        for &(position, unknown, value) in &change.given {
            add(position, unknown, value);
        }
        if change.lost != NONE {
            let line = &self.lines[change.line as usize];
            let at = |j: u32| [v[j as usize][0].get(lane), v[j as usize][1].get(lane)];
            let (from, to) = line.port.flows(at(line.from), at(line.to));
            for c in 0..2 {
                add(line.from, c, from[c]);
                add(line.to, c, to[c]);
            }
        }
        if change.freed != NONE {
            let q = self.injection(v, lane, change.freed, change)[1];
            let given = self.state.given[change.freed as usize][1];
            x[change.freed as usize][1].set(lane, given - q);
        }
        if change.held != NONE {
            x[change.held as usize][0].set(lane, 0.0);
        }
        if change.dark != NONE {
            for point in &self.points[self.layout.forest.below(change.dark)] {
                for c in 0..2 {
                    x[point.position as usize][c].set(lane, 0.0);
                }
            }
        }
    }

    /// Solves up to [`LANES`] outages. True for those that converged.
    #[inline(always)]
    fn solve<const FMA: bool>(&self, changes: &[&Change], work: &mut Work) -> [bool; LANES] {
        let Work { v, x, low } = work;
        for (v, base) in v.iter_mut().zip(&self.state.v) {
            *v = [V::splat(base[0]), V::splat(base[1])];
        }
        let mut open = [false; LANES];
        let mut done = [false; LANES];
        let mut fixes: Vec<Option<Fix>> = Vec::with_capacity(LANES);
        for (lane, change) in changes.iter().enumerate() {
            if let Some((position, ratio)) = change.scaled {
                let v = &mut v[position as usize];
                for part in v {
                    part.set(lane, part.get(lane) * ratio);
                }
            }
            fixes.push(low.fix(self, change));
            open[lane] = fixes[lane].is_some();
        }
        for step in 0..=MOST_STEPS {
            self.mismatch::<FMA>(v, x);
            for (lane, change) in changes.iter().enumerate().filter(|(k, _)| open[*k]) {
                self.correct(v, x, lane, change);
            }
            let mut worst = V::splat(0.0);
            for row in x.iter() {
                for part in row {
                    worst = worst.zip(*part, |w, off| if off.abs() <= w { w } else { off.abs() });
                }
            }
            for lane in 0..changes.len() {
                if open[lane] {
                    let off = worst.get(lane);
                    done[lane] = off <= self.tolerance;
                    open[lane] = !done[lane] && off < LOST_PU;
                }
            }
            if step == MOST_STEPS || !open.contains(&true) {
                break;
            }
            self.lu.forward_lanes::<FMA>(&self.graph, x);
            for (lane, fix) in fixes.iter().enumerate() {
                if let Some(fix) = fix.as_ref().filter(|_| open[lane]) {
                    low.apply(self, fix, lane, x);
                }
            }
            self.lu.backward_lanes::<FMA>(&self.graph, x);
            let mut share = V::splat(0.0);
            for lane in 0..LANES {
                share.set(lane, f64::from(u8::from(open[lane])));
            }
            for (v, x) in v.iter_mut().zip(x.iter()) {
                *v = moved::<V, FMA>(*v, x[0].mul(share), x[1].mul(share));
            }
        }
        done
    }

    /// Rows and detail of solved lanes.
    #[inline(always)]
    fn tell<const FMA: bool>(
        &self,
        changes: &[&Change],
        solved: [bool; LANES],
        v: &[[V; 2]],
        wanted: Detail,
        found: &mut Found,
    ) {
        let mut silent = [(0usize, 0usize); 2 * LANES];
        for (lane, change) in changes.iter().enumerate() {
            if change.lost != NONE {
                silent[2 * lane] = (change.line as usize, change.line as usize + 1);
            }
            if change.dark != NONE {
                silent[2 * lane + 1] = self.layout.lines_below(change.dark);
            }
        }
        let mut tally = Tally::new();
        for start in (0..self.lines.len()).step_by(BLOCK) {
            let end = (start + BLOCK).min(self.lines.len());
            let mut squares = [[0.0; LANES]; BLOCK];
            let lines = &self.lines[start..end];
            for (line, square) in lines.iter().zip(&mut squares) {
                let (f, t) = (&v[line.from as usize], &v[line.to as usize]);
                let zero = [V::splat(0.0); 2];
                let p = &line.port;
                let from = times::<FMA>(times::<FMA>(zero, p.ff, f), p.ft, t);
                let to = times::<FMA>(times::<FMA>(zero, p.tf, f), p.tt, t);
                let larger = size::<FMA>(f).mul(size::<FMA>(&from));
                let other = size::<FMA>(t).mul(size::<FMA>(&to));
                *square = larger.zip(other, |a, b| if a > b { a } else { b }).0;
            }
            for (i, &(from, to)) in silent.iter().enumerate() {
                for at in from.max(start)..to.min(end) {
                    squares[at - start][i / 2] = 0.0;
                }
            }
            tally.lines(lines, &squares, start);
            if wanted != Detail::Nothing {
                self.list(changes, solved, &silent, start, &squares, v, wanted, &mut found.1);
            }
        }
        for start in (0..self.points.len()).step_by(BLOCK) {
            let end = (start + BLOCK).min(self.points.len());
            let mut squares = [[f64::NAN; LANES]; BLOCK];
            let points = &self.points[start..end];
            for (point, square) in points.iter().zip(&mut squares).filter(|p| p.0.supplied) {
                *square = size::<FMA>(&v[point.position as usize]).0;
            }
            for (lane, change) in changes.iter().enumerate().filter(|c| c.1.dark != NONE) {
                let below = self.layout.forest.below(change.dark);
                for at in below.start.max(start)..below.end.min(end) {
                    squares[at - start][lane] = f64::NAN;
                }
            }
            tally.points(points, &squares, start);
        }
        for (lane, change) in changes.iter().enumerate().filter(|(k, _)| solved[*k]) {
            let mut row = OutageRow { status: OutageStatus::Solved, ..change.row };
            tally.read(lane, self, &mut row);
            for &(bus, lost_mw) in change.closing.iter().filter(|c| c.0 != NONE) {
                let position = self.position(bus as usize);
                let now = self.injection(v, lane, position, change)[0];
                let then = self.state.injection::<false>(&self.graph, position as usize)[0];
                let mw = (now - then) * self.model.base_mva + lost_mw;
                if mw.abs() > row.imbalance_mw.abs() {
                    (row.imbalance_mw, row.imbalance_bus) = (mw, Some(BusIdx(bus)));
                }
            }
            found.0.push((change.outage, row));
        }
    }

    /// Detail rows of a block of lines.
    fn list(
        &self,
        changes: &[&Change],
        solved: [bool; LANES],
        silent: &[(usize, usize); 2 * LANES],
        start: usize,
        squares: &[LaneRow; BLOCK],
        v: &[[V; 2]],
        wanted: Detail,
        detail: &mut Vec<DetailRow>,
    ) {
        let end = (start + BLOCK).min(self.lines.len());
        for at in start..end {
            let line = &self.lines[at];
            for (lane, change) in changes.iter().enumerate().filter(|(k, _)| solved[*k]) {
                let after_percent = 100.0 * (squares[at - start][lane] * line.inverse).sqrt();
                let listed = match wanted {
                    Detail::Nothing => false,
                    Detail::AtLeast(percent) => line.inverse > 0.0 && after_percent >= percent,
                    Detail::All => true,
                };
                if !listed || at as u32 == change.line {
                    continue;
                }
                let (from, to) = silent[2 * lane + 1];
                let read = |j: u32| [v[j as usize][0].get(lane), v[j as usize][1].get(lane)];
                let p = line.port.flows(read(line.from), read(line.to)).0[0];
                let branch = self.layout.branch_of[at];
                detail.push(DetailRow {
                    outage: change.outage,
                    branch: BranchIdx(branch),
                    p_before_mw: self.before.p_mw[branch as usize],
                    p_after_mw: if (from..to).contains(&at) {
                        0.0
                    } else {
                        p * self.model.base_mva
                    },
                    before_percent: 100.0 * self.before.loading[branch as usize],
                    after_percent,
                });
            }
        }
    }
}

/// `sum + y · v`.
#[inline(always)]
fn times<const FMA: bool>(sum: [V; 2], y: Complex, v: &[V; 2]) -> [V; 2] {
    let (g, b) = (V::splat(y[0]), V::splat(y[1]));
    [
        sum[0].plus::<FMA>(g, v[0]).less::<FMA>(b, v[1]),
        sum[1].plus::<FMA>(g, v[1]).plus::<FMA>(b, v[0]),
    ]
}

/// Square of the modulus.
#[inline(always)]
fn size<const FMA: bool>(v: &[V; 2]) -> V {
    v[0].mul(v[0]).plus::<FMA>(v[1], v[1])
}

/// Changes that one thread works through.
struct Task<'a> {
    base: &'a Base<'a>,
    part: &'a [Box<Change>],
    work: &'a mut Work,
    wanted: Detail,
}

impl Kernel for Task<'_> {
    type Output = Found;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Found {
        let Self { base, part, work, wanted } = self;
        let mut found = (Vec::with_capacity(part.len()), Vec::new());
        for batch in part.chunks(LANES) {
            let changes: Vec<&Change> = batch.iter().map(|c| &**c).collect();
            let solved = base.solve::<FMA>(&changes, work);
            base.tell::<FMA>(&changes, solved, &work.v, wanted, &mut found);
        }
        found
    }
}

/// One row for each outage that has a quick answer, and the detail of those.
pub(super) fn run(
    grid: &Grid,
    at: &Snapshot,
    solver: &PowerFlowSolver,
    flow: &PowerFlow,
    before: &Before,
    elements: &[Element],
    options: &OutageOptions,
) -> (Vec<Option<OutageRow>>, Vec<DetailRow>) {
    let mut rows = vec![None; elements.len()];
    let mut detail = Vec::new();
    let simple = options.power_flow.reactive_limits == ReactiveLimits::Ignore
        && !options.power_flow.distributed_slack;
    if !simple {
        return (rows, detail);
    }
    let Some(base) = Base::new(grid, at, solver, flow, before, options) else {
        return (rows, detail);
    };
    let mut changes = Vec::with_capacity(elements.len());
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
    changes.sort_by(|a, b| a.hardness.total_cmp(&b.hardness));
    let parts: Vec<Found> = changes
        .par_chunks(TASK)
        .map_init(
            || Work {
                v: vec![[V::splat(0.0); 2]; base.model.buses],
                x: vec![[V::splat(0.0); 2]; base.model.buses],
                low: Low::new(Paths::new(&base.graph), base.model.buses),
            },
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
