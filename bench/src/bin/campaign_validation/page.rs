use super::course::{Course, quantile};
use std::path::Path;
pub fn page(found: &[Vec<Course>], _draws: u32, _plots: &Path) -> Result<String, std::io::Error> {
    for (w, courses) in found.iter().enumerate() {
        println!("winter {w}");
        let stat = |name: &str, values: Vec<f64>| {
            println!(
                "  {name}: p10 {:.3} p50 {:.3} p90 {:.3} n {}",
                quantile(&values, 0.1),
                quantile(&values, 0.5),
                quantile(&values, 0.9),
                values.len()
            );
        };
        stat("attacks", courses.iter().map(|c| c.attacks.len() as f64).collect());
        stat(
            "mean without heat",
            courses
                .iter()
                .map(|c| c.without_heat.iter().sum::<f64>() / c.without_heat.len() as f64)
                .collect(),
        );
        stat(
            "max without heat",
            courses.iter().map(|c| c.without_heat.iter().copied().fold(0.0, f64::max)).collect(),
        );
        stat(
            "max deficit",
            courses.iter().map(|c| c.deficit.iter().copied().fold(0.0, f64::max)).collect(),
        );
        stat(
            "end plants out",
            courses.iter().map(|c| c.plants_out.last().copied().unwrap_or(0.0)).collect(),
        );
        stat(
            "worst week h/day",
            courses
                .iter()
                .map(|c| {
                    c.without_electricity
                        .chunks(168)
                        .map(|w| w.iter().sum::<f64>() / w.len() as f64 * 24.0)
                        .fold(0.0, f64::max)
                })
                .collect(),
        );
        let mut rises = Vec::new();
        for c in courses {
            for &at in &c.attacks {
                let t = at as usize;
                let before = c.without_heat[t.saturating_sub(1)];
                let peak = c.without_heat[t..(t + 24).min(c.without_heat.len())]
                    .iter()
                    .copied()
                    .fold(0.0, f64::max);
                rises.push(peak - before);
            }
        }
        stat("rise of heat after attack", rises);
    }
    Ok(String::new())
}
