//! Where the sun stands and what it sends onto roofs, walls and windows.

use crate::scenario::{Sky, SkyHour};

/// What surfaces of a building face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facing {
    /// Flat roofs.
    Up,
    /// A wall to the north.
    North,
    /// A wall to the east.
    East,
    /// A wall to the south.
    South,
    /// A wall to the west.
    West,
}

impl Facing {
    /// All, in the order of arrays.
    pub const ALL: [Self; 5] = [Self::Up, Self::North, Self::East, Self::South, Self::West];

    /// Direction of a wall's outward normal, radians clockwise from north.
    const fn azimuth_rad(self) -> f64 {
        use std::f64::consts::{FRAC_PI_2, PI};
        match self {
            Self::Up | Self::North => 0.0,
            Self::East => FRAC_PI_2,
            Self::South => PI,
            Self::West => 1.5 * PI,
        }
    }
}

/// Radiation of an hour on surfaces, in the order of [`Facing::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Irradiance {
    /// On the surface, W/m².
    pub surface_w_m2: [f64; 5],
    /// The same, less what glass turns away because it does not come in square, W/m²:
    /// times the glass's g-value at normal incidence it is what comes in.
    pub glass_w_m2: [f64; 5],
}

/// Where the sun stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SunPosition {
    /// Above the horizon, radians.
    pub altitude_rad: f64,
    /// Clockwise from north, radians.
    pub azimuth_rad: f64,
}

/// Reflection of the ground around buildings (0.2: grass, asphalt; the usual value).
const ALBEDO: f64 = 0.2;

/// Solar constant, W/m².
const SOLAR_CONSTANT_W_M2: f64 = 1367.0;

/// Lowest cosine of the zenith angle that circumsolar radiation is divided by (Perez et
/// al. 1990: that of 85°).
const LEAST_COS_ZENITH: f64 = 0.087_155_742_747_658_17;

/// Where the sun stands at `clock_h` (standard time, h) of a day of the year.
///
/// Declination and equation of time by the Fourier series of Spencer (1971), good to
/// about 0.04° and half a minute.
#[must_use]
pub fn sun_position(
    (lat_deg, lon_deg, utc_offset_h): (f64, f64, f64),
    day_of_year: u16,
    clock_h: f64,
) -> SunPosition {
    let gamma = std::f64::consts::TAU * (f64::from(day_of_year) - 1.0) / 365.0;
    let (s1, c1) = gamma.sin_cos();
    let (s2, c2) = (2.0 * gamma).sin_cos();
    let (s3, c3) = (3.0 * gamma).sin_cos();
    let declination = 0.006_918 - 0.399_912 * c1 + 0.070_257 * s1 - 0.006_758 * c2 + 0.000_907 * s2
        - 0.002_697 * c3
        + 0.001_48 * s3;
    let equation_h = 12.0 / std::f64::consts::PI
        * (0.000_075 + 0.001_868 * c1 - 0.032_077 * s1 - 0.014_615 * c2 - 0.040_849 * s2);
    let solar_h = clock_h - utc_offset_h + lon_deg / 15.0 + equation_h;
    let (sin_hour, cos_hour) = (15.0 * (solar_h - 12.0)).to_radians().sin_cos();
    let (sin_lat, cos_lat) = lat_deg.to_radians().sin_cos();
    let (sin_dec, cos_dec) = declination.sin_cos();
    let sin_altitude = (sin_lat * sin_dec + cos_lat * cos_dec * cos_hour).clamp(-1.0, 1.0);
    // Components to the east and to the north of the direction to the sun.
    let east = -cos_dec * sin_hour;
    let north = cos_lat * sin_dec - sin_lat * cos_dec * cos_hour;
    SunPosition {
        altitude_rad: sin_altitude.asin(),
        azimuth_rad: east.atan2(north).rem_euclid(std::f64::consts::TAU),
    }
}

/// Radiation on surfaces in hour `at` of `sky`; none beyond its end.
///
/// Direct radiation by geometry; diffuse radiation of the sky by Perez, Ineichen, Seals,
/// Michalsky and Stewart (1990), brighter around the sun and at the horizon; the ground
/// reflects a fifth of what falls on it.
#[must_use]
pub fn irradiance(sky: &Sky, at: usize) -> Option<Irradiance> {
    let hour = sky.hours.get(at)?;
    let place = (sky.lat_deg, sky.lon_deg, sky.utc_offset_h);
    Some(on_surfaces(hour, sun_position(place, hour.day_of_year, hour.clock_h)))
}

fn on_surfaces(hour: &SkyHour, sun: SunPosition) -> Irradiance {
    let (sin_altitude, cos_altitude) = sun.altitude_rad.sin_cos();
    let diffuse = hour.diffuse_horizontal_w_m2.max(0.0);
    // In the hours of sunrise and sunset the sun may stand below the horizon in the middle.
    let direct = if sin_altitude > 0.0 { hour.direct_normal_w_m2.max(0.0) } else { 0.0 };
    let ground = ALBEDO * (direct * sin_altitude.max(0.0) + diffuse);
    let (around_sun, at_horizon) = brightening(hour, direct, diffuse, sin_altitude);
    let mut found = Irradiance::default();
    for (k, facing) in Facing::ALL.into_iter().enumerate() {
        let (cos_incidence, sky_share, sin_tilt) = match facing {
            Facing::Up => (sin_altitude.max(0.0), 1.0, 0.0),
            Facing::North | Facing::East | Facing::South | Facing::West => {
                let across = (sun.azimuth_rad - facing.azimuth_rad()).cos();
                ((cos_altitude * across).max(0.0), 0.5, 1.0)
            }
        };
        let circumsolar = around_sun * cos_incidence / sin_altitude.max(LEAST_COS_ZENITH);
        let from_sky = (diffuse
            * ((1.0 - around_sun) * sky_share + circumsolar + at_horizon * sin_tilt))
            .max(0.0);
        let from_all_sides = from_sky + ground * (1.0 - sky_share);
        found.surface_w_m2[k] = direct * cos_incidence + from_all_sides;
        found.glass_w_m2[k] =
            direct * cos_incidence * glass_share(cos_incidence) + from_all_sides * GLASS_DIFFUSE;
    }
    found
}

/// Shares of the diffuse radiation that come from around the sun and, per sine of tilt,
/// from the horizon (Perez et al. 1990, table 6).
fn brightening(hour: &SkyHour, direct: f64, diffuse: f64, sin_altitude: f64) -> (f64, f64) {
    const CLEARNESS: [f64; 7] = [1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2];
    const F1: [[f64; 3]; 8] = [
        [-0.008, 0.588, -0.062],
        [0.130, 0.683, -0.151],
        [0.330, 0.487, -0.221],
        [0.568, 0.187, -0.295],
        [0.873, -0.392, -0.362],
        [1.132, -1.237, -0.412],
        [1.060, -1.600, -0.359],
        [0.678, -0.327, -0.250],
    ];
    const F2: [[f64; 3]; 8] = [
        [-0.060, 0.072, -0.022],
        [-0.019, 0.066, -0.029],
        [0.055, -0.064, -0.026],
        [0.109, -0.152, -0.014],
        [0.226, -0.462, 0.001],
        [0.288, -0.823, 0.056],
        [0.264, -1.127, 0.131],
        [0.156, -1.377, 0.251],
    ];
    if diffuse <= 0.0 || sin_altitude <= 0.0 {
        return (0.0, 0.0);
    }
    let zenith = sin_altitude.acos();
    let cubed = 1.041 * zenith.powi(3);
    let clearness = ((diffuse + direct) / diffuse + cubed) / (1.0 + cubed);
    let bin = CLEARNESS.iter().filter(|limit| clearness >= **limit).count();
    // Relative air mass: Kasten and Young (1989).
    let air_mass =
        1.0 / (sin_altitude + 0.505_72 * (96.079_95 - zenith.to_degrees()).powf(-1.6364));
    let around = std::f64::consts::TAU * f64::from(hour.day_of_year) / 365.0;
    let outside = SOLAR_CONSTANT_W_M2 * (1.0 + 0.033 * around.cos());
    let brightness = diffuse * air_mass / outside;
    let share = |f: &[f64; 3]| f[0] + f[1] * brightness + f[2] * zenith;
    (share(&F1[bin]).clamp(0.0, 1.0), share(&F2[bin]))
}

/// g-value at an angle of incidence against that at 0°, for two uncoated panes: Karlsson
/// and Roos (2000), `q = 4`, `p = 2`.
fn glass_share(cos_incidence: f64) -> f64 {
    const A: f64 = 8.0;
    const B: f64 = 0.25 / 4.0;
    const C: f64 = 1.0 - A - B;
    // Exponents: 5.2 + 0.7 q; 2; (5.26 + 0.06 p) + (0.73 + 0.04 p) q.
    let z = cos_incidence.clamp(0.0, 1.0).acos() / std::f64::consts::FRAC_PI_2;
    (1.0 - A * z.powi(8) - B * z * z - C * z.powf(8.62)).clamp(0.0, 1.0)
}

/// The same for radiation from all sides alike: the mean of [`glass_share`] over the
/// hemisphere, weighted with the cosine.
const GLASS_DIFFUSE: f64 = 0.893;

#[cfg(test)]
mod tests {
    use super::*;

    const KYIV: (f64, f64, f64) = (50.45, 30.52, 2.0);

    #[test]
    fn the_sun_stands_where_almanacs_have_it() {
        // At the solstices the noon altitude is 90° less latitude plus or minus 23.44°.
        let noon = |day| {
            (0..240)
                .map(|k| sun_position(KYIV, day, 11.0 + f64::from(k) / 120.0).altitude_rad)
                .fold(f64::MIN, f64::max)
                .to_degrees()
        };
        assert!((noon(172) - (90.0 - 50.45 + 23.44)).abs() < 0.1, "{}", noon(172));
        assert!((noon(355) - (90.0 - 50.45 - 23.44)).abs() < 0.1, "{}", noon(355));
        // Equinox: up in the east at about 6 h of solar time.
        let east = sun_position((50.0, 0.0, 0.0), 80, 6.12);
        assert!(east.altitude_rad.abs() < 0.02, "{east:?}");
        assert!((east.azimuth_rad.to_degrees() - 90.0).abs() < 1.5, "{east:?}");
        let west = sun_position((50.0, 0.0, 0.0), 80, 18.12);
        assert!((west.azimuth_rad.to_degrees() - 270.0).abs() < 1.5, "{west:?}");
        // Early in November the sun is 16.4 minutes ahead of the clock.
        let ahead = sun_position((50.0, 0.0, 0.0), 307, 12.0 - 16.4 / 60.0);
        assert!((ahead.azimuth_rad.to_degrees() - 180.0).abs() < 0.2, "{ahead:?}");
    }

    fn hour(direct: f64, diffuse: f64) -> SkyHour {
        SkyHour {
            day_of_year: 80,
            clock_h: 12.0,
            direct_normal_w_m2: direct,
            diffuse_horizontal_w_m2: diffuse,
        }
    }

    #[test]
    fn horizontal_radiation_is_direct_and_diffuse_together() {
        let sun = SunPosition { altitude_rad: 0.6, azimuth_rad: 3.0 };
        for (direct, diffuse) in [(0.0, 120.0), (600.0, 100.0), (300.0, 220.0)] {
            let up = on_surfaces(&hour(direct, diffuse), sun).surface_w_m2[0];
            assert!((up - direct * sun.altitude_rad.sin() - diffuse).abs() < 1e-9, "{up}");
        }
    }

    #[test]
    fn the_south_gets_most_at_noon_and_the_dark_nothing() {
        let sun = SunPosition { altitude_rad: 0.3, azimuth_rad: std::f64::consts::PI };
        let s = on_surfaces(&hour(500.0, 80.0), sun).surface_w_m2;
        assert!(s[3] > s[0] && s[3] > s[1] && (s[2] - s[4]).abs() < 1e-9, "{s:?}");
        let night = SunPosition { altitude_rad: -0.3, azimuth_rad: 0.0 };
        assert_eq!(on_surfaces(&hour(0.0, 0.0), night), Irradiance::default());
    }

    /// Two clear panes by Fresnel's law (index 1.526, extinction 19.6 1/m, 3.175 mm each),
    /// as ASHRAE 140 describes its window. Heat absorbed and passed on inwards is a small
    /// part; the transmission alone must be near.
    #[test]
    fn glass_turns_away_what_fresnel_says() {
        let pane = |incidence: f64| {
            let inside = (incidence.sin() / 1.526).asin();
            let (d, s) = (incidence - inside, incidence + inside);
            let path = (-19.6 * 0.003_175 / inside.cos()).exp();
            let one = |r: f64| {
                let t = path * (1.0 - r).powi(2) / (1.0 - (r * path).powi(2));
                (t, r * (1.0 + path * t))
            };
            let normal = ((1.526 - 1.0_f64) / 2.526).powi(2);
            let (across, along) = if incidence < 1e-6 {
                (normal, normal)
            } else {
                ((d.sin() / s.sin()).powi(2), (d.tan() / s.tan()).powi(2))
            };
            let two = |r| {
                let (t, back) = one(r);
                t * t / (1.0 - back * back)
            };
            f64::midpoint(two(across), two(along))
        };
        let mut mean = 0.0;
        for degrees in 0..90 {
            let angle = f64::from(degrees).to_radians() + 0.5_f64.to_radians();
            mean += 2.0 * glass_share(angle.cos()) * angle.sin() * angle.cos() * 1f64.to_radians();
        }
        assert!((mean - GLASS_DIFFUSE).abs() < 5e-4, "{mean}");
        for degrees in [0.0, 30.0, 50.0, 60.0, 70.0, 80.0] {
            let angle = f64::to_radians(degrees);
            let share = glass_share(angle.cos());
            let exact = pane(angle) / pane(0.0);
            assert!((share - exact).abs() < 0.08, "{degrees}°: {share} {exact}");
        }
    }
}
