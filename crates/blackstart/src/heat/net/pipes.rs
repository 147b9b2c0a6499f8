//! Losses of many pipes at once.

use super::friction::{FrictionModel, LEAST_REYNOLDS, blended, colebrook};
use super::laws::{LEAST_SLOPE, Law};
use crate::math::{Kernel, dispatch};

/// The laws of a network of nothing but pipes and other resistances, number by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipes {
    /// True if low Reynolds numbers have the friction of laminar flow.
    laminar: bool,
    rough: Vec<f64>,
    length_over_d: Vec<f64>,
    zeta: Vec<f64>,
    /// See [`Resistance`](super::laws::Resistance).
    velocity_head: Vec<f64>,
    reynolds: Vec<f64>,
}

impl Pipes {
    /// Takes over `laws`, if all are resistances with friction by Colebrook–White.
    pub fn set(&mut self, model: FrictionModel, laws: &[Law]) {
        let lists = [
            &mut self.rough,
            &mut self.length_over_d,
            &mut self.zeta,
            &mut self.velocity_head,
            &mut self.reynolds,
        ];
        for list in lists {
            list.clear();
            list.reserve_exact(laws.len());
        }
        self.laminar = model == FrictionModel::Colebrook;
        if !(self.laminar || model == FrictionModel::ColebrookEverywhere) {
            return;
        }
        for law in laws {
            let Law::Resistance(r) = law else {
                self.rough.clear();
                return;
            };
            self.rough.push(r.factor.rough);
            self.length_over_d.push(r.length_over_d);
            self.zeta.push(r.zeta);
            self.velocity_head.push(r.velocity_head);
            self.reynolds.push(r.reynolds);
        }
    }

    /// Losses (bar) and slopes (bar per kg/s) at flows `m_kg_s`; false where laws are of other
    /// kinds too.
    pub fn losses(&self, m_kg_s: &[f64], loss_bar: &mut [f64], slope: &mut [f64]) -> bool {
        if self.rough.len() != m_kg_s.len() {
            return false;
        }
        if self.laminar {
            dispatch(Losses::<true> { pipes: self, m_kg_s, loss_bar, slope });
        } else {
            dispatch(Losses::<false> { pipes: self, m_kg_s, loss_bar, slope });
        }
        true
    }
}

struct Losses<'a, const LAMINAR: bool> {
    pipes: &'a Pipes,
    m_kg_s: &'a [f64],
    loss_bar: &'a mut [f64],
    slope: &'a mut [f64],
}

impl<const LAMINAR: bool> Kernel for Losses<'_, LAMINAR> {
    type Output = ();

    /// As [`Resistance::loss`](super::laws::Resistance::loss), without branches.
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let n = self.m_kg_s.len();
        let p = self.pipes;
        let (rough, length, zeta) = (&p.rough[..n], &p.length_over_d[..n], &p.zeta[..n]);
        let (head, reynolds) = (&p.velocity_head[..n], &p.reynolds[..n]);
        let (loss, slope) = (&mut self.loss_bar[..n], &mut self.slope[..n]);
        for i in 0..n {
            let m = self.m_kg_s[i];
            let real = m.abs() * reynolds[i];
            let re = real.max(LEAST_REYNOLDS);
            let (lambda, grows) =
                if LAMINAR { blended::<FMA>(rough[i], re) } else { colebrook::<FMA>(rough[i], re) };
            let drag = length[i] * lambda + zeta[i];
            let per_flow = head[i] * (re / reynolds[i]);
            loss[i] = per_flow * drag * m;
            let more = if real < LEAST_REYNOLDS { 0.0 } else { drag + length[i] * grows };
            slope[i] = (per_flow * (drag + more)).max(LEAST_SLOPE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heat::net::laws::Resistance;

    #[test]
    fn many_at_once_are_what_each_is_alone() {
        for model in [FrictionModel::Colebrook, FrictionModel::ColebrookEverywhere] {
            let mut laws = Vec::new();
            for (d, k, zeta) in [(0.02, 0.0, 0.0), (0.1, 1e-4, 3.0), (0.5, 1e-2, 0.1)] {
                for length in [0.0, 1.0, 500.0] {
                    let mut r = Resistance::new(model, length, d, k, zeta);
                    r.set_fluid(977.8, 4.04e-4);
                    laws.push(Law::Resistance(r));
                }
            }
            let mut pipes = Pipes::default();
            pipes.set(model, &laws);
            let (mut loss, mut slope) = (vec![0.0; laws.len()], vec![0.0; laws.len()]);
            for m in [0.0, 1e-6, -1e-4, 1e-3, -0.02, 0.1, -3.0, 200.0] {
                assert!(pipes.losses(&vec![m; laws.len()], &mut loss, &mut slope));
                for (i, law) in laws.iter().enumerate() {
                    let (l, s) = law.loss(model, m);
                    assert!((loss[i] - l).abs() <= 1e-12 * l.abs(), "{m} {i}: {} {l}", loss[i]);
                    assert!((slope[i] - s).abs() <= 1e-11 * s, "{m} {i}: {} {s}", slope[i]);
                }
            }
        }
    }
}
