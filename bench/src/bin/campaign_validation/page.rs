//! The page: anchors beside what the draws came to.

use std::fmt::Write as _;
use std::path::Path;

use super::anchors;
use super::course::{Course, after, band, e_folding_days, quantile};
use super::plot::Plot;
use super::winters;

/// Fewest cases that a band is drawn from.
const FEWEST: usize = 8;
/// An attack counts where it takes heat or load from at least this share.
const LEAST_HEAT: f64 = 0.05;
const LEAST_DEFICIT: f64 = 0.05;

const HEAD: &str = "\
# Does it resemble what happened?

Regenerate with `cargo run --release -p blackstart-bench --bin campaign_validation`. The fictional
region of a million people under campaigns drawn from public counts, beside public aggregates of
what happened. The region is no real place and is not fitted to one; what can be compared is the
size of effects and their course in time, not places or dates.

";

const WHY: &str = "\
## Where it does not fit, and why

- **Heat returns more slowly than in the city that was reported on.** There a large part of the
  buildings lost heat because pumps and boilers had no electricity for a day or two, while the
  plants were whole; the grid of a whole country stood behind it. Our region is an island but for
  its ties: when a power plant or a transformer of its own is destroyed, its people share what is
  left for weeks, and an attack adds to what earlier ones left. The share that returns within days is what
  was lost to outages and to small damage.
- **Deficits do not fall from day to day as the national one did**, for the same reason: a
  country brings plants back that were switched off by the fault, not hit. Protection and black
  starts are not part of a default run.
- **Drones**: 0.06 reported hit locations for each drone launched since mid 2025 would be more
  hits than what the share neutralised leaves; we take the share.
- The campaign comes with the region's share of a country's hits. One share for all winters is a
  strong simplification: in each winter other regions were struck most.
";

struct Row {
    what: &'static str,
    reported: String,
    values: Vec<f64>,
    /// The reported value or its ends.
    range: (f64, f64),
    percent: bool,
    used: &'static str,
}

pub fn page(found: &[Vec<Course>], draws: u32, plots: &Path) -> Result<String, std::io::Error> {
    let [winter, autumn, summer] = found else {
        return Err(std::io::Error::other("a campaign is missing"));
    };
    let heat = after(winter, |c| &c.without_heat, LEAST_HEAT, 11 * 24);
    let heat_band = band(&heat, FEWEST);
    let deficit = after(autumn, |c| &c.deficit, LEAST_DEFICIT, 6 * 24);
    let deficit_band = band(&deficit, FEWEST);
    let share = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        points.iter().map(|(day, n)| (*day, n / points[0].1)).collect()
    };
    let svg = Plot {
        title: "People without heat after a massive attack, against the worst hour",
        band: &heat_band,
        points: &[
            ("reported, 9 January 2026", share(&anchors::HEAT_FIRST)),
            ("reported, 20 January 2026", share(&anchors::HEAT_SECOND)),
        ],
    };
    std::fs::write(plots.join("campaign-heat.svg"), svg.svg())?;
    let hours = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        points.iter().map(|(h, s)| ((h - points[0].0) / 24.0, s / points[0].1)).collect()
    };
    let svg = Plot {
        title: "Deficit of electricity after a massive attack, against the worst hour",
        band: &deficit_band,
        points: &[("reported, 24 to 28 November 2022", hours(&anchors::DEFICIT))],
    };
    std::fs::write(plots.join("campaign-deficit.svg"), svg.svg())?;

    let mut page = HEAD.to_owned();
    let _ = writeln!(
        page,
        "{draws} draws of three campaigns: the winter 2025-26 (90 days from December, counts of that \
         winter, mean −5 °C), the autumn of 2022 (70 days from 10 October, counts of that winter, 3 \
         °C) and the spring and summer of 2024 (165 days, a massive day every 12.5 days in the \
         median, so nine waves, 14 °C). Everything else is the default of a scenario.\n\n\
         **Fitted**: `share_on_region = {}`, one value for all three, to the share of thermal capacity \
         that was out in June 2024 and to nothing else. By its share of people the region would get \
         0.031. **For checking only**: the course of heat after an attack and its peak, the national \
         deficit, outage hours a day.\n",
        winters::SHARE_ON_REGION
    );
    table(&mut page, winter, summer, &heat, &deficit);
    let _ = writeln!(
        page,
        "\n## Heat after an attack\n\n![Share of people still without heat, by day, with reported \
         points](../images/campaign-heat.svg)\n\n{} attacks that took heat from at least {:.0} % of \
         people, until the next massive attack. E-folding of our middle course over five days: {}; \
         reported: {:.1} to {:.1} days after the first attack, about 3 after the repeat.\n",
        heat.len(),
        LEAST_HEAT * 100.0,
        days(e_folding_days(&heat_band, 5.0)),
        anchors::E_FOLDING_DAYS[0].0,
        anchors::E_FOLDING_DAYS[0].1
    );
    points(&mut page, "first attack", &heat_band, &share(&anchors::HEAT_FIRST));
    points(&mut page, "second attack", &heat_band, &share(&anchors::HEAT_SECOND));
    let _ = writeln!(
        page,
        "\n## Deficit after an attack\n\n![Share of the deficit that is left, by day, with reported \
         points](../images/campaign-deficit.svg)\n\n{} attacks that took at least {:.0} % of load.\n",
        deficit.len(),
        LEAST_DEFICIT * 100.0
    );
    points(&mut page, "November 2022", &deficit_band, &hours(&anchors::DEFICIT));
    page.push('\n');
    page.push_str(WHY);
    Ok(page)
}

fn days(days: f64) -> String {
    if days.is_finite() && days > 0.0 { format!("{days:.1} days") } else { "none".to_owned() }
}

/// Reported points beside our quantiles at the same time.
fn points(page: &mut String, name: &str, band: &[[f64; 3]], points: &[(f64, f64)]) {
    let _ = writeln!(
        page,
        "\n| {name}: days | reported | ours P10 | P50 | P90 | |\n|---|---|---|---|---|---|"
    );
    for (day, share) in points.iter().skip(1) {
        let hour = (day * 24.0).round() as usize;
        let _ = match band.get(hour) {
            Some([low, middle, high]) => writeln!(
                page,
                "| {day:.1} | {share:.2} | {low:.2} | {middle:.2} | {high:.2} | {} |",
                verdict(*share, *share, *low, *high)
            ),
            None => writeln!(page, "| {day:.1} | {share:.2} | | | | too few cases so long |"),
        };
    }
}

fn verdict(low: f64, high: f64, p10: f64, p90: f64) -> String {
    if high < p10 {
        format!("below ours by {:.2}", p10 - high)
    } else if low > p90 {
        format!("above ours by {:.2}", low - p90)
    } else {
        "inside".to_owned()
    }
}

fn table(
    page: &mut String,
    winter: &[Course],
    summer: &[Course],
    heat: &[Vec<f64>],
    deficit: &[Vec<f64>],
) {
    let most = |column: &[f64]| column.iter().copied().fold(0.0, f64::max);
    let worst_week = |c: &Course| {
        let weeks = c.without_electricity.chunks_exact(168);
        weeks.map(|w| 24.0 * w.iter().sum::<f64>() / 168.0).fold(0.0, f64::max)
    };
    // June: about ninety days after the first wave.
    let june = |c: &Course| c.plants_out.get(90 * 24).copied().unwrap_or(f64::NAN);
    let left = |cases: &[Vec<f64>], hour: usize| -> Vec<f64> {
        cases.iter().filter_map(|c| c.get(hour).copied()).collect()
    };
    let stock = anchors::HEAT_FIRST[0].1 / anchors::HEATED_BUILDINGS;
    let second = anchors::HEAT_SECOND[0].1 / anchors::HEATED_BUILDINGS;
    let rows = [
        Row {
            what: "thermal capacity out in June after the waves since March 2024",
            reported: "73 % of units".to_owned(),
            values: summer.iter().map(june).collect(),
            range: (anchors::UNITS_OUT, anchors::UNITS_OUT),
            percent: true,
            used: "fitted to",
        },
        Row {
            what: "people without heat in the worst hour of the winter 2025-26",
            reported: "46 to 49 % of buildings, one city, twice".to_owned(),
            values: winter.iter().map(|c| most(&c.without_heat)).collect(),
            range: (second, stock),
            percent: true,
            used: "check",
        },
        Row {
            what: "of those, still without after 3.25 days",
            reported: "0.13 after the first attack, 0.34 after the second".to_owned(),
            values: left(heat, 78),
            range: (0.13, 0.34),
            percent: false,
            used: "check",
        },
        Row {
            what: "outage hours a day in the worst week of the winter 2025-26",
            reported: "12 to 16; worst places 15 to 20".to_owned(),
            values: winter.iter().map(worst_week).collect(),
            range: anchors::OUTAGE_H_PER_DAY,
            percent: false,
            used: "check",
        },
        Row {
            what: "deficit left 62 h after the worst (autumn 2022)",
            reported: "0.4 of 50 %".to_owned(),
            values: left(deficit, 62),
            range: (0.4, 0.4),
            percent: false,
            used: "check",
        },
    ];
    page.push_str(
        "| | reported | ours P10 | P50 | P90 | | used |\n|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let [p10, p50, p90] = [0.1, 0.5, 0.9].map(|p| quantile(&row.values, p));
        let words = |v: f64| match (v.is_finite(), row.percent) {
            (false, _) => "no case".to_owned(),
            (true, true) => format!("{:.0} %", v * 100.0),
            (true, false) => format!("{v:.2}"),
        };
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.what,
            row.reported,
            words(p10),
            words(p50),
            words(p90),
            if p10.is_finite() {
                verdict(row.range.0, row.range.1, p10, p90)
            } else {
                String::new()
            },
            row.used
        );
    }
}
