//! The sections of the page.

use std::fmt::Write as _;
use std::path::Path;

use blackstart::heat::{
    Building, CELLAR_PIPE, Outside, ROOM_PIPE, Solution, StandingPipe, Step, Thermal, envelope,
};
use blackstart::region::BuildingType;
use blackstart::scenario::BuildingModel;

use crate::bestest::{CASES, Case, OUTAGE_HOURS, denver, extremes, outage as left_alone};

type Section = Result<String, Box<dyn std::error::Error>>;

fn inside((least, most): (f64, f64), found: f64) -> String {
    if found < least {
        format!("{:.2} K below", least - found)
    } else if found > most {
        format!("{:.2} K above", found - most)
    } else {
        "inside".to_owned()
    }
}

pub fn free_float() -> Section {
    let mut out = String::from(
        "## Free float, ASHRAE 140 (BESTEST)\n\n\
         A single room of 48 m² left alone for a year in Denver (TMY3, \
         `testdata/cases/bestest-denver`): least and largest hourly temperature, °C. *Programs*: \
         range of the detailed programs of ASHRAE 140-2020. *Modelica*: the five resistances of \
         the Modelica Buildings library with the same U-values and capacities, as published with \
         it. *Here*: five resistances, exact step. The five resistances have one capacity: in the \
         heavy case they follow the days a little too far, in the insulated light case they get \
         too cold at night, here as in Modelica.\n\n\
         | case | minimum: programs | Modelica | here | | maximum: programs | Modelica | here | | \
         Crank–Nicolson, min / max |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let weather = denver();
    for case in &CASES {
        let (low, high) = extremes(&case.free_float(Solution::Exact, &weather));
        let standard = extremes(&case.free_float(Solution::CrankNicolson, &weather));
        let [cold, hot] = case.published;
        writeln!(
            out,
            "| {} | {:.1} … {:.1} | {:.1} | {low:.2} | {} | {:.1} … {:.1} | {:.1} | {high:.2} | {} \
             | {:.2} / {:.2} |",
            case.name,
            cold.0,
            cold.1,
            case.modelica[0],
            inside(cold, low),
            hot.0,
            hot.1,
            case.modelica[1],
            inside(hot, high),
            standard.0,
            standard.1,
        )?;
    }
    Ok(out)
}

/// Rows of a peer's table: first cell, and numbers.
fn table(folder: &Path, name: &str) -> Result<Vec<(String, Vec<f64>)>, std::io::Error> {
    let text = std::fs::read_to_string(folder.join("homes").join(name))?;
    Ok(text
        .lines()
        .skip(1)
        .map(|line| {
            let first = line.split(',').next().unwrap_or_default().to_owned();
            (first, line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect())
        })
        .collect())
}

pub fn annex_c(peers: &Path) -> Section {
    let mut out = String::from(
        "## ISO 13790, Annex C\n\n\
         `testdata/peers/homes.py` holds the hourly method written from the standard in plain \
         Python, with another sun, an even sky and Fresnel's glass. Its 2,880 random hours, free \
         and heated, are met to 1e-9 K and 1e-6 W (test `every_hour_is_that_of_annex_c`). Its \
         free-float years differ from ours by the sky, which is brighter around the sun here \
         (Perez):\n\n\
         | case | minimum: peer | here | maximum: peer | here | mean: peer | here |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let weather = denver();
    for (name, row) in table(peers, "free_float.csv")? {
        let Some(case) = CASES.iter().find(|c| c.name == name) else { continue };
        let air = case.free_float(Solution::CrankNicolson, &weather);
        let (low, high) = extremes(&air);
        #[expect(clippy::cast_precision_loss, reason = "hours of a year")]
        let mean = air.iter().sum::<f64>() / air.len() as f64;
        writeln!(
            out,
            "| {name} | {:.2} | {low:.2} | {:.2} | {high:.2} | {:.2} | {mean:.2} |",
            row[1], row[2], row[3]
        )?;
    }
    Ok(out)
}

/// EnergyPlus 25.2 with the standard's layers and simple glazing, as run once for this
/// comparison: °C after [`OUTAGE_HOURS`].
const ENERGYPLUS: [(&str, f64, [f64; 8]); 4] = [
    ("heavy", 0.0, [15.7, 13.5, 12.6, 11.0, 8.6, 5.4, 3.7, 2.2]),
    ("heavy", -10.0, [13.1, 10.5, 9.1, 6.7, 2.8, -2.1, -4.8, -7.2]),
    ("heavy", -20.0, [11.0, 7.7, 5.8, 2.4, -2.9, -9.6, -13.3, -16.5]),
    ("light", -10.0, [12.6, 6.0, 0.6, -4.8, -7.7, -8.3, -8.3, -8.3]),
];

fn cells(values: impl Iterator<Item = f64>) -> String {
    values.map(|v| format!(" {v:.1} |")).collect()
}

fn case_called(name: &str) -> Option<&'static Case> {
    CASES.iter().find(|c| c.name == if name == "heavy" { "900FF" } else { "600FF" })
}

pub fn outage(peers: &Path) -> Section {
    let mut out = String::from(
        "## Heating off at constant outdoor temperature\n\n\
         The heavy (900) and light (600) room of ASHRAE 140, held at 20 °C with 200 W of gains and \
         no sun, then left alone: mean air temperature of the hour that ends then, °C. EnergyPlus \
         25.2 resolves layers of walls (run once, its input is not kept here); *Annex C* is the peer above. Five \
         resistances are within 2 K of EnergyPlus in the first six hours and within 1 K later. Two \
         capacities (the default model, heated by radiators whose warmth is a third radiant, with \
         10 kJ/(m² K) of air and furniture) are warmer: by up to 5 K in the first hours and 2.6 K after \
         a day. The room has few inner surfaces against its outer walls (2.1 instead of 3.45 W/(m² K) \
         between air and surfaces), which the two capacities do not know of.\n\n",
    );
    write!(out, "| case | outdoors | |")?;
    for h in OUTAGE_HOURS {
        write!(out, " {h} h |")?;
    }
    writeln!(out, "\n|---|---|---|{}", "---|".repeat(OUTAGE_HOURS.len()))?;
    let annex = table(peers, "outage.csv")?;
    for (name, outdoor_c, energyplus) in ENERGYPLUS {
        let Some(case) = case_called(name) else { continue };
        let lead = format!("| {name} | {outdoor_c:.0} °C |");
        writeln!(out, "{lead} EnergyPlus |{}", cells(energyplus.into_iter()))?;
        let row = annex.iter().find(|(n, row)| n == name && row[1] == outdoor_c);
        if let Some((_, row)) = row {
            writeln!(out, "{lead} Annex C |{}", cells(row[2..].iter().copied()))?;
        }
        let five = left_alone(case, outdoor_c, Solution::Exact);
        writeln!(
            out,
            "{lead} five resistances |{}",
            cells(OUTAGE_HOURS.map(|h| five[h - 1]).into_iter())
        )?;
        let two = two_capacities(case, outdoor_c);
        writeln!(
            out,
            "{lead} two capacities |{}",
            cells(OUTAGE_HOURS.map(|h| two[h - 1]).into_iter())
        )?;
    }
    Ok(out)
}

fn two_capacities(case: &Case, outdoor_c: f64) -> Vec<f64> {
    let thermal = Thermal::of(&case.envelope(false), BuildingModel::TwoCapacities);
    let outside = still(outdoor_c);
    let step = Step::new(&thermal, &outside, 1.0);
    let mut x = Building::steady(&thermal, 20.0, &outside);
    (0..120)
        .map(|_| {
            let hour = step.advance(x, 0.0, 1.0);
            x = hour.end;
            hour.mean_air_c
        })
        .collect()
}

const fn still(outdoor_c: f64) -> Outside {
    Outside { outdoor_c, wind_m_s: 3.0, solar_windows_w_m2: 0.0, solar_walls_w_m2: 0.0 }
}

/// The norm of a published order on heat supply for buildings of an accumulation coefficient:
/// fall of the temperature in K/h at 0, −10, −20 and −30 °C outdoors.
const NORM: [(f64, [f64; 4]); 3] =
    [(20.0, [0.8, 1.4, 1.8, 2.4]), (40.0, [0.5, 0.8, 1.1, 1.5]), (60.0, [0.4, 0.6, 0.8, 1.0])];

pub fn time_constants() -> Section {
    let mut out = String::from(
        "## Time constants of the building types\n\n\
         Published beside them: accumulation coefficients of 20, 40 and 60 h for buildings that \
         lose heat fast, usually and slowly, with the fall of temperature that the operator must \
         reckon with (order 711 of the city of Tomsk; Soviet practice). *Fall*: mean over the \
         first twelve hours from 18 °C, without gains. The norm is meant for the coldest rooms \
         of a building; our types are the means of whole blocks.\n\n\
         | type | two capacities, h | five resistances, h | fall at −10 °C, K/h | at −20 °C, K/h |\n\
         |---|---|---|---|---|\n",
    );
    for building in BuildingType::ALL {
        let e = envelope(building);
        let tau = |model| Thermal::of(&e, model).time_constants_h(&still(-10.0)).0;
        let fall = |outdoor_c: f64| {
            let thermal = Thermal::of(&e, BuildingModel::TwoCapacities);
            let outside = still(outdoor_c);
            let x = Building::steady(&thermal, 18.0, &outside);
            let end = Step::new(&thermal, &outside, 12.0).advance(x, 0.0, 0.0).end.air_c;
            (18.0 - end) / 12.0
        };
        writeln!(
            out,
            "| {} | {:.0} | {:.0} | {:.2} | {:.2} |",
            building.word(),
            tau(BuildingModel::TwoCapacities),
            tau(BuildingModel::Iso13790),
            fall(-10.0),
            fall(-20.0)
        )?;
    }
    for (beta, falls) in NORM {
        writeln!(out, "| norm, {beta:.0} h | | | {:.2} | {:.2} |", falls[1], falls[2])?;
    }
    Ok(out)
}

pub fn pipes() -> Section {
    let mut out = String::from(
        "## Standing water in pipes\n\n\
         Hours from the end of circulation (45 °C, mains in the cellar) or of use (15 °C, risers \
         in rooms) to the first ice and to a share of ice of 0.15, for constant air around the \
         pipe. Reported beside it: at −20 °C outdoors water in heat points is at 0 °C after 6 to \
         8 h and lower parts of the heating begin to freeze after 12 to 18 h (January 2026); a \
         cellar half-way between rooms that cool from 20 °C and −20 °C outdoors is at −3 to −5 °C \
         by then.\n\n\
         | air around | main: first ice, h | 0.15 of ice, h | riser: first ice, h | 0.15 of ice, h |\n\
         |---|---|---|---|---|\n",
    );
    for around_c in [-1.0, -2.0, -5.0, -10.0, -20.0] {
        let hours = |pipe: &StandingPipe, from_c: f64, ice: f64| {
            pipe.hours_to_ice(from_c, around_c, ice).unwrap_or(f64::NAN)
        };
        writeln!(
            out,
            "| −{:.0} °C | {:.1} | {:.1} | {:.1} | {:.1} |",
            -around_c,
            hours(&CELLAR_PIPE, 45.0, 0.0),
            hours(&CELLAR_PIPE, 45.0, 0.15),
            hours(&ROOM_PIPE, 15.0, 0.0),
            hours(&ROOM_PIPE, 15.0, 0.15)
        )?;
    }
    Ok(out)
}
