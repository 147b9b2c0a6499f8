//! Temperatures of water that passes a point during a step, as stretches of time.

/// Neighbouring stretches closer than this become one, K.
const MERGE_K: f64 = 1e-3;

/// Most stretches of a step: a front is blurred by a hundredth of it at most, and only where
/// smoother water is all around.
const MOST_PARTS: usize = 100;

/// Stretches of (time, s; temperature, °C), one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stream(Vec<(f64, f64)>);

impl Stream {
    pub fn flat(time_s: f64, t_c: f64) -> Self {
        Self(vec![(time_s, t_c)])
    }

    pub fn parts(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// Adds a stretch; its heat stays its own where it is merged.
    pub fn push(&mut self, time_s: f64, t_c: f64) {
        if let Some(last) = self.0.last_mut()
            && (last.1 - t_c).abs() < MERGE_K
        {
            let sum = last.0 + time_s;
            if sum > 0.0 {
                last.1 = (last.0 * last.1 + time_s * t_c) / sum;
            }
            last.0 = sum;
        } else {
            self.0.push((time_s, t_c));
        }
    }

    /// Merges neighbours, the likest first, until there are few enough.
    pub fn trim(&mut self) {
        let mut near_k = MERGE_K;
        while self.0.len() > MOST_PARTS && near_k < 1e6 {
            near_k *= 2.0;
            let mut few: Vec<(f64, f64)> = Vec::with_capacity(self.0.len());
            for &(time, t) in &self.0 {
                match few.last_mut() {
                    Some(last) if (last.1 - t).abs() < near_k && last.0 + time > 0.0 => {
                        let sum = last.0 + time;
                        *last = (sum, (last.0 * last.1 + time * t) / sum);
                    }
                    _ => few.push((time, t)),
                }
            }
            self.0 = few;
        }
    }

    pub fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self(self.0.iter().map(|&(time, t)| (time, f(t))).collect())
    }

    /// Mean over time, °C.
    pub fn mean_c(&self) -> f64 {
        let time: f64 = self.0.iter().map(|p| p.0).sum();
        if time > 0.0 {
            self.0.iter().map(|p| p.0 * p.1).sum::<f64>() / time
        } else {
            self.last_c()
        }
    }

    /// Temperature at the end, °C.
    pub fn last_c(&self) -> f64 {
        self.0.last().map_or(f64::NAN, |p| p.1)
    }

    /// Streams with their flows, mixed as they come; none if there are none.
    pub fn mix(streams: &[(f64, Self)], step_s: f64) -> Option<Self> {
        let flow: f64 = streams.iter().map(|s| s.0).sum();
        match streams {
            [] => return None,
            [(_, one)] => return Some(one.clone()),
            _ => {}
        }
        // Place in each stream, and when its stretch ends.
        let mut at: Vec<(usize, f64)> =
            streams.iter().map(|(_, s)| (0, s.0.first().map_or(step_s, |p| p.0))).collect();
        let (mut now, mut out) = (0.0, Self::default());
        while now < step_s {
            let next = at.iter().fold(step_s, |least, a| least.min(a.1));
            let t = streams
                .iter()
                .zip(&at)
                .map(|((m, s), a)| m * s.0.get(a.0).or(s.0.last()).map_or(0.0, |p| p.1))
                .sum::<f64>()
                / flow;
            if next > now {
                out.push(next - now, t);
            }
            now = next;
            for ((_, s), a) in streams.iter().zip(&mut at) {
                // Rounding must not leave slivers.
                while a.1 <= now * (1.0 + 1e-12) && a.0 + 1 < s.0.len() {
                    a.0 += 1;
                    a.1 += s.0[a.0].0;
                }
                if a.0 + 1 == s.0.len() && a.1 <= now * (1.0 + 1e-12) {
                    a.1 = step_s;
                }
            }
        }
        out.trim();
        Some(out)
    }
}
