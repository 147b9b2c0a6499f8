//! Electrical islands: what still hangs together.

/// Islands of the buses in service, numbered from 0 by their first bus.
#[derive(Clone, Debug, Default)]
pub(crate) struct Islands {
    /// By bus: island, or `u32::MAX` for a bus out of service.
    pub of_bus: Vec<u32>,
    /// Number of islands.
    pub count: usize,
    /// By island: its first bus.
    pub first_bus: Vec<u32>,
    /// Union–find parents, by bus.
    parent: Vec<u32>,
}

impl Islands {
    /// Finds the islands that `edges` with `live` leave of the buses `in_service`.
    /// Edges at a bus out of service do not count.
    pub fn find(&mut self, in_service: &[bool], edges: &[(u32, u32)], live: &[bool]) {
        let n = in_service.len();
        self.parent.clear();
        self.parent.extend(0..n as u32);
        for (&(a, b), _) in edges.iter().zip(live).filter(|(_, live)| **live) {
            if in_service[a as usize] && in_service[b as usize] {
                join(&mut self.parent, a, b);
            }
        }
        self.of_bus.clear();
        self.of_bus.resize(n, u32::MAX);
        self.first_bus.clear();
        for i in 0..n {
            if in_service[i] {
                // Roots are the smallest bus of their set, so they come first.
                let r = root(&mut self.parent, i as u32) as usize;
                if r == i {
                    self.of_bus[i] = self.first_bus.len() as u32;
                    self.first_bus.push(i as u32);
                } else {
                    self.of_bus[i] = self.of_bus[r];
                }
            }
        }
        self.count = self.first_bus.len();
    }
}

/// Root of `i`, halving the path on the way.
pub(super) fn root(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        let up = parent[parent[i as usize] as usize];
        parent[i as usize] = up;
        i = up;
    }
    i
}

/// Joins two sets; the smaller root becomes the root of both.
pub(super) fn join(parent: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(parent, a), root(parent, b));
    parent[a.max(b) as usize] = a.min(b);
}

#[cfg(test)]
mod tests {
    use super::Islands;

    #[test]
    fn numbers_islands_by_their_first_bus() {
        let edges = [(5, 1), (1, 3), (0, 2), (2, 4), (4, 0)];
        let mut islands = Islands::default();
        islands.find(&[true; 6], &edges, &[true; 5]);
        assert_eq!(islands.of_bus, [0, 1, 0, 1, 0, 1]);
        assert_eq!((islands.count, &islands.first_bus[..]), (2, &[0, 1][..]));
        // A dead bus takes its edges along; a dead edge of a ring does no harm.
        let up = [true, false, true, true, true, true];
        islands.find(&up, &edges, &[true, true, true, false, true]);
        assert_eq!(islands.of_bus, [0, u32::MAX, 0, 1, 0, 2]);
        islands.find(&[], &[], &[]);
        assert_eq!(islands.count, 0);
    }
}
