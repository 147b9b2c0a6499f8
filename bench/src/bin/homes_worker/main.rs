//! blackstart's side of `bench/homes.py`: prints the processor time of one building-hour in
//! several ways, in nanoseconds, as one line of JSON.
//!
//!     homes_worker WEATHER.csv SECONDS
#![allow(clippy::print_stdout, reason = "a program that answers on standard output")]

use std::hint::black_box;

use blackstart::heat::{
    Building, Exposure, Solution, Step, Thermal, envelope, irradiance, sun_position,
};
use blackstart::region::BuildingType;
use blackstart::scenario::{BuildingModel, Sky, SkyHour, WeatherHour};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Processor time of this process so far, s.
#[expect(clippy::cast_precision_loss)]
fn cpu_s() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

/// Time of one of `per_run` things, ns; runs until `seconds` are spent.
fn measure(seconds: f64, per_run: usize, mut run: impl FnMut() -> f64) -> f64 {
    black_box(run());
    let start = cpu_s();
    let mut runs = 0_u32;
    while cpu_s() - start < seconds {
        black_box(run());
        runs += 1;
    }
    #[expect(clippy::cast_precision_loss)]
    let things = f64::from(runs) * per_run as f64;
    (cpu_s() - start) / things * 1e9
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, path, seconds] = arguments.as_slice() else {
        return Err("homes_worker WEATHER.csv SECONDS".into());
    };
    let seconds: f64 = seconds.parse()?;
    let mut weather = Vec::new();
    let mut sky = Vec::new();
    for (h, line) in std::fs::read_to_string(path)?.lines().skip(1).enumerate() {
        let v = line.split(',').map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        weather.push(WeatherHour { outdoor_c: v[0], wind_m_s: v[1], solar_w_m2: v[2] });
        sky.push(SkyHour {
            day_of_year: u16::try_from(h / 24 + 1)?,
            clock_h: f64::from(u32::try_from(h % 24)?) + 0.5,
            direct_normal_w_m2: v[3],
            diffuse_horizontal_w_m2: v[4],
        });
    }
    let n = weather.len();
    let sky = Sky { lat_deg: 39.83, lon_deg: -104.65, utc_offset_h: -7.0, hours: sky };
    let e = envelope(BuildingType::Panel);
    let exposure = Exposure::of(&e);

    let outside: Vec<_> = weather.iter().map(|w| exposure.outside(*w, None)).collect();
    // One building through the year: every hour has its own weather, so its step is worked
    // out anew; heating by need, then the hour with it.
    let one = |thermal: Thermal| {
        measure(seconds, n, || {
            let mut x = Building { air_c: 20.0, mass_c: 20.0 };
            for o in &outside {
                let step = Step::new(black_box(&thermal), o, 1.0);
                let heat = step.heat_needed_w_m2(x, 20.0, 1.0).min(60.0);
                x = step.advance(x, heat, 1.0).end;
            }
            x.mass_c
        })
    };
    let five = Thermal::of(&e, BuildingModel::Iso13790);
    let annex = match five {
        Thermal::FiveResistances(p, _) => Thermal::FiveResistances(p, Solution::CrankNicolson),
        Thermal::TwoCapacities(_) => five,
    };
    let two = Thermal::of(&e, BuildingModel::TwoCapacities);
    // A region: many homes of one kind in the same weather, which is what a run steps.
    let many = |thermal: Thermal| {
        let start = vec![Building { air_c: 18.0, mass_c: 18.0 }; 4096];
        measure(seconds, start.len() * 24, || {
            let mut homes = start.clone();
            for o in &outside[..24] {
                let step = Step::new(black_box(&thermal), o, 1.0);
                for x in &mut homes {
                    let heat = step.heat_needed_w_m2(*x, 20.0, 1.0).min(60.0);
                    *x = step.advance(*x, heat, 1.0).end;
                }
            }
            homes[7].mass_c
        })
    };
    let sun = measure(seconds, n, || {
        (0..n).filter_map(|h| irradiance(&sky, h)).map(|i| i.glass_w_m2[3]).sum()
    });
    let place = (sky.lat_deg, sky.lon_deg, sky.utc_offset_h);
    let position = measure(seconds, 8760, || {
        sky.hours.iter().map(|h| sun_position(place, h.day_of_year, h.clock_h).altitude_rad).sum()
    });
    let answer = json!({
        "one building, five resistances, exact": one(five),
        "one building, five resistances, Crank–Nicolson": one(annex),
        "one building, two capacities, exact": one(two),
        "homes of one kind, five resistances, exact": many(five),
        "homes of one kind, two capacities, exact": many(two),
        "sun on five surfaces, an hour": sun,
        "sun on five surfaces, its position alone": position,
    });
    println!("{answer}");
    Ok(())
}
