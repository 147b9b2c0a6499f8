//! The network equations of a program, and the part of the matrix that stays the same.

use super::program::Program;
use crate::grid::model::Model;
use crate::math::Symmetric2;

/// Branches of a program. Buses are positions in the order of elimination.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    ends: Vec<(u32, u32)>,
    b: Vec<f64>,
    forced: Vec<f64>,
    /// By position: injected whatever the columns do.
    given: Vec<f64>,
    /// By position: the diagonal block without ratings and columns.
    diag: Vec<Symmetric2>,
    /// By slot: the block without ratings and columns.
    blocks: Vec<[f64; 4]>,
}

impl Lines {
    /// Takes the branches of `p`.
    pub fn start(
        &mut self,
        model: &Model,
        p: &Program,
        position: &[u32],
        slots: &[u32],
        fill: usize,
    ) {
        self.ends.clear();
        self.b.clear();
        self.forced.clear();
        self.given.clear();
        self.given.resize(position.len(), 0.0);
        for (&at, &given) in position.iter().zip(&p.given) {
            self.given[at as usize] = given;
        }
        self.diag.clear();
        self.diag.resize(position.len(), [1.0, 0.0, -1.0]);
        self.blocks.clear();
        self.blocks.resize(fill, [0.0; 4]);
        for ((&at, &active), &fixed) in position.iter().zip(&p.active).zip(&p.reference) {
            if active {
                // The reference's block holds the island's angle, which nothing else
                // does. Any positive value gives the same step.
                self.diag[at as usize] = [if fixed { 1.0 } else { 0.0 }, 0.0, 0.0];
            }
        }
        for &l in &p.lines {
            let l = l as usize;
            let ((f, t), b) = (model.ends(l), model.b[l]);
            let (f, t) = (position[f], position[t]);
            self.ends.push((f, t));
            self.b.push(b);
            self.forced.push(b * p.shift[l]);
            self.diag[f as usize][1] += b;
            self.diag[t as usize][1] += b;
            let block = &mut self.blocks[slots[l] as usize];
            block[1] -= b;
            block[2] -= b;
        }
    }

    /// Starts `rest` (dual residuals of angles, and imbalances) and the blocks.
    pub fn linearise(
        &self,
        point: &[[f64; 2]],
        rest: &mut [[f64; 2]],
        diag: &mut [Symmetric2],
        blocks: &mut [[f64; 4]],
    ) {
        diag.copy_from_slice(&self.diag);
        blocks.copy_from_slice(&self.blocks);
        for (r, &given) in rest.iter_mut().zip(&self.given) {
            *r = [0.0, given];
        }
        for ((&(f, t), &b), &forced) in self.ends.iter().zip(&self.b).zip(&self.forced) {
            let (f, t) = (f as usize, t as usize);
            let tilt = b * (point[f][1] - point[t][1]);
            let flow = b * (point[f][0] - point[t][0]) - forced;
            rest[f] = [rest[f][0] - tilt, rest[f][1] - flow];
            rest[t] = [rest[t][0] + tilt, rest[t][1] + flow];
        }
    }
}
