//! The unchecked loops beside the same code with checks, and both beside dense elimination.

use proptest::prelude::*;

use super::{Block, BlockGraph, BlockLu, Rows, Tape, dispatch};
use crate::math::dense;
use crate::math::lanes::{Lanes, Spread, Wide};

/// A matrix by node and edge with right-hand sides by node.
#[derive(Clone, Debug)]
struct Matrix {
    n: usize,
    edges: Vec<(u32, u32)>,
    diagonal: Vec<[f64; 4]>,
    off: Vec<[[f64; 4]; 2]>,
    rhs: Vec<[f64; 2]>,
}

/// The same matrix in all lanes, scaled by lane: `x` of lane k is `x / (k + 1)`.
struct Source<'a, V> {
    of: &'a Matrix,
    /// Blocks by matrix entry, parallel edges added.
    entries: Vec<[f64; 4]>,
    scale: V,
}

impl<'a, V: Lanes> Source<'a, V> {
    fn new(of: &'a Matrix, graph: &BlockGraph) -> Self {
        let mut entries = vec![[0.0; 4]; graph.entries()];
        for (e, blocks) in of.off.iter().enumerate() {
            for (entry, block) in graph.of_edge(e).into_iter().flatten().zip(blocks) {
                for c in 0..4 {
                    entries[entry][c] += block[c];
                }
            }
        }
        let mut scale = V::splat(1.0);
        for k in 0..V::N {
            scale.set(k, (k + 1) as f64);
        }
        Self { of, entries, scale }
    }
}

struct FactorAlone<'a>(&'a mut BlockLu<Wide<8>, 0>, &'a BlockGraph, Source<'a, Wide<8>>);
impl super::Kernel for FactorAlone<'_> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        self.0.factor_in::<FMA>(self.1, &mut self.2);
    }
}

impl<V: Lanes> Rows<V, 0> for Source<'_, V> {
    #[inline(always)]
    fn fill<const FMA: bool>(
        &mut self,
        g: &BlockGraph,
        i: usize,
        w: &mut [Block<V>],
    ) -> [[V; 2]; 0] {
        let _: [[V; 2]; 1] = self.fill::<FMA>(g, i, w);
        []
    }
}

impl<V: Lanes, const R: usize> BlockLu<V, R> {
    /// Solutions for right-hand sides `b`, by position, where checked and unchecked code
    /// agree.
    pub(in super::super) fn solved<W: Lanes + PartialEq>(
        &self,
        g: &BlockGraph,
        b: &[[W; 2]],
    ) -> Vec<[W; 2]>
    where
        V: Spread<W>,
    {
        struct Run<'a, V, W, const R: usize, const CHECKED: bool>(
            &'a BlockLu<V, R>,
            &'a BlockGraph,
            &'a mut [[W; 2]],
        );
        impl<V: Spread<W>, W: Lanes, const R: usize, const CHECKED: bool> super::Kernel
            for Run<'_, V, W, R, CHECKED>
        {
            type Output = ();
            #[inline(always)]
            fn run<const FMA: bool>(self) {
                self.0.substitute::<W, FMA, CHECKED>(self.1, self.2);
            }
        }
        let (mut x, mut checked) = (b.to_vec(), b.to_vec());
        dispatch(Run::<V, W, R, false>(self, g, &mut x));
        dispatch(Run::<V, W, R, true>(self, g, &mut checked));
        assert_eq!(x, checked);
        x
    }
}

impl<V: Lanes> Rows<V, 1> for Source<'_, V> {
    #[inline(always)]
    fn fill<const FMA: bool>(
        &mut self,
        g: &BlockGraph,
        i: usize,
        w: &mut [Block<V>],
    ) -> [[V; 2]; 1] {
        let v = g.node()[i] as usize;
        let wide = |b: [f64; 4]| Block(b.map(|b| V::splat(b).mul(self.scale)));
        let (first, row) = g.row(i);
        for (e, &(_, slot)) in row.iter().enumerate() {
            w[slot as usize] = wide(self.entries[first + e]);
        }
        w[g.diagonal(i)] = wide(self.of.diagonal[v]);
        [self.of.rhs[v].map(V::splat)]
    }
}

/// Unsymmetric, diagonally dominant by blocks.
fn matrix() -> impl Strategy<Value = Matrix> {
    (1usize..24)
        .prop_flat_map(|n| {
            let end = 0..n as u32;
            let block = || prop::array::uniform4(-1.0f64..1.0);
            let edge = ((end.clone(), end), (block(), block()));
            let edges = prop::collection::vec(edge, 0..3 * n);
            let diagonal = prop::collection::vec(block(), n);
            let rhs = prop::collection::vec(prop::array::uniform2(-5.0f64..5.0), n);
            (Just(n), edges, diagonal, rhs)
        })
        .prop_map(|(n, edges, mut diagonal, rhs)| {
            let mut size = vec![1.0; n];
            for &((a, b), _) in &edges {
                size[a as usize] += 2.0;
                size[b as usize] += 2.0;
            }
            for (d, s) in diagonal.iter_mut().zip(size) {
                d[0] += 2.0 * s;
                d[3] -= 2.0 * s;
            }
            let (edges, off) = edges.into_iter().map(|(e, (a, b))| (e, [a, b])).unzip();
            Matrix { n, edges, diagonal, off, rhs }
        })
}

fn dense_solution(m: &Matrix) -> Vec<f64> {
    let n = 2 * m.n;
    let mut a = vec![0.0; n * n];
    let mut add = |i: usize, j: usize, b: [f64; 4]| {
        for c in 0..4 {
            a[(2 * i + c / 2) * n + 2 * j + c % 2] += b[c];
        }
    };
    for (i, d) in m.diagonal.iter().enumerate() {
        add(i, i, *d);
    }
    for (&(f, t), off) in m.edges.iter().zip(&m.off).filter(|((f, t), _)| f != t) {
        add(f as usize, t as usize, off[0]);
        add(t as usize, f as usize, off[1]);
    }
    dense::solve(a, m.rhs.iter().flatten().copied().collect())
}

fn eliminate<V: Lanes>(m: &Matrix, g: &BlockGraph) -> BlockLu<V, 1> {
    let mut lu = BlockLu::new(g, false);
    lu.eliminate(g, &mut Source::new(m, g));
    lu
}

proptest! {
    #[test]
    fn solves_and_all_forms_agree(m in matrix()) {
        let g = BlockGraph::new(m.n, &m.edges);
        let lu = eliminate::<f64>(&m, &g);
        prop_assert!(lu.weakest() > 1e-6);
        let expected = dense_solution(&m);
        for (x, &v) in lu.x().iter().zip(g.node()) {
            for c in 0..2 {
                let want = expected[2 * v as usize + c];
                prop_assert!((x[0][c] - want).abs() < 1e-9 * (1.0 + want.abs()));
            }
        }
        // A lane gives the bytes that one number gives; a power of two scales exactly.
        let four = eliminate::<Wide<4>>(&m, &g);
        let eight = eliminate::<Wide<8>>(&m, &g);
        for (x, (four, eight)) in lu.x().iter().zip(four.x().iter().zip(eight.x())) {
            for c in 0..2 {
                prop_assert_eq!(x[0][c], four[0][c].0[0]);
                prop_assert_eq!(x[0][c], eight[0][c].0[0]);
                prop_assert_eq!(x[0][c] / 4.0, eight[0][c].0[3]);
            }
        }
        // The checked form runs the same operations.
        struct Checked<'a>(&'a mut BlockLu<f64, 1>, &'a BlockGraph, Source<'a, f64>);
        impl super::Kernel for Checked<'_> {
            type Output = ();
            #[inline(always)]
            fn run<const FMA: bool>(mut self) {
                let Tape::Short(tape) = &self.1.tape else { panic!("a small graph") };
                let long: Vec<u32> = tape.iter().map(|t| u32::from(*t)).collect();
                self.0.forward::<FMA, true, true, _, 1>(self.1, &long, &mut self.2);
                self.0.backward::<FMA, true>(self.1);
            }
        }
        let mut kept = BlockLu::new(&g, true);
        dispatch(Checked(&mut kept, &g, Source::new(&m, &g)));
        prop_assert_eq!(kept.x(), lu.x());
        // The kept factors give the same solution again, and other ones.
        let b: Vec<_> = g.node().iter().map(|&v| m.rhs[v as usize].map(|b| 3.0 * b)).collect();
        let again = kept.solved(&g, &b);
        for (a, b) in again.iter().zip(lu.x()) {
            for c in 0..2 {
                prop_assert!((a[c] - 3.0 * b[0][c]).abs() < 1e-9 * (1.0 + b[0][c].abs()));
            }
        }
        let b: Vec<_> = g.node().iter().map(|&v| m.rhs[v as usize]).collect();
        let again = kept.solved(&g, &b);
        prop_assert!(again.iter().zip(lu.x()).all(|(a, b)| *a == b[0]));
        // So do factors without right-hand sides, in lanes, and one factor for all lanes.
        let mut eight = BlockLu::<Wide<8>, 0>::new(&g, true);
        dispatch(FactorAlone(&mut eight, &g, Source::new(&m, &g)));
        let wide: Vec<_> = b.iter().map(|b| b.map(Wide::<8>::splat)).collect();
        let (own, shared) = (eight.solved(&g, &wide), kept.solved(&g, &wide));
        for (a, (own, shared)) in again.iter().zip(own.iter().zip(&shared)) {
            for c in 0..2 {
                prop_assert_eq!(a[c], own[c].0[0]);
                prop_assert_eq!(a[c] / 4.0, own[c].0[3]);
                prop_assert_eq!([a[c]; 8], shared[c].0);
            }
        }
    }
}

#[test]
fn a_zero_pivot_is_seen_and_stays_finite() {
    let m = Matrix {
        n: 2,
        edges: vec![(0, 1)],
        diagonal: vec![[1.0, 2.0, 2.0, 4.0], [1.0, 0.0, 0.0, 1.0]],
        off: vec![[[0.0; 4]; 2]],
        rhs: vec![[1.0, 1.0], [3.0, 4.0]],
    };
    let g = BlockGraph::new(2, &m.edges);
    let lu = eliminate::<f64>(&m, &g);
    assert_eq!(lu.weakest(), 0.0);
    assert_eq!(lu.x()[g.position()[0] as usize][0], [0.0, 0.0]);
    assert_eq!(lu.x()[g.position()[1] as usize][0], [3.0, 4.0]);
}

#[test]
fn a_hub_of_many_branches_takes_the_long_tape() {
    let n = 70_000usize;
    let edges: Vec<(u32, u32)> = (1..n as u32).map(|v| (0, v)).collect();
    let m = Matrix {
        n,
        diagonal: vec![[2.0, 0.0, 0.0, 2.0]; n],
        off: vec![[[1e-5, 0.0, 0.0, 1e-5]; 2]; n - 1],
        rhs: vec![[1.0, 2.0]; n],
        edges,
    };
    let g = BlockGraph::new(n, &m.edges);
    assert!(matches!(g.tape, Tape::Long(_)));
    let lu = eliminate::<f64>(&m, &g);
    // Hub: 2 h + 1e-5 Σ leaf = 1, leaf: 2 l + 1e-5 h = 1.
    let leaves = (n - 1) as f64;
    let hub = (1.0 - 1e-5 * leaves / 2.0) / (2.0 - 1e-10 * leaves / 2.0);
    assert!((lu.x()[g.position()[0] as usize][0][0] - hub).abs() < 1e-10);
}
