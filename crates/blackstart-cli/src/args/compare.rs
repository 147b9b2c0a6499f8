//! `compare` and `merge`.

use std::path::PathBuf;

use blackstart::ensemble::Quantity;
use clap::Args;

use super::Given;

/// What is compared, how surely, and where it goes.
#[derive(Debug, Args)]
pub struct Compare {
    #[command(flatten)]
    pub given: Given,
    /// Number of draws; with --until-half-width the most [default: 100, or 10000 with it]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub draws: Option<u32>,
    /// Draw until the 95 % interval of every policy's mean difference is at most this share of
    /// it, up or down: 5% or 0.05. Differences under 1 % of the scenario as it is count as 1 %.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub until_half_width: Option<f64>,
    /// What that is asked of.
    #[arg(long, value_name = "QUANTITY", requires = "until_half_width", default_value = Quantity::WithoutHeat.word(), value_parser = clap::builder::PossibleValuesParser::new(Quantity::ALL.map(Quantity::word)))]
    pub of: String,
    /// Compute only part i of n of the draws, to be joined by `merge`.
    #[arg(long, value_name = "i/n", value_parser = shard, conflicts_with = "until_half_width")]
    pub shard: Option<Shard>,
    /// Go on with the draws that are in the folder.
    #[arg(long)]
    pub resume: bool,
    /// Folder for draws and results; one of our own is replaced, a foreign one is left alone.
    #[arg(short, long, default_value = "out")]
    pub output: PathBuf,
}

/// Parts to join.
#[derive(Debug, Args)]
pub struct Merge {
    #[command(flatten)]
    pub given: Given,
    /// Folders that `compare --shard` wrote.
    #[arg(required = true)]
    pub parts: Vec<PathBuf>,
    /// Folder for the results; one of our own is replaced, a foreign one is left alone.
    #[arg(short, long, default_value = "out")]
    pub output: PathBuf,
}

/// Part `index` of `count`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    pub index: u32,
    pub count: u32,
}

impl Shard {
    /// Whether a draw is in this part: draws are dealt out like cards.
    pub fn holds(self, draw: u32) -> bool {
        draw % self.count == self.index - 1
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match parts {
        Some((index, count)) if (1..=count).contains(&index) => Ok(Shard { index, count }),
        _ => Err("write it as i/n with i from 1 to n, for example 2/8".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|p| p / 100.0),
        None => text.parse::<f64>(),
    };
    match share {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("write a share between 0 and 1, for example 5% or 0.05".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_deal_out_every_draw_once() {
        let parts: Vec<Shard> = ["1/3", "2/3", "3/3"].map(|text| shard(text).unwrap()).to_vec();
        for draw in 0..30 {
            assert_eq!(parts.iter().filter(|p| p.holds(draw)).count(), 1);
        }
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_are_read_with_and_without_percent() {
        assert_eq!(share("5%"), Ok(0.05));
        assert_eq!(share("0.05"), Ok(0.05));
        for wrong in ["5", "0", "-1%", "x", "nan"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }
}
