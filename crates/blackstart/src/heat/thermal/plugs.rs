//! The water in one pipe as plugs, and the water that passes a point as a wave.
//!
//! A plug has a temperature that is linear from its one end to its other; it moves without
//! mixing and cools towards what surrounds the pipe with the rate `loss/content`. Over a
//! step with constant flow this is exact for what enters piecewise constant, up to how the
//! profile within a plug is stored: ends and heat are exact, the exponential between the ends
//! is taken as a line (over an hour less than 0.01 K apart). What leaves is handed on as
//! pieces of constant temperature with the heat of the plugs they were.

/// Part of a pipe's water, from the pipe's `from` end to its `to` end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::heat) struct Plug {
    /// Its heat capacity, J/K.
    pub heat_j_k: f64,
    /// Temperature at the end nearer to the pipe's `from`, °C.
    pub from_c: f64,
    /// Temperature at the end nearer to the pipe's `to`, °C.
    pub to_c: f64,
}

impl Plug {
    /// Its mean temperature, °C.
    pub fn mean_c(&self) -> f64 {
        0.5 * (self.from_c + self.to_c)
    }

    fn turned(self) -> Self {
        Self { from_c: self.to_c, to_c: self.from_c, ..self }
    }

    /// Moves both ends so that the mean is `mean_c`.
    fn with_mean(mut self, mean_c: f64) -> Self {
        let shift = mean_c - self.mean_c();
        self.from_c += shift;
        self.to_c += shift;
        self
    }
}

/// Water that passes a point during a step: up to `until_s` it has `t_c` on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::heat) struct Piece {
    pub until_s: f64,
    pub t_c: f64,
}

/// What a pipe does with its water in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::heat) struct Run {
    /// Flow times heat capacity, W/K; positive from the pipe's `from` to its `to`.
    pub flow_w_k: f64,
    /// Heat capacity of the water in the pipe, J/K.
    pub content_j_k: f64,
    /// Heat loss per kelvin, W/K.
    pub loss_w_k: f64,
    /// What surrounds the pipe, °C.
    pub around_c: f64,
    /// Length of the step, s.
    pub step_s: f64,
}

/// Plugs whose ends differ less than this may be stored as one, K.
const MERGE_K: f64 = 0.02;
/// Most plugs of a pipe; beyond, neighbours that differ least become one.
const MOST_PLUGS: usize = 32;
/// Share of a pipe's content below which a plug is rounding.
const SLIVER: f64 = 1e-12;

impl Run {
    /// Share of its excess over the surroundings that the water loses in a second.
    fn rate(&self) -> f64 {
        if self.content_j_k > 0.0 { self.loss_w_k / self.content_j_k } else { 0.0 }
    }

    /// Time that water takes to pass, s.
    fn passing_s(&self) -> f64 {
        self.content_j_k / self.flow_w_k.abs()
    }

    /// Share of its excess that water keeps which passes in one go.
    fn keep(&self) -> f64 {
        (-self.loss_w_k / self.flow_w_k.abs()).exp()
    }

    fn cooled(&self, t_c: f64, keep: f64) -> f64 {
        self.around_c + (t_c - self.around_c) * keep
    }

    /// Mean over the step and end of water at rest that begins with `t_c`, °C.
    pub fn standing_c(&self, t_c: f64) -> (f64, f64) {
        let z = self.rate() * self.step_s;
        (self.cooled(t_c, decays(z).0), self.cooled(t_c, (-z).exp()))
    }

    /// What leaves, `plugs` being the content at the beginning and `inlet` what enters.
    /// Appends to `out`; nothing without flow.
    pub fn leave(&self, plugs: &[Plug], inlet: &[Piece], out: &mut Vec<Piece>) {
        if self.flow_w_k == 0.0 || self.step_s <= 0.0 {
            return;
        }
        let forward = self.flow_w_k > 0.0;
        let mut at_s = 0.0;
        for i in 0..plugs.len() {
            if at_s >= self.step_s {
                return;
            }
            let plug = if forward { plugs[plugs.len() - 1 - i] } else { plugs[i].turned() };
            let (until_s, t_c) = self.passes(&plug, at_s);
            out.push(Piece { until_s, t_c });
            at_s = until_s;
        }
        if at_s >= self.step_s {
            return;
        }
        let (delay_s, keep) = (self.passing_s(), self.keep());
        for piece in inlet {
            let until_s = (piece.until_s + delay_s).min(self.step_s);
            if until_s > at_s {
                out.push(Piece { until_s, t_c: self.cooled(piece.t_c, keep) });
                at_s = until_s;
            }
        }
        // Sums of plugs round; the step ends where it ends.
        if let Some(last) = out.last_mut() {
            last.until_s = self.step_s;
        }
    }

    /// Until when a plug leaves by its `to` end that begins to at `at_s`, and the mean
    /// temperature of what leaves.
    fn passes(&self, plug: &Plug, at_s: f64) -> (f64, f64) {
        let whole_s = plug.heat_j_k / self.flow_w_k.abs();
        let time_s = whole_s.min(self.step_s - at_s);
        let rate = self.rate();
        let (even, rising) = decays(rate * time_s);
        let share = if whole_s > 0.0 { time_s / whole_s } else { 1.0 };
        let fall = (plug.from_c - plug.to_c) * share;
        let excess = (plug.to_c - self.around_c) * even + fall * rising;
        let until_s = if time_s < whole_s { self.step_s } else { at_s + time_s };
        (until_s, self.around_c + excess * (-rate * at_s).exp())
    }

    /// Moves `plugs` to the end of the step; `inlet` is what enters. Returns heat lost and
    /// heat stored, J.
    pub fn advance(&self, plugs: &mut Vec<Plug>, inlet: &[Piece]) -> (f64, f64) {
        let before = warmth_j(plugs);
        let mut lost_j = 0.0;
        let flows = self.flow_w_k != 0.0 && self.step_s > 0.0;
        // Water leaves by the `to` end of the last plug, turned round where it runs back.
        let back = self.flow_w_k < 0.0;
        if back {
            turn(plugs);
        }
        if flows {
            lost_j += self.let_out(plugs);
        }
        let keep = (-self.rate() * self.step_s).exp();
        for p in plugs.iter_mut() {
            lost_j += p.heat_j_k * (p.mean_c() - self.around_c) * (1.0 - keep);
            p.from_c = self.cooled(p.from_c, keep);
            p.to_c = self.cooled(p.to_c, keep);
        }
        if flows {
            let old = plugs.len();
            lost_j += self.let_in(inlet, plugs);
            // What came in stands before the rest, the newest first.
            plugs[old..].reverse();
            plugs.rotate_left(old);
        }
        tidy(plugs, self.content_j_k, self.around_c);
        if back {
            turn(plugs);
        }
        (lost_j, warmth_j(plugs) - before)
    }

    /// Takes out what leaves of the content; heat lost by it on the way, J.
    fn let_out(&self, plugs: &mut Vec<Plug>) -> f64 {
        let (mut at_s, mut lost_j) = (0.0, 0.0);
        while let Some(plug) = plugs.last_mut() {
            if at_s >= self.step_s {
                break;
            }
            let (until_s, mean_c) = self.passes(plug, at_s);
            let gone_j_k = ((until_s - at_s) * self.flow_w_k.abs()).min(plug.heat_j_k);
            at_s = until_s;
            let stays_j_k = plug.heat_j_k - gone_j_k;
            if stays_j_k <= SLIVER * self.content_j_k {
                lost_j += plug.heat_j_k * (plug.mean_c() - mean_c);
                plugs.pop();
                continue;
            }
            let cut_c = plug.to_c + (plug.from_c - plug.to_c) * gone_j_k / plug.heat_j_k;
            lost_j += gone_j_k * (0.5 * (plug.to_c + cut_c) - mean_c);
            (plug.to_c, plug.heat_j_k) = (cut_c, stays_j_k);
        }
        lost_j
    }

    /// Appends what enters and stays, oldest first; heat lost by all that enters, J.
    fn let_in(&self, inlet: &[Piece], plugs: &mut Vec<Plug>) -> f64 {
        let (flow, rate) = (self.flow_w_k.abs(), self.rate());
        let stay_from_s = (self.step_s - self.passing_s()).max(0.0);
        let through = 1.0 - self.keep();
        let (mut at_s, mut lost_j) = (0.0, 0.0);
        for piece in inlet {
            let passed_s = (piece.until_s.min(stay_from_s) - at_s).max(0.0);
            lost_j += flow * passed_s * (piece.t_c - self.around_c) * through;
            let begin_s = at_s.max(stay_from_s);
            at_s = piece.until_s;
            let time_s = at_s - begin_s;
            if time_s <= 0.0 || self.content_j_k <= 0.0 {
                continue;
            }
            let heat_j_k = flow * time_s;
            let newest = (-rate * (self.step_s - at_s)).exp();
            let oldest = (-rate * (self.step_s - begin_s)).exp();
            let (from_c, to_c) = (self.cooled(piece.t_c, newest), self.cooled(piece.t_c, oldest));
            let mean_c = self.cooled(piece.t_c, decays(rate * time_s).0 * newest);
            lost_j += heat_j_k * (piece.t_c - mean_c);
            plugs.push(Plug { heat_j_k, from_c, to_c }.with_mean(mean_c));
        }
        lost_j
    }
}

/// Means over a time of `e^(−z s)` and of `s e^(−z s)`, `s` from 0 to 1.
fn decays(z: f64) -> (f64, f64) {
    if z < 1e-4 {
        return (1.0 - z / 2.0 + z * z / 6.0, 0.5 - z / 3.0 + z * z / 8.0);
    }
    let gone = -(-z).exp_m1();
    (gone / z, (gone - z * (1.0 - gone)) / (z * z))
}

/// Heat of plugs above 0 °C, J.
fn warmth_j(plugs: &[Plug]) -> f64 {
    plugs.iter().map(|p| p.heat_j_k * p.mean_c()).sum()
}

fn turn(plugs: &mut [Plug]) {
    plugs.reverse();
    for p in plugs {
        *p = p.turned();
    }
}

/// Two neighbours as one, with the heat of both.
fn joined(a: &Plug, b: &Plug) -> Plug {
    let heat_j_k = a.heat_j_k + b.heat_j_k;
    let mean_c = (a.heat_j_k * a.mean_c() + b.heat_j_k * b.mean_c()) / heat_j_k;
    Plug { heat_j_k, from_c: a.from_c, to_c: b.to_c }.with_mean(mean_c)
}

/// How far two neighbours as one differ from the two, K.
fn changed_k(a: &Plug, b: &Plug) -> f64 {
    let one = joined(a, b);
    let joint_c = one.from_c + (one.to_c - one.from_c) * a.heat_j_k / one.heat_j_k;
    let ends = (one.from_c - a.from_c).abs();
    ends.max((joint_c - a.to_c).abs()).max((joint_c - b.from_c).abs())
}

/// Joins neighbours that are nearly one, keeps the list short, and takes the rounding of
/// many steps out of the content.
fn tidy(plugs: &mut Vec<Plug>, content_j_k: f64, around_c: f64) {
    if content_j_k <= 0.0 {
        plugs.clear();
        return;
    }
    plugs.dedup_by(|b, a| {
        let alike = changed_k(a, b) <= MERGE_K;
        if alike {
            *a = joined(a, b);
        }
        alike
    });
    while plugs.len() > MOST_PLUGS {
        let cost = |i: usize| {
            let (a, b) = (&plugs[i - 1], &plugs[i]);
            changed_k(a, b) * a.heat_j_k.min(b.heat_j_k)
        };
        let cheapest = (1..plugs.len()).min_by(|&i, &k| cost(i).total_cmp(&cost(k)));
        let Some(i) = cheapest else { break };
        plugs[i - 1] = joined(&plugs[i - 1], &plugs[i]);
        plugs.remove(i);
    }
    let sum: f64 = plugs.iter().map(|p| p.heat_j_k).sum();
    if sum > 0.0 {
        for p in plugs.iter_mut() {
            p.heat_j_k *= content_j_k / sum;
        }
    } else {
        plugs.push(Plug { heat_j_k: content_j_k, from_c: around_c, to_c: around_c });
    }
}
