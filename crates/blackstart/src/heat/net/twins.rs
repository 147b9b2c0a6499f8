//! Supply and return that are laid alike: one is solved, the other follows.
//!
//! Where every pipe has a like one beside it, consumers and plants join a junction to the one
//! beside it, and both sides refer to the same pressure, the return carries what the supply
//! carries, the other way round: its equations are the supply's with the signs of all given
//! flows turned. Half of the matrix and of the friction is saved.

use super::data::{BranchKind, HeatNet};
use super::layout::{Layout, NONE, Role};

/// A pipe that follows the one beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Follower {
    /// The piece that follows.
    pub piece: u32,
    /// The piece that is solved.
    pub leader: u32,
    /// True if both run the same way from junction to junction beside it, so that the flow of
    /// one is that of the other with its sign turned.
    pub along: bool,
}

/// Two sides of a network whose flows are each other's mirror.
#[derive(Clone, Debug)]
pub(super) struct Twins {
    /// All pipes of the side that follows.
    pub pieces: Vec<Follower>,
    /// Nodes of the side that follows, each with the one beside it; the first pair has known
    /// pressures.
    pub nodes: Vec<(u32, u32)>,
}

impl Twins {
    /// The two sides of a network of two; none where it has others or they differ.
    pub fn find(net: &HeatNet, layout: &Layout) -> Option<Self> {
        let [tie] = layout.ties[..] else { return None };
        let [_] = layout.fixed[..] else { return None };
        let grounds = (tie.child, tie.parent);
        if [tie.child, tie.parent].iter().any(|&n| layout.free[n as usize] != NONE)
            || !plain(net, grounds)
        {
            return None;
        }
        let mut found = Self { pieces: Vec::new(), nodes: vec![grounds] };
        let mut beside = vec![NONE; layout.nodes];
        let mut follows = vec![false; layout.nodes];
        let mut leader = vec![NONE; layout.pieces.len()];
        (beside[tie.child as usize], beside[tie.parent as usize]) = (tie.parent, tie.child);
        follows[tie.child as usize] = true;
        let mut done = 0;
        while let Some(&(a, b)) = found.nodes.get(done) {
            done += 1;
            let (mut ours, mut theirs) = (layout.edges_at(a), layout.edges_at(b));
            loop {
                // Branches of both sides are told in the same order, or this finds nothing.
                let (p, q) = match (ours.next(), theirs.next()) {
                    (None, None) => break,
                    (Some(p), Some(q)) => (p, q),
                    (Some(_), None) | (None, Some(_)) => return None,
                };
                let (one, other) = (layout.pieces[p as usize], layout.pieces[q as usize]);
                let (c, d) = (one.from ^ one.to ^ a, other.from ^ other.to ^ b);
                let fresh = [c, d].iter().all(|&n| beside[n as usize] == NONE) && c != d;
                if fresh {
                    (beside[c as usize], beside[d as usize]) = (d, c);
                    follows[c as usize] = true;
                    found.nodes.push((c, d));
                } else if beside[c as usize] != d || !follows[c as usize] || c == a {
                    return None;
                }
                if leader[p as usize] == NONE {
                    leader[p as usize] = q;
                    let along = (one.from == a) == (other.from == b);
                    found.pieces.push(Follower { piece: p, leader: q, along });
                } else if leader[p as usize] != q {
                    return None;
                }
            }
        }
        let mut edges = 0;
        for p in &layout.pieces {
            match p.role {
                Role::Edge(_) => edges += 1,
                Role::Given if beside[p.from as usize] != p.to => return None,
                Role::Given | Role::Tie | Role::Off | Role::Follows => (),
            }
        }
        (edges == 2 * found.pieces.len() && found.alike(net, layout)).then_some(found)
    }

    /// True if `net`, which has the structure that they were found for, still has sides that
    /// are alike.
    pub fn hold(&self, net: &HeatNet, layout: &Layout) -> bool {
        self.nodes.first().is_some_and(|&grounds| plain(net, grounds)) && self.alike(net, layout)
    }

    fn alike(&self, net: &HeatNet, layout: &Layout) -> bool {
        let kind = |p: u32| &net.branches[layout.pieces[p as usize].branch as usize].kind;
        self.pieces.iter().all(|f| same_law(kind(f.piece), kind(f.leader)))
    }
}

/// True if nothing but the water in pipes drives flows: constant density, nothing given from
/// outside.
fn plain(net: &HeatNet, grounds: (u32, u32)) -> bool {
    let at_ground = |n: u32| n == grounds.0 || n == grounds.1;
    net.fluid.flow_is_constant()
        && net.injections.is_empty()
        && net.fixed.iter().all(|f| at_ground(f.junction))
}

/// True if two branches lose the same pressure at the same flow.
fn same_law(a: &BranchKind, b: &BranchKind) -> bool {
    match (a, b) {
        (
            BranchKind::Pipe { length_m, diameter_m, roughness_m, loss_coefficient, .. },
            BranchKind::Pipe {
                length_m: length,
                diameter_m: diameter,
                roughness_m: roughness,
                loss_coefficient: loss,
                ..
            },
        ) => {
            [length_m, diameter_m, roughness_m, loss_coefficient]
                == [length, diameter, roughness, loss]
        }
        (
            BranchKind::Valve { diameter_m, loss_coefficient },
            BranchKind::Valve { diameter_m: diameter, loss_coefficient: loss },
        ) => [diameter_m, loss_coefficient] == [diameter, loss],
        (
            BranchKind::HeatExchanger { diameter_m, loss_coefficient, .. },
            BranchKind::HeatExchanger { diameter_m: diameter, loss_coefficient: loss, .. },
        ) => [diameter_m, loss_coefficient] == [diameter, loss],
        _ => false,
    }
}
