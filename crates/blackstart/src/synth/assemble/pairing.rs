//! People who share a bus and a junction.

/// Divides one city's people over pairs of bus and junction so that both the shares of
/// buses and the shares of junctions hold exactly: both are lined up along the same
/// axis and laid over each other (the north-west corner rule of transport problems).
/// `buses` and `junctions` are shares that each sum to 1, in the order of the axis.
/// Gives (bus, junction, share) with shares > 0.
pub(super) fn overlay(buses: &[f64], junctions: &[f64]) -> Vec<(usize, usize, f64)> {
    let mut out = Vec::new();
    let (mut b, mut j) = (0, 0);
    let mut left_b = buses.first().copied().unwrap_or(0.0);
    let mut left_j = junctions.first().copied().unwrap_or(0.0);
    while b < buses.len() && j < junctions.len() {
        let share = left_b.min(left_j);
        // Shares below a billionth are rounding, not people.
        if share > 1e-9 {
            out.push((b, j, share));
        }
        left_b -= share;
        left_j -= share;
        if left_b <= left_j && left_b <= 1e-12 {
            b += 1;
            left_b = buses.get(b).copied().unwrap_or(0.0);
        } else {
            j += 1;
            left_j = junctions.get(j).copied().unwrap_or(0.0);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_margins_hold() {
        let buses = [0.5, 0.2, 0.3];
        let junctions = [0.1, 0.15, 0.05, 0.4, 0.3];
        let pairs = overlay(&buses, &junctions);
        assert!(pairs.len() < buses.len() + junctions.len());
        for (b, want) in buses.iter().enumerate() {
            let sum: f64 = pairs.iter().filter(|p| p.0 == b).map(|p| p.2).sum();
            assert!((sum - want).abs() < 1e-9);
        }
        for (j, want) in junctions.iter().enumerate() {
            let sum: f64 = pairs.iter().filter(|p| p.1 == j).map(|p| p.2).sum();
            assert!((sum - want).abs() < 1e-9);
        }
    }
}
