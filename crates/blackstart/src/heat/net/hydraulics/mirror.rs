//! Flows and pressures of the side that follows the other: see [`Twins`](super::super::twins::Twins).

use super::super::layout::Layout;
use super::Hydraulics;

impl Hydraulics {
    /// Flows of pipes that follow those beside them.
    pub(super) fn mirror(&mut self, layout: &Layout) {
        let Some(twins) = &layout.twins else { return };
        for f in &twins.pieces {
            let leads = self.m_kg_s[f.leader as usize];
            let m = if f.along { -leads } else { leads };
            let more = m - std::mem::replace(&mut self.m_kg_s[f.piece as usize], m);
            let piece = layout.pieces[f.piece as usize];
            self.balance[piece.from as usize] -= more;
            self.balance[piece.to as usize] += more;
        }
    }

    /// Pressures beside those of the nodes that lead: what is lost on one side is lost on the
    /// other, the other way.
    pub(super) fn mirror_pressures(&mut self, layout: &Layout) {
        let Some(twins) = &layout.twins else { return };
        let head =
            |n: u32| self.air_bar[n as usize] + self.weight_bar_m * layout.elevation_m[n as usize];
        let Some(&(first, beside)) = twins.nodes.first() else { return };
        let sum =
            self.p_bar[first as usize] + head(first) + self.p_bar[beside as usize] + head(beside);
        for &(node, leads) in &twins.nodes[1..] {
            self.p_bar[node as usize] = sum - self.p_bar[leads as usize] - head(leads) - head(node);
        }
    }
}
