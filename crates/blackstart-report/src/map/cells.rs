//! Areas as circles sized by people that share a straight border where they meet: the
//! power diagram of the circles (Aurenhammer 1987), cut by each circle.

use std::f64::consts::TAU;

/// A circle on the map, px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Circle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) r: f64,
}

/// The outline of every circle's cell. A circle that its neighbours swallow keeps a
/// small disc of its own.
pub(super) fn cells(circles: &[Circle]) -> Vec<Vec<(f64, f64)>> {
    let largest = circles.iter().map(|c| c.r).fold(0.0, f64::max);
    // Sorted by x, neighbours are found by walking outwards.
    let mut order: Vec<usize> = (0..circles.len()).collect();
    order.sort_by(|&a, &b| circles[a].x.total_cmp(&circles[b].x).then(a.cmp(&b)));
    let mut outlines = vec![Vec::new(); circles.len()];
    for (place, &i) in order.iter().enumerate() {
        let c = circles[i];
        let reach = c.r + largest;
        let mut outline = disc(c);
        let left = order[..place].iter().rev().take_while(|&&j| c.x - circles[j].x < reach);
        let right = order[place + 1..].iter().take_while(|&&j| circles[j].x - c.x < reach);
        for &j in left.chain(right) {
            let other = circles[j];
            let (dx, dy) = (other.x - c.x, other.y - c.y);
            let d2 = dx * dx + dy * dy;
            if d2 >= (c.r + other.r) * (c.r + other.r) || d2 < 1e-9 {
                continue;
            }
            // Points nearer (in power) to `c`: (p − c)·d ≤ (d² + r² − s²)/2.
            let limit = (d2 + c.r * c.r - other.r * other.r) / 2.0;
            outline = clip(&outline, |p| limit - ((p.0 - c.x) * dx + (p.1 - c.y) * dy));
            if outline.is_empty() {
                break;
            }
        }
        if outline.len() < 3 {
            outline = disc(Circle { r: (c.r * 0.4).max(1.5), ..c });
        }
        outlines[i] = outline;
    }
    outlines
}

fn disc(c: Circle) -> Vec<(f64, f64)> {
    let n = if c.r < 6.0 {
        10
    } else if c.r < 20.0 {
        18
    } else {
        32
    };
    (0..n)
        .map(|k| {
            let (sin, cos) = (TAU * k as f64 / n as f64).sin_cos();
            (c.x + c.r * cos, c.y + c.r * sin)
        })
        .collect()
}

/// The part of a convex polygon where `side` is not negative (Sutherland–Hodgman).
fn clip(polygon: &[(f64, f64)], side: impl Fn((f64, f64)) -> f64) -> Vec<(f64, f64)> {
    let mut out = Vec::with_capacity(polygon.len() + 1);
    for (i, &p) in polygon.iter().enumerate() {
        let q = polygon[(i + 1) % polygon.len()];
        let (a, b) = (side(p), side(q));
        if a >= 0.0 {
            out.push(p);
        }
        if (a >= 0.0) != (b >= 0.0) {
            let u = a / (a - b);
            out.push((p.0 + u * (q.0 - p.0), p.1 + u * (q.1 - p.1)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(p: &[(f64, f64)]) -> f64 {
        (0..p.len())
            .map(|i| {
                let (a, b) = (p[i], p[(i + 1) % p.len()]);
                (a.0 * b.1 - b.0 * a.1) / 2.0
            })
            .sum::<f64>()
            .abs()
    }

    #[test]
    fn two_equal_circles_meet_in_the_middle() {
        let c = [Circle { x: 0.0, y: 0.0, r: 30.0 }, Circle { x: 30.0, y: 0.0, r: 30.0 }];
        let cells = cells(&c);
        assert!(cells[0].iter().all(|p| p.0 <= 15.0 + 1e-9));
        assert!(cells[1].iter().all(|p| p.0 >= 15.0 - 1e-9));
        assert!((area(&cells[0]) - area(&cells[1])).abs() / area(&cells[0]) < 0.01);
    }

    #[test]
    fn circles_apart_stay_whole_and_swallowed_ones_stay_visible() {
        let c = [
            Circle { x: 0.0, y: 0.0, r: 30.0 },
            Circle { x: 100.0, y: 0.0, r: 10.0 },
            Circle { x: 3.0, y: 0.0, r: 4.0 },
        ];
        let cells = cells(&c);
        assert_eq!(cells[1].len(), 18);
        assert!(cells[2].len() >= 3 && area(&cells[2]) > 1.0);
    }
}
