//! The campaigns that are run: which winter's counts, when, in what weather.

use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::path::Path;

use blackstart::region::Region;
use blackstart::scenario::Scenario;

/// A campaign on the region.
#[derive(Clone, Copy)]
pub struct Winter {
    pub title: &'static str,
    start: &'static str,
    days: usize,
    campaign: &'static str,
    /// Mean outdoor temperature, and how far it swings in a year's course, °C.
    mean_c: f64,
    swing_c: f64,
}

/// Share of what gets through that falls on this region: fitted, see the page.
pub const SHARE_ON_REGION: f64 = 0.10;

pub const ALL: [Winter; 3] = [
    Winter {
        title: "winter 2025-26",
        start: "2025-12-01T00:00:00",
        days: 90,
        campaign: "season = \"2025-26\"\n",
        mean_c: -5.0,
        swing_c: 5.0,
    },
    Winter {
        title: "autumn 2022",
        start: "2022-10-10T00:00:00",
        days: 70,
        campaign: "season = \"2022-23\"\n",
        mean_c: 3.0,
        swing_c: 4.0,
    },
    Winter {
        title: "spring and summer 2024",
        start: "2024-03-20T00:00:00",
        days: 165,
        // Nine waves from 22 March to 31 August; launches a day from April to October.
        campaign: "season = \"2023-24\"\ngap_median_days = 12.5\nmissiles_per_day = 1.5\n\
                   drones_per_day = 25\nmassive_missiles_median = 60\nmassive_missiles_p90 = 90\n",
        mean_c: 14.0,
        swing_c: 6.0,
    },
];

impl Winter {
    /// The scenario: defaults throughout but for the campaign and the share on the region.
    pub fn scenario(&self, region: &Region) -> Result<Scenario, String> {
        let text = format!(
            "name = \"{}\"\nstart = {}\ndays = {}\nseed = 11\n[weather]\ncsv = \"weather.csv\"\n\
             [[campaign]]\nshare_on_region = {SHARE_ON_REGION}\n{}",
            self.title, self.start, self.days, self.campaign
        );
        let weather = self.weather();
        let files = [("weather.csv", weather.as_str())];
        let name = Path::new("campaign.toml");
        let read = blackstart_io::parse_embedded_scenario(&text, name, &files, region);
        read.scenario.ok_or_else(|| format!("{:?}", read.problems))
    }

    /// Fronts of a week and the course of a day around the mean; dates' weather is not
    /// what is compared.
    fn weather(&self) -> String {
        let mut csv = String::from("hour,outdoor_c\n");
        for hour in 0..self.days * 24 {
            let days = hour as f64 / 24.0;
            let front = self.swing_c * (TAU * days / 9.0).sin();
            let day = 2.5 * (TAU * (days - 14.0 / 24.0)).cos();
            let _ = writeln!(csv, "{hour},{:.2}", self.mean_c + front + day);
        }
        csv
    }
}
