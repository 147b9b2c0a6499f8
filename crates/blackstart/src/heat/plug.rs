//! Transport of warmth by water that moves through a pipe as plugs.
//!
//! A pipe is a row of parcels, each with one temperature. What flows in pushes out what
//! stands at the other end; nothing mixes on the way, so that a change arrives late and as
//! sharp as it entered. All parcels cool towards the surroundings with the rate
//! `loss/(content · heat capacity)`, at rest as well as under way. The wall is a mixed volume
//! at the end where water leaves, as in the plug-flow pipe of the Modelica IBPSA library
//! (van der Heijde et al., Energy Conversion and Management 151 (2017) 158–169). Heat is
//! conserved to the last digit: what enters is what leaves, is lost, or is stored.

use std::collections::VecDeque;

/// What a pipe is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlugParameters {
    /// Water in it, kg.
    pub content_kg: f64,
    /// Specific heat capacity of the water, J/(kg K).
    pub heat_j_kg_k: f64,
    /// Heat loss of the whole pipe per kelvin above the surroundings, W/K.
    pub loss_w_k: f64,
    /// Heat capacity of its wall, J/K.
    pub wall_j_k: f64,
    /// Temperatures closer than this may be merged, K. 0 keeps every parcel, up to a limit of
    /// [`MOST_PARCELS`].
    pub merge_k: f64,
}

/// Most parcels of a pipe; beyond, neighbours that differ least become one.
pub const MOST_PARCELS: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Parcel {
    mass_kg: f64,
    t_c: f64,
}

/// A pipe with the warmth in it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlugPipe {
    parameters: PlugParameters,
    /// From the pipe's beginning to its end.
    parcels: VecDeque<Parcel>,
    wall_c: f64,
}

/// What a step brought.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Passage {
    /// Mean temperature of the water that left in the step, °C; without flow that of the
    /// water at the end.
    pub out_c: f64,
    /// Temperature of the water that leaves at the end of the step, °C.
    pub out_end_c: f64,
    /// Heat lost to the surroundings, J.
    pub lost_j: f64,
    /// Heat stored (negative: given off) by water and wall, J.
    pub stored_j: f64,
}

impl PlugPipe {
    /// A pipe of one temperature. Values that are negative or not finite count as none.
    #[must_use]
    pub fn new(parameters: PlugParameters, start_c: f64) -> Self {
        let some = |x: f64| if x.is_finite() { x.max(0.0) } else { 0.0 };
        let parameters = PlugParameters {
            content_kg: some(parameters.content_kg).max(1e-9),
            heat_j_kg_k: some(parameters.heat_j_kg_k).max(1e-9),
            loss_w_k: some(parameters.loss_w_k),
            wall_j_k: some(parameters.wall_j_k),
            merge_k: some(parameters.merge_k),
        };
        let start_c = if start_c.is_finite() { start_c } else { 0.0 };
        let parcels = VecDeque::from([Parcel { mass_kg: parameters.content_kg, t_c: start_c }]);
        Self { parameters, parcels, wall_c: start_c }
    }

    /// Sets the wall's temperature, °C.
    pub fn set_wall_c(&mut self, t_c: f64) {
        if t_c.is_finite() {
            self.wall_c = t_c;
        }
    }

    /// Spreads temperatures evenly from `first_c` at the beginning to `last_c` at the end.
    pub fn spread_c(&mut self, first_c: f64, last_c: f64, parts: usize) {
        let n = parts.clamp(1, MOST_PARCELS);
        let mass_kg = self.parameters.content_kg / n as f64;
        let at = |i: usize| first_c + (last_c - first_c) * (i as f64 + 0.5) / n as f64;
        self.parcels = (0..n).map(|i| Parcel { mass_kg, t_c: at(i) }).collect();
    }

    /// Number of parcels.
    #[must_use]
    pub fn parcels(&self) -> usize {
        self.parcels.len()
    }

    /// Water of one temperature next to the end where it leaves, kg.
    #[must_use]
    pub fn outlet_kg(&self, forward: bool) -> f64 {
        let end = if forward { self.parcels.back() } else { self.parcels.front() };
        end.map_or(0.0, |p| p.mass_kg)
    }

    /// Water in it, kg.
    #[must_use]
    pub const fn content_kg(&self) -> f64 {
        self.parameters.content_kg
    }

    /// Warmth of water and wall above 0 °C, J.
    #[must_use]
    pub fn warmth_j(&self) -> f64 {
        let water: f64 = self.parcels.iter().map(|p| p.mass_kg * p.t_c).sum();
        water * self.parameters.heat_j_kg_k + self.wall_c * self.parameters.wall_j_k
    }

    /// Mean temperature of the water, °C.
    #[must_use]
    pub fn mean_c(&self) -> f64 {
        self.parcels.iter().map(|p| p.mass_kg * p.t_c).sum::<f64>() / self.parameters.content_kg
    }

    /// Moves on by `step_s` under a constant flow. Forward flow (positive) enters at the
    /// beginning with `inlet_c`, backward flow at the end.
    pub fn advance(
        &mut self,
        flow_kg_s: f64,
        inlet_c: f64,
        ambient_c: f64,
        step_s: f64,
    ) -> Passage {
        let p = self.parameters;
        let flow = if flow_kg_s.is_finite() { flow_kg_s } else { 0.0 };
        let step = if step_s.is_finite() { step_s.max(0.0) } else { 0.0 };
        let forward = flow >= 0.0;
        let inlet_c = if inlet_c.is_finite() { inlet_c } else { ambient_c };
        let before = self.warmth_j();
        let rate = p.loss_w_k / (p.content_kg * p.heat_j_kg_k);
        let mass = flow.abs() * step;
        let mut out = Outflow { at_s: 0.0, sum_kg_k: 0.0, last_c: None };
        if mass > 0.0 {
            // What was in the pipe leaves first, then what entered in this very step, which
            // has been in for one and the same time.
            let mut left = mass.min(p.content_kg);
            while left > 0.0 {
                let end = if forward { self.parcels.back_mut() } else { self.parcels.front_mut() };
                let Some(parcel) = end else { break };
                let part = parcel.mass_kg.min(left);
                let above = parcel.t_c - ambient_c;
                let time = part / flow.abs();
                let mean = ambient_c + above * mean_decay(rate, out.at_s, time);
                let last = ambient_c + above * (-rate * (out.at_s + time)).exp();
                left -= part;
                // Rounding leaves slivers.
                if parcel.mass_kg - part <= 1e-12 * p.content_kg {
                    let _ =
                        if forward { self.parcels.pop_back() } else { self.parcels.pop_front() };
                } else {
                    parcel.mass_kg -= part;
                }
                self.leave(&mut out, part, mean, last, flow.abs());
            }
            let through = mass - p.content_kg;
            if through > 0.0 {
                let stay = p.content_kg / flow.abs();
                let t = ambient_c + (inlet_c - ambient_c) * (-rate * stay).exp();
                self.leave(&mut out, through, t, t, flow.abs());
            }
        } else if p.wall_j_k > 0.0 {
            self.wall_c = ambient_c + (self.wall_c - ambient_c) * (-rate * step).exp();
        }
        let keep = (-rate * step).exp();
        for parcel in &mut self.parcels {
            parcel.t_c = ambient_c + (parcel.t_c - ambient_c) * keep;
        }
        if mass > 0.0 {
            let entered = mass.min(p.content_kg);
            let stay = entered / flow.abs();
            let t_c = ambient_c + (inlet_c - ambient_c) * mean_decay(rate, 0.0, stay);
            self.enter(Parcel { mass_kg: entered, t_c }, forward);
        }
        self.normalise();
        let rest = if forward { self.parcels.back() } else { self.parcels.front() };
        let standing = rest.map_or(ambient_c, |r| r.t_c);
        let out_c = if mass > 0.0 { out.sum_kg_k / mass } else { standing };
        let stored_j = self.warmth_j() - before;
        let lost_j = mass * p.heat_j_kg_k * (inlet_c - out_c) - stored_j;
        let lost_j = if mass > 0.0 { lost_j } else { -stored_j };
        Passage { out_c, out_end_c: out.last_c.unwrap_or(standing), lost_j, stored_j }
    }

    /// Water leaves by the wall: `part` kg with the mean temperature `mean_c`.
    fn leave(&mut self, out: &mut Outflow, part: f64, mean_c: f64, last_c: f64, flow: f64) {
        let p = self.parameters;
        out.at_s += part / flow;
        if p.wall_j_k <= 0.0 {
            out.sum_kg_k += part * mean_c;
            out.last_c = Some(last_c);
            return;
        }
        let z = part * p.heat_j_kg_k / p.wall_j_k;
        let gone = -(-z).exp_m1();
        let share = if z < 1e-12 { 1.0 } else { gone / z };
        out.sum_kg_k += part * (mean_c + (self.wall_c - mean_c) * share);
        self.wall_c = mean_c + (self.wall_c - mean_c) * (1.0 - gone);
        out.last_c = Some(self.wall_c);
    }

    fn enter(&mut self, new: Parcel, forward: bool) {
        let merge_k = self.parameters.merge_k;
        let near = if forward { self.parcels.front_mut() } else { self.parcels.back_mut() };
        if let Some(next) = near
            && (next.t_c - new.t_c).abs() <= merge_k
            // A front that creeps on must not swallow the pipe.
            && next.mass_kg < 0.1 * self.parameters.content_kg
        {
            let mass_kg = next.mass_kg + new.mass_kg;
            next.t_c = (next.mass_kg * next.t_c + new.mass_kg * new.t_c) / mass_kg;
            next.mass_kg = mass_kg;
        } else if forward {
            self.parcels.push_front(new);
        } else {
            self.parcels.push_back(new);
        }
        while self.parcels.len() > MOST_PARCELS {
            let likest = (1..self.parcels.len()).min_by(|&a, &b| {
                let apart = |i: usize| (self.parcels[i].t_c - self.parcels[i - 1].t_c).abs();
                apart(a).total_cmp(&apart(b))
            });
            let Some(i) = likest else { break };
            let (a, b) = (self.parcels[i - 1], self.parcels[i]);
            let mass_kg = a.mass_kg + b.mass_kg;
            let t_c = (a.mass_kg * a.t_c + b.mass_kg * b.t_c) / mass_kg;
            self.parcels[i - 1] = Parcel { mass_kg, t_c };
            self.parcels.remove(i);
        }
    }

    /// Takes the rounding of many steps out of the content.
    fn normalise(&mut self) {
        let sum: f64 = self.parcels.iter().map(|p| p.mass_kg).sum();
        if sum > 0.0 {
            let factor = self.parameters.content_kg / sum;
            for p in &mut self.parcels {
                p.mass_kg *= factor;
            }
        } else {
            let t_c = self.wall_c;
            self.parcels.push_back(Parcel { mass_kg: self.parameters.content_kg, t_c });
        }
    }
}

/// What left so far in a step.
struct Outflow {
    at_s: f64,
    sum_kg_k: f64,
    last_c: Option<f64>,
}

/// Mean of `e^(−rate t)` from `from_s` for `time_s`.
fn mean_decay(rate: f64, from_s: f64, time_s: f64) -> f64 {
    let z = rate * time_s;
    let mean = if z < 1e-12 { 1.0 } else { -(-z).exp_m1() / z };
    (-rate * from_s).exp() * mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(loss_w_k: f64, wall_j_k: f64) -> PlugParameters {
        PlugParameters { content_kg: 100.0, heat_j_kg_k: 4200.0, loss_w_k, wall_j_k, merge_k: 0.0 }
    }

    #[test]
    fn a_front_arrives_late_and_sharp() {
        let mut pipe = PlugPipe::new(plain(0.0, 0.0), 20.0);
        for second in 1..=20 {
            let passed = pipe.advance(10.0, 80.0, 0.0, 1.0);
            let want = if second <= 10 { 20.0 } else { 80.0 };
            assert!((passed.out_c - want).abs() < 1e-9, "{second}: {}", passed.out_c);
        }
    }

    #[test]
    fn steady_flow_cools_by_the_exponential_law() {
        let mut pipe = PlugPipe::new(plain(42.0, 0.0), 20.0);
        let mut out = 0.0;
        for _ in 0..40 {
            out = pipe.advance(3.0, 80.0, 5.0, 7.0).out_end_c;
        }
        let want = 5.0 + 75.0 * (-42.0f64 / (3.0 * 4200.0)).exp();
        // A parcel's temperature is its mean: a step's cooling, 0.5 mK, is not resolved.
        assert!((out - want).abs() < 0.03, "{out} {want}");
    }

    #[test]
    fn water_at_rest_cools_and_flow_turns_round() {
        let mut pipe = PlugPipe::new(plain(42.0, 0.0), 80.0);
        pipe.advance(0.0, 0.0, 10.0, 3600.0);
        let want = 10.0 + 70.0 * (-42.0 * 3600.0 / (100.0 * 4200.0f64)).exp();
        assert!((pipe.mean_c() - want).abs() < 1e-9);
        let mut pipe = PlugPipe::new(plain(0.0, 0.0), 20.0);
        pipe.advance(5.0, 90.0, 0.0, 10.0);
        // Half of the pipe is hot; back it comes out at the beginning.
        assert!((pipe.advance(-5.0, 20.0, 0.0, 10.0).out_c - 90.0).abs() < 1e-9);
        assert!((pipe.mean_c() - 20.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn heat_is_conserved(
            steps in prop::collection::vec((-30.0..30.0_f64, 5.0..120.0_f64, 0.1..900.0_f64), 1..60),
            loss in 0.0..200.0_f64, wall in 0.0..1e5_f64, merge in 0.0..2.0_f64,
        ) {
            let parameters = PlugParameters { merge_k: merge, ..plain(loss, wall) };
            let mut pipe = PlugPipe::new(parameters, 60.0);
            let start = pipe.warmth_j();
            let (mut sum, mut scale) = (0.0, start.abs());
            for (flow, t, s) in steps {
                let passed = pipe.advance(flow, t, 8.0, s);
                let heat = if flow == 0.0 { 0.0 } else { flow.abs() * s * 4200.0 * (t - passed.out_c) };
                sum += heat - passed.lost_j;
                scale += heat.abs();
                prop_assert!(passed.out_c > 4.9 && passed.out_c < 120.1, "{}", passed.out_c);
            }
            prop_assert!((pipe.warmth_j() - start - sum).abs() < 1e-9 * scale);
            prop_assert!((pipe.parcels.iter().map(|p| p.mass_kg).sum::<f64>() - 100.0).abs() < 1e-7);
        }

        #[test]
        fn losses_are_those_of_the_water_that_stands(time in 1.0..1e5_f64) {
            let mut pipe = PlugPipe::new(plain(42.0, 0.0), 80.0);
            let lost = pipe.advance(0.0, 0.0, 10.0, time).lost_j;
            let want = 100.0 * 4200.0 * 70.0 * -(-42.0 * time / 420_000.0).exp_m1();
            prop_assert!((lost / want - 1.0).abs() < 1e-9);
        }
    }
}
