//! Invented names. They are put together from syllables that no known place name
//! joins in this way, so that nobody takes a result for one about a real town.

use super::{Topic, stream};

const FIRST: [&str; 24] = [
    "Quor", "Vrel", "Zam", "Thrix", "Oxel", "Brum", "Kwel", "Yorv", "Drax", "Ulvi", "Snor", "Fjim",
    "Glaz", "Huxo", "Ivri", "Jund", "Lumb", "Moxi", "Nirv", "Plim", "Skev", "Twom", "Wexa", "Zhor",
];
const MIDDLE: [&str; 9] = ["a", "o", "i", "ela", "ari", "umo", "ive", "ona", "eri"];
const LAST: [&str; 12] = [
    "zine", "mund", "quist", "velle", "xby", "dorra", "thule", "brix", "nook", "varr", "lumpe",
    "zeck",
];

/// How many names there are.
const COUNT: usize = FIRST.len() * MIDDLE.len() * LAST.len();

/// A supply of distinct invented names.
pub(super) struct Names {
    start: usize,
    next: usize,
}

impl Names {
    pub(super) fn new(seed: u64) -> Self {
        let start = stream(seed, Topic::Names, 0).bits() as usize % COUNT;
        Self { start, next: 0 }
    }

    /// The next name; distinct for the first 2,592 calls, numbered after that.
    pub(super) fn next(&mut self) -> String {
        // 1009 shares no factor with COUNT, so the walk visits every name once.
        let k = (self.start + self.next * 1009) % COUNT;
        let round = self.next / COUNT;
        self.next += 1;
        let (first, rest) = (k % FIRST.len(), k / FIRST.len());
        let (middle, last) = (rest % MIDDLE.len(), rest / MIDDLE.len());
        let mut name = format!("{}{}{}", FIRST[first], MIDDLE[middle], LAST[last]);
        if round > 0 {
            name.push_str(&format!(" {}", round + 1));
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_distinct() {
        for seed in [0, 7, u64::MAX] {
            let mut names = Names::new(seed);
            let all: BTreeSet<String> = (0..2 * COUNT).map(|_| names.next()).collect();
            assert_eq!(all.len(), 2 * COUNT);
        }
    }
}
