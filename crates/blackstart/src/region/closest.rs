//! "Did you mean …?"

use strsim::osa_distance;

/// The candidate that `wanted` most likely is a slip of, or none if nothing comes near.
///
/// At most a third of the characters (at least one) may differ, letter case aside; of
/// equally near candidates the first is taken. Distance: optimal string alignment.
#[must_use]
pub fn closest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.trim().to_lowercase();
    let length = wanted.chars().count();
    let allowed = (length / 3).max(1);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        // Bytes bound characters within a factor of four: a cheap way to skip most.
        if candidate.len() > 4 * (length + allowed) || candidate.is_empty() {
            continue;
        }
        let lower = candidate.to_lowercase();
        if lower.chars().count().abs_diff(length) > allowed {
            continue;
        }
        let distance = osa_distance(&wanted, &lower);
        // One wrong letter of two makes another word, not a slip.
        if distance <= allowed
            && 2 * distance < length.max(1)
            && best.is_none_or(|(d, _)| distance < d)
        {
            best = Some((distance, candidate));
        }
        if distance == 0 {
            break;
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_slips_and_nothing_else() {
        let ids = ["B1043", "B1044", "hospital", "9"];
        assert_eq!(closest("B1034", ids), Some("B1043"));
        assert_eq!(closest("b1044", ids), Some("B1044"));
        assert_eq!(closest("hosptial", ids), Some("hospital"));
        assert_eq!(closest("water", ids), None);
        assert_eq!(closest("8", ids), None);
        assert_eq!(closest("", ids), None);
    }
}
