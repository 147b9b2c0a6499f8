//! A part through one step: from event to event, as in EPANET's extended-period
//! simulation: a tank fills or empties, a control acts, a pattern changes.

use super::demand::{Wagner, multiplier, to_next_period};
use super::hour::WaterInput;
use super::network::{Law, M3H, valve_law};
use super::part::{Part, Trouble};
use super::setting::Setting;
use crate::pipes::{Direction, Outcome};
use crate::region::{Control, ControlAction, ControlWhen, ValveStatus, Water, WaterEdge};

/// Solutions in one step after which controls are ignored until its end.
const MOST_EVENTS: usize = 48;
/// A head beyond this is of no network on earth, m: a demand is given that a limit of flow or
/// a closed end does not let through.
const MOST_HEAD_M: f64 = 1e5;
/// A level so near its limit is there, m (EPANET's 0.0005 ft): a step of whole seconds that
/// ends a moment early must not let an empty tank feed the network through all of the next.
const AT_LIMIT_M: f64 = 1.5e-4;
/// Events closer than this are one, s.
const MOMENT_S: f64 = 1.0;

impl Part {
    /// Simulates the step from `time_h` on; results go to `self.out`. `level_m` is by tank
    /// of the network, `settings` by link of the network.
    pub fn advance(
        &mut self,
        water: &Water,
        input: &WaterInput<'_>,
        time_h: f64,
        level_m: &[f64],
        inflow_m3h: &[f64],
        settings: &[Setting],
    ) {
        self.begin(input, level_m, inflow_m3h, settings);
        let (start_s, step_s) = (time_h * 3600.0, input.step_h.max(0.0) * 3600.0);
        let mut at_s = 0.0;
        let mut events = 0;
        loop {
            let now_h = (start_s + at_s) / 3600.0;
            events += 1;
            let with_controls = events <= MOST_EVENTS;
            if !with_controls {
                self.out.trouble = self.out.trouble.or(Some(Trouble::Chatter));
            }
            self.patterns(water, now_h);
            if with_controls {
                self.controls(water, now_h);
            }
            self.stale = true;
            if !self.solve(water, input, with_controls) {
                // Last step's results stand; tanks keep what they have.
                self.out.level_m.copy_from_slice(&self.work.level_m);
                for (out, i) in self.out.supplied.iter_mut().zip(0..) {
                    let demand = self.net.demand[i];
                    *out = if demand >= 0.0 { out.clamp(0.0, demand) } else { demand.max(*out) };
                }
                return;
            }
            let left = step_s - at_s;
            let mut dt = left;
            if with_controls {
                dt = dt.min(self.next_event(water, now_h)).min(left).max(0.0);
                if left - dt < 1e-3 {
                    dt = left;
                }
            }
            dt = self.fill(water, input, dt, left, events > 4 * MOST_EVENTS);
            self.accumulate(if step_s > 0.0 { dt / step_s } else { 1.0 });
            at_s += dt;
            if at_s >= step_s - 1e-6 {
                break;
            }
        }
        self.finish(water, input);
    }

    fn begin(
        &mut self,
        input: &WaterInput<'_>,
        level_m: &[f64],
        inflow_m3h: &[f64],
        settings: &[Setting],
    ) {
        self.ask(input.demand_m3h);
        self.net.restart_pumps();
        for (k, t) in self.tanks.iter().enumerate() {
            self.work.level_m[k] = level_m[t.tank];
            self.work.inflow[k] = inflow_m3h[t.tank] * M3H;
        }
        for (set, link) in self.set.iter_mut().zip(&self.links) {
            *set = settings[link.setting];
        }
        self.work.supplied.fill(0.0);
        self.work.link_flow.fill(0.0);
        self.out.imbalance = 0.0;
        self.out.trouble = None;
    }

    /// Takes the demands of the network's junctions.
    pub fn ask(&mut self, demand_m3h: &[f64]) {
        self.net.inflows = false;
        let mut changed = false;
        let followed = self.solver.followed();
        for i in 0..self.junctions {
            let d = demand_m3h.get(self.nodes[i] as usize).copied().unwrap_or(0.0) * M3H;
            let d = if d.is_finite() { d } else { 0.0 };
            self.net.inflows |= d < 0.0;
            let before = std::mem::replace(&mut self.net.demand[i], d);
            if before == d {
                continue;
            }
            changed = true;
            if followed && before > 0.0 && d > 0.0 {
                // A demand that was met most likely still is: start behind the wall, where the
                // solver need not find that out.
                let q = &mut self.flow.q[self.net.demands + i];
                *q *= d / before;
                if *q >= d * (1.0 - 1e-9) {
                    *q = Wagner::bounds(d).behind_high();
                }
            }
            if (before == 0.0) != (d == 0.0) || (before < 0.0) != (d < 0.0) {
                self.net.version += 1;
            }
            if d != 0.0 && !self.net.asks[i] {
                self.net.asks[i] = true;
                self.net.shape += 1;
            }
        }
        self.net.asked += u64::from(changed);
    }

    /// Heads of reservoirs and speeds of pumps that follow patterns.
    pub fn patterns(&mut self, water: &Water, now_h: f64) {
        for &(node, r) in &self.reservoirs {
            let reservoir = &water.reservoirs[r];
            self.net.fixed_m[node] = reservoir.head_m * multiplier(water, reservoir.pattern, now_h);
        }
        if self.patterned {
            for (set, link) in self.set.iter_mut().zip(&self.links) {
                if let WaterEdge::Pump(i) = link.edge {
                    let pump = &water.pumps[i as usize];
                    if pump.pattern.is_some() {
                        // As in EPANET the pattern is the speed, not a multiplier of it.
                        let speed = multiplier(water, pump.pattern, now_h);
                        *set = set.after(link.edge, ControlAction::Set(speed));
                    }
                }
            }
        }
    }

    /// Applies simple controls on time and on tank levels.
    fn controls(&mut self, water: &Water, now_h: f64) {
        for &(c, node) in &self.controls {
            let control = &water.controls[c];
            let acts = match control.when {
                ControlWhen::Above { limit_m, .. } => {
                    self.reached(water, node, limit_m).is_some_and(|(v, v0, tol)| v >= v0 - tol)
                }
                ControlWhen::Below { limit_m, .. } => {
                    self.reached(water, node, limit_m).is_some_and(|(v, v0, tol)| v <= v0 + tol)
                }
                ControlWhen::AtTime { time_h } => (time_h - now_h).abs() * 3600.0 < 0.5 * MOMENT_S,
                ControlWhen::AtClock { clock_h } => {
                    let to = hours_to_clock(water, clock_h, now_h);
                    to.min(24.0 - to) * 3600.0 < 0.5 * MOMENT_S
                }
            };
            if acts {
                apply(&mut self.set, &self.links, control, water);
            }
        }
    }

    /// Volume in the watched tank, volume at the limit, and what flows in a moment.
    fn reached(&self, water: &Water, node: Option<usize>, limit_m: f64) -> Option<(f64, f64, f64)> {
        let k = self.tanks.iter().position(|t| Some(t.node) == node)?;
        let t = &self.tanks[k];
        let curve = &water.tanks[t.tank].volume_curve;
        let v = t.shape.volume(curve, self.work.level_m[k]);
        let v0 = t.shape.volume(curve, limit_m);
        Some((v, v0, self.work.inflow[k].abs() * MOMENT_S + 1e-9 * v.abs()))
    }

    /// Solves the present moment; false if that failed.
    pub fn solve(&mut self, water: &Water, input: &WaterInput<'_>, with_controls: bool) -> bool {
        self.begin_moment();
        loop {
            self.begin_solution(water, input);
            let outcome = self.solver.solve(&mut self.net, &mut self.flow);
            if let Some(solved) = self.end_solution(water, outcome, with_controls) {
                return solved;
            }
        }
    }

    /// A moment begins, for which one solution or more are needed.
    pub fn begin_moment(&mut self) {
        self.work.fired.fill(false);
        self.work.rounds = 0;
        self.out.iterations = 0;
    }

    /// Readies the laws for the next solution.
    pub fn begin_solution(&mut self, water: &Water, input: &WaterInput<'_>) {
        self.prepare(water, input);
        self.net.begin_pumps();
        for &e in &self.net.regulators {
            if let Law::Regulator(r) = &mut self.net.laws[e] {
                r.begin();
            }
        }
    }

    /// Takes what a solution came to: whether the moment is solved, or none when another
    /// solution is needed.
    pub fn end_solution(
        &mut self,
        water: &Water,
        outcome: Outcome,
        with_controls: bool,
    ) -> Option<bool> {
        self.out.iterations += outcome.iterations;
        let healthy = outcome.converged && self.flow.q.iter().all(|q| q.is_finite());
        if !healthy {
            self.out.trouble = Some(Trouble::NotConverged(outcome.worst_node));
            // Start afresh next time; what stands here is no state of a network.
            self.solver.forget();
            self.flow.clone_from(&self.good);
            return Some(false);
        }
        if !outcome.at_rest {
            self.out.trouble = self.out.trouble.or(Some(Trouble::Restless));
        }
        for &e in &self.net.regulators {
            if let Law::Regulator(r) = &self.net.laws[e]
                && r.is_held()
            {
                self.out.trouble = self.out.trouble.or(Some(Trouble::Held(e)));
            }
        }
        // Every round but the last applies a control that has not acted yet.
        self.work.rounds += 1;
        let again = with_controls && self.pressure_control(water);
        if again && self.work.rounds <= self.controls.len() {
            return None;
        }
        let far = |h: &f64| h.abs() > MOST_HEAD_M;
        if let Some(node) = self.flow.head[..self.junctions].iter().position(far) {
            self.out.trouble = Some(Trouble::NoHead(node));
        }
        self.good.q.copy_from_slice(&self.flow.q);
        self.good.head.copy_from_slice(&self.flow.head);
        Some(true)
    }

    /// Applies the first control on a junction's pressure that is due; true if one was.
    fn pressure_control(&mut self, water: &Water) -> bool {
        for (k, &(c, node)) in self.controls.iter().enumerate() {
            let Some(node) = node.filter(|&n| n < self.junctions) else {
                continue;
            };
            let control = &water.controls[c];
            let elevation_m = water.junctions[self.nodes[node] as usize].elevation_m;
            let pressure_m = self.flow.head[node] - elevation_m;
            let due = match control.when {
                ControlWhen::Above { limit_m, .. } => pressure_m >= limit_m - 1.5e-4,
                ControlWhen::Below { limit_m, .. } => pressure_m <= limit_m + 1.5e-4,
                ControlWhen::AtTime { .. } | ControlWhen::AtClock { .. } => false,
            };
            if due && !self.work.fired[k] && apply(&mut self.set, &self.links, control, water) {
                self.work.fired[k] = true;
                return true;
            }
        }
        false
    }

    /// Brings laws, openings and directions in line with settings, damage and levels.
    fn prepare(&mut self, water: &Water, input: &WaterInput<'_>) {
        let before = self.net.version;
        for (k, t) in self.tanks.iter().enumerate() {
            let whole = input.tank_whole.get(t.tank).copied().unwrap_or(true);
            let fixed = &mut self.net.fixed_m[t.node];
            if whole == fixed.is_nan() {
                self.net.version += 1;
            }
            *fixed = if whole {
                water.tanks[t.tank].elevation_m + self.work.level_m[k]
            } else {
                f64::NAN
            };
        }
        self.net.regulators.clear();
        let links = if self.stale { self.links.len() } else { self.lively.len() };
        let link = |part: &Self, i: usize| if part.stale { i } else { part.lively[i] };
        for i in 0..links {
            let e = link(self, i);
            self.work.way[e] = self.way(water, input, e);
        }
        for k in 0..self.tanks.len() {
            self.close_tank(water, k);
        }
        for i in 0..links {
            let e = link(self, i);
            match self.work.way[e] {
                Some(direction) => self.net.set_way(e, true, direction),
                None => self.net.set_way(e, false, self.net.direction[e]),
            }
        }
        self.stale = false;
        if self.net.version != before {
            self.net.bound_all();
        }
    }

    /// Brings the law of a link in line; which way it lets water through, none if it is closed.
    fn way(&mut self, water: &Water, input: &WaterInput<'_>, e: usize) -> Option<Direction> {
        let (link, set) = (self.links[e], self.set[e]);
        let mut open = set.status != ValveStatus::Closed && link.usable;
        let mut forward = link.check_valve;
        match link.edge {
            WaterEdge::Pipe(i) => {
                open &= input.pipe_whole.get(i as usize).copied().unwrap_or(true);
            }
            WaterEdge::Pump(i) => {
                let share = input.pump_capacity.get(i as usize).copied().unwrap_or(1.0);
                open &= share > 1e-9 && set.value > 1e-6;
                forward = true;
                open = self.net.may_run(e, open);
                if let Law::Pump { speed, share: s, .. } = &mut self.net.laws[e] {
                    (*speed, *s) = (set.value, share);
                }
            }
            WaterEdge::Valve(i) => {
                if set != self.made[e] {
                    let valve = &water.valves[i as usize];
                    self.net.laws[e] =
                        valve_law(valve, set.status, set.value, link.up_m, link.down_m);
                    self.net.version += 1;
                    self.net.loosen(e);
                }
                if let Law::Regulator(_) = self.net.laws[e] {
                    self.net.regulators.push(e);
                    forward = true;
                }
            }
        }
        self.made[e] = set;
        open.then_some(if forward { Direction::Forward } else { Direction::Both })
    }

    /// Lets no water into a full tank and none out of an empty one.
    fn close_tank(&mut self, water: &Water, k: usize) {
        let t = &self.tanks[k];
        if self.net.fixed_m[t.node].is_nan() {
            return;
        }
        let tank = &water.tanks[t.tank];
        let full = self.work.level_m[k] >= tank.max_level_m - AT_LIMIT_M && !tank.overflow;
        let empty = self.work.level_m[k] <= tank.min_level_m + AT_LIMIT_M;
        for &(e, leaves) in t.links.iter().filter(|_| full || empty) {
            let (out, into) = if leaves {
                (Direction::Forward, Direction::Backward)
            } else {
                (Direction::Backward, Direction::Forward)
            };
            for (blocked, only) in [(full, out), (empty, into)] {
                let way = &mut self.work.way[e];
                if blocked {
                    *way = match *way {
                        Some(Direction::Both) => Some(only),
                        Some(same) if same == only => Some(only),
                        Some(Direction::Forward | Direction::Backward) | None => None,
                    };
                }
            }
        }
    }

    /// Seconds to the next change of patterns or control (tank limits apart).
    fn next_event(&self, water: &Water, now_h: f64) -> f64 {
        let mut next = f64::INFINITY;
        if self.patterned {
            next = next.min(to_next_period(water, now_h).max(0.0) * 3600.0);
        }
        for &(c, node) in &self.controls {
            let control = &water.controls[c];
            let to = match control.when {
                ControlWhen::AtTime { time_h } => (time_h - now_h) * 3600.0,
                ControlWhen::AtClock { clock_h } => hours_to_clock(water, clock_h, now_h) * 3600.0,
                ControlWhen::Above { limit_m, .. } => self.time_to(water, node, limit_m, true),
                ControlWhen::Below { limit_m, .. } => self.time_to(water, node, limit_m, false),
            };
            if to > 0.5 * MOMENT_S && to < next && changes(&self.set, &self.links, control, water) {
                next = to;
            }
        }
        next.max(MOMENT_S)
    }

    /// Seconds until the watched tank reaches a level it moves towards.
    fn time_to(&self, water: &Water, node: Option<usize>, limit_m: f64, above: bool) -> f64 {
        let Some(k) = self.tanks.iter().position(|t| Some(t.node) == node) else {
            return f64::INFINITY;
        };
        let q = self.tank_inflow(k);
        if (above && q <= 0.0) || (!above && q >= 0.0) {
            return f64::INFINITY;
        }
        let t = &self.tanks[k];
        let curve = &water.tanks[t.tank].volume_curve;
        let to_go = t.shape.volume(curve, limit_m) - t.shape.volume(curve, self.work.level_m[k]);
        to_go / q
    }

    /// Net inflow of a tank in the last solution, m³/s.
    pub fn tank_inflow(&self, k: usize) -> f64 {
        let links = &self.tanks[k].links;
        links.iter().map(|&(e, leaves)| if leaves { -self.flow.q[e] } else { self.flow.q[e] }).sum()
    }

    /// Moves tanks through at most `dt` of the `left` seconds, less if one becomes full
    /// or empty before; returns the time moved.
    fn fill(
        &mut self,
        water: &Water,
        input: &WaterInput<'_>,
        dt: f64,
        left: f64,
        to_the_end: bool,
    ) -> f64 {
        let mut dt = dt;
        for k in 0..self.tanks.len() {
            self.work.inflow[k] = 0.0;
            let t = &self.tanks[k];
            if !input.tank_whole.get(t.tank).copied().unwrap_or(true) {
                continue;
            }
            let q = self.tank_inflow(k);
            self.work.inflow[k] = q;
            let tank = &water.tanks[t.tank];
            let level = self.work.level_m[k];
            let limit = if q > 0.0 && level < tank.max_level_m {
                tank.max_level_m
            } else if q < 0.0 && level > tank.min_level_m {
                tank.min_level_m
            } else {
                continue;
            };
            let to_go = t.shape.volume(&tank.volume_curve, limit)
                - t.shape.volume(&tank.volume_curve, level);
            let to = to_go / q;
            if to.is_finite() && to < dt && !to_the_end {
                dt = to.max(1e-3_f64.min(left));
            }
        }
        for k in 0..self.tanks.len() {
            let t = &self.tanks[k];
            let (tank, q) = (&water.tanks[t.tank], self.work.inflow[k]);
            if q == 0.0 || dt == 0.0 {
                continue;
            }
            let curve = &tank.volume_curve;
            let volume = t.shape.volume(curve, self.work.level_m[k]) + q * dt;
            // The last moment's flow brings it to its limit, as in EPANET.
            let (full, empty) =
                (t.shape.volume(curve, tank.max_level_m), t.shape.volume(curve, tank.min_level_m));
            self.work.level_m[k] = if q > 0.0 && volume >= full - q * 1e-3 {
                tank.max_level_m.max(self.work.level_m[k].min(tank.max_level_m))
            } else if q < 0.0 && volume <= empty - q * 1e-3 {
                tank.min_level_m.min(self.work.level_m[k])
            } else {
                t.shape.level(curve, volume)
            };
        }
        dt
    }

    /// Adds the last solution with `weight` to the averages of the step.
    pub fn accumulate(&mut self, weight: f64) {
        for e in 0..self.links.len() {
            self.work.link_flow[e] += weight * self.flow.q[e];
        }
        for i in 0..self.junctions {
            let demand = self.net.demand[i];
            let (supplied, off) = self.taken(i);
            if demand < 0.0 && self.is_fed(i) && supplied > demand * (1.0 - 1e-6) {
                self.out.trouble = self.out.trouble.or(Some(Trouble::NoRoom(i)));
            }
            self.out.imbalance = self.out.imbalance.max((self.solver.imbalance(i) + off).abs());
            self.work.supplied[i] += weight * supplied;
        }
    }

    /// Water can reach a node in the last solution.
    fn is_fed(&self, node: usize) -> bool {
        !self.flow.head[node].is_nan()
    }

    /// What a junction takes in the last solution, and how much more its edge carries, m³/s.
    pub fn taken(&self, i: usize) -> (f64, f64) {
        let demand = self.net.demand[i];
        if !self.is_fed(i) {
            return (0.0, 0.0);
        }
        if demand == 0.0 || !self.solver.followed() {
            return (demand, 0.0);
        }
        let q = self.flow.q[self.net.demands + i];
        let taken = q.clamp(demand.min(0.0), demand.max(0.0));
        (taken, q - taken)
    }

    /// What the last solution supplies, for a moment that is looked at by itself.
    pub fn account(&mut self) {
        self.work.supplied.fill(0.0);
        self.work.link_flow.fill(0.0);
        self.accumulate(1.0);
        self.out.supplied.copy_from_slice(&self.work.supplied);
    }

    fn finish(&mut self, water: &Water, input: &WaterInput<'_>) {
        self.out.supplied.copy_from_slice(&self.work.supplied);
        self.out.link_flow.copy_from_slice(&self.work.link_flow);
        self.out.head_m.copy_from_slice(&self.flow.head);
        self.out.level_m.copy_from_slice(&self.work.level_m);
        self.out.tank_inflow.copy_from_slice(&self.work.inflow);
        for (out, i) in self.out.supplied.iter_mut().zip(0..) {
            // Weights of sub-steps sum to 1 but for rounding.
            if self.net.demand[i] > 0.0 {
                *out = out.min(self.net.demand[i]);
            }
        }
        for (k, t) in self.tanks.iter().enumerate() {
            if input.tank_whole.get(t.tank).copied().unwrap_or(true) {
                self.out.head_m[t.node] = water.tanks[t.tank].elevation_m + self.work.level_m[k];
            }
        }
    }
}

fn hours_to_clock(water: &Water, clock_h: f64, now_h: f64) -> f64 {
    (clock_h - now_h - water.options.start_clock_h).rem_euclid(24.0)
}

/// Position of a control's edge among a part's links, and its setting after.
fn target(
    set: &[Setting],
    links: &[super::part::Link],
    control: &Control,
    water: &Water,
) -> Option<(usize, Setting)> {
    let position = super::setting::position(water, control.edge);
    let e = links.binary_search_by_key(&position, |l| l.setting).ok()?;
    (!links[e].check_valve).then(|| (e, set[e].after(control.edge, control.action)))
}

fn changes(set: &[Setting], links: &[super::part::Link], control: &Control, water: &Water) -> bool {
    target(set, links, control, water).is_some_and(|(e, after)| after != set[e])
}

/// Applies a control; true if it changed something.
fn apply(
    set: &mut [Setting],
    links: &[super::part::Link],
    control: &Control,
    water: &Water,
) -> bool {
    match target(set, links, control, water) {
        Some((e, after)) if after != set[e] => {
            set[e] = after;
            true
        }
        Some(_) | None => false,
    }
}
