//! Flows in a network of conductances: direct current, and linearised water.

use crate::math::Ldl;

/// A connected network whose flow is conductance times difference of potential.
pub(super) struct Conductances {
    ends: Vec<(usize, usize)>,
    weight: Vec<f64>,
    ldl: Ldl,
    n: usize,
}

impl Conductances {
    /// The network of `n` nodes and `ends`; every conductance is 1 at first.
    pub(super) fn new(n: usize, ends: &[(usize, usize)]) -> Self {
        let edges: Vec<(u32, u32)> = ends
            .iter()
            .map(|&(a, b)| (u32::try_from(a).unwrap_or(0), u32::try_from(b).unwrap_or(0)))
            .collect();
        let mut this = Self {
            ends: ends.to_vec(),
            weight: vec![1.0; ends.len()],
            ldl: Ldl::new(n, &edges),
            n,
        };
        this.set(&vec![1.0; ends.len()]);
        this
    }

    /// Sets the conductances (> 0).
    pub(super) fn set(&mut self, weight: &[f64]) {
        self.weight.copy_from_slice(weight);
        let mut diag = vec![0.0; self.n];
        for (&(a, b), &w) in self.ends.iter().zip(weight) {
            diag[a] += w;
            diag[b] += w;
        }
        // Node 0 is grounded. Injections that sum to zero send nothing to ground, so
        // the conductance chosen for it changes no flow.
        if let Some(d) = diag.first_mut() {
            *d += weight.first().copied().unwrap_or(1.0);
        }
        let off: Vec<f64> = weight.iter().map(|w| -w).collect();
        // Positive conductances on a connected network are positive definite.
        let _ = self.ldl.factor(&diag, &off);
    }

    /// Potentials by node that carry `injection` (which sums to zero).
    pub(super) fn potentials(&mut self, injection: &[f64]) -> Vec<f64> {
        let mut x = injection.to_vec();
        self.ldl.solve(&mut x);
        x
    }

    /// Flows by edge, from its first end to its second.
    pub(super) fn flows(&mut self, injection: &[f64]) -> Vec<f64> {
        let x = self.potentials(injection);
        self.edge_flows(&x)
    }

    fn edge_flows(&self, x: &[f64]) -> Vec<f64> {
        self.ends.iter().zip(&self.weight).map(|(&(a, b), &w)| w * (x[a] - x[b])).collect()
    }

    /// By edge: largest absolute flow over all `whole` injections with every edge in
    /// service, and over all `secure` injections also with any one edge out, by line
    /// outage distribution factors. Bridges are not taken out.
    pub(super) fn worst_flows(&mut self, whole: &[Vec<f64>], secure: &[Vec<f64>]) -> Vec<f64> {
        let mut worst = vec![0.0_f64; self.ends.len()];
        let mut keep = |flow: &[f64]| {
            for (w, f) in worst.iter_mut().zip(flow) {
                *w = w.max(f.abs());
            }
        };
        whole.iter().for_each(|injection| keep(&self.flows(injection)));
        let base: Vec<Vec<f64>> = secure.iter().map(|injection| self.flows(injection)).collect();
        base.iter().for_each(|flow| keep(flow));
        let mut transfer = vec![0.0; self.n];
        let mut after = vec![0.0; self.ends.len()];
        for (out, &(a, b)) in self.ends.iter().enumerate() {
            transfer.fill(0.0);
            transfer[a] += 1.0;
            transfer[b] -= 1.0;
            self.ldl.solve(&mut transfer);
            let factor = self.edge_flows(&transfer);
            let left = 1.0 - factor[out];
            if left < 1e-7 {
                continue;
            }
            for flow in &base {
                let moved = flow[out] / left;
                for (l, f) in after.iter_mut().enumerate() {
                    *f = flow[l] + factor[l] * moved;
                }
                after[out] = 0.0;
                keep(&after);
            }
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_divide_by_conductance() {
        let mut net = Conductances::new(3, &[(0, 1), (1, 2), (0, 2)]);
        net.set(&[1.0, 1.0, 1.0]);
        // One unit from 0 to 2: 2/3 goes straight, 1/3 around.
        let flow = net.flows(&[1.0, 0.0, -1.0]);
        for (f, want) in flow.iter().zip([1.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0]) {
            assert!((f - want).abs() < 1e-12);
        }
    }

    #[test]
    fn outage_factors_match_the_network_without_the_edge() {
        let ends = [(0, 1), (1, 2), (0, 2), (2, 3), (1, 3)];
        let weight = [1.0, 2.0, 0.5, 3.0, 1.5];
        let injection = vec![2.0, -0.5, 0.7, -2.2];
        let mut net = Conductances::new(4, &ends);
        net.set(&weight);
        let worst = net.worst_flows(&[], std::slice::from_ref(&injection));
        let mut direct = net.flows(&injection);
        direct.iter_mut().for_each(|f| *f = f.abs());
        for out in 0..ends.len() {
            let keep: Vec<usize> = (0..ends.len()).filter(|&e| e != out).collect();
            let left: Vec<_> = keep.iter().map(|&e| ends[e]).collect();
            let mut net = Conductances::new(4, &left);
            net.set(&keep.iter().map(|&e| weight[e]).collect::<Vec<_>>());
            for (&e, f) in keep.iter().zip(net.flows(&injection)) {
                direct[e] = f64::max(direct[e], f.abs());
            }
        }
        for (a, b) in worst.iter().zip(&direct) {
            assert!((a - b).abs() < 1e-9, "{worst:?} {direct:?}");
        }
    }
}
