"""ISO 13790's simple hourly method, written from the standard's Annex C in plain Python, and
what it says about the homes that the tests compare with.

Nothing here is shared with the engine: temperatures are absolute, equations carry the
standard's numbers, the sun is placed by another series (the low-precision almanac of
Michalsky 1988), diffuse radiation is isotropic where the engine's is Perez's, and glass
follows Fresnel.

Writes into FOLDER/homes:
    hours.csv      random homes in random hours, free and heated: inputs and what came out
    free_float.csv least, largest and mean hourly temperature of the cases of ASHRAE 140
    outage.csv     the heavy and the light case after heating stops
    speed.csv      processor time of one building-hour of this file
"""

import csv
import math
import random
import sys
import time
from pathlib import Path

H_MS, A_T_PER_FLOOR, H_IS_STANDARD = 9.1, 4.5, 3.45
HOURS = [1, 3, 6, 12, 24, 48, 72, 120]


class Zone:
    """A building for the five resistances; everything absolute, W/K, m², J/K."""

    def __init__(self, floor_m2, h_ve, h_w, h_op, a_m, c_m, h_is=H_IS_STANDARD):
        self.a_m, self.c_m, self.h_ve, self.h_w = a_m, c_m, h_ve, h_w
        self.a_t = A_T_PER_FLOOR * floor_m2
        self.h_ms = H_MS * a_m
        self.h_em = 1 / (1 / h_op - 1 / self.h_ms)                          # (63), (64)
        self.h_is = h_is * self.a_t                                          # 7.2.2.2
        self.h_1 = 1 / (1 / self.h_ve + 1 / self.h_is)                       # C.6
        self.h_2 = self.h_1 + self.h_w                                       # C.7
        self.h_3 = 1 / (1 / self.h_2 + 1 / self.h_ms)                        # C.8

    def hour(self, t_m, t_e, phi_int, phi_sol, phi_hc):
        """Mass temperature at the end of the hour, air temperature of the hour."""
        phi_ia = 0.5 * phi_int + phi_hc                                      # C.1
        rest = 0.5 * phi_int + phi_sol
        phi_m = self.a_m / self.a_t * rest                                   # C.2
        phi_st = (1 - self.a_m / self.a_t - self.h_w / (H_MS * self.a_t)) * rest  # C.3
        phi_tot = (phi_m + self.h_em * t_e + self.h_3
                   * (phi_st + self.h_w * t_e + self.h_1 * (phi_ia / self.h_ve + t_e))
                   / self.h_2)                                               # C.5
        c = self.c_m / 3600
        t_m_end = (t_m * (c - 0.5 * (self.h_3 + self.h_em)) + phi_tot) \
            / (c + 0.5 * (self.h_3 + self.h_em))                             # C.4
        mean = 0.5 * (t_m + t_m_end)                                         # C.9
        t_s = (self.h_ms * mean + phi_st + self.h_w * t_e
               + self.h_1 * (t_e + phi_ia / self.h_ve)) \
            / (self.h_ms + self.h_w + self.h_1)                              # C.10
        t_air = (self.h_is * t_s + self.h_ve * t_e + phi_ia) / (self.h_is + self.h_ve)  # C.11
        return t_m_end, t_air

    def heated_hour(self, t_m, t_e, phi_int, phi_sol, set_c, most_w):
        """The same with the heating that C.4.2 asks for, at most `most_w`."""
        free = self.hour(t_m, t_e, phi_int, phi_sol, 0.0)
        if free[1] >= set_c:
            return (*free, 0.0)
        ten = 10 * self.a_t / A_T_PER_FLOOR
        at_10 = self.hour(t_m, t_e, phi_int, phi_sol, ten)[1]
        need = min(ten * (set_c - free[1]) / (at_10 - free[1]), most_w)      # C.13
        return (*self.hour(t_m, t_e, phi_int, phi_sol, need), need)


def bestest(u_wall, u_roof, heat_kj, mass, air_change):
    floor, volume = 48.0, 129.6
    h_op = u_wall * 63.6 + u_roof * 48 + 0.0377 * 48
    h_ve = 0.335 * air_change * volume
    return Zone(floor, h_ve, 3.1 * 12, h_op, mass * floor, heat_kj * 1000 * floor, 2.1)


CASES = {
    "600FF": (0.534, 0.327, 42.167, 2.95, False),
    "650FF": (0.534, 0.327, 42.167, 2.95, True),
    "680FF": (0.15, 0.1, 42.167, 2.95, False),
    "900FF": (0.534, 0.327, 307.75, 2.43, False),
    "980FF": (0.15, 0.1, 307.75, 2.43, False),
}


def sun(day, hour, lat, lon, zone):
    """Altitude and azimuth from north, radians, in the year 2001."""
    ut = hour - zone
    n = 365 + day + (ut - 12) / 24                       # days since noon of 1 January 2000
    mean = math.radians((280.460 + 0.9856474 * n) % 360)
    anomaly = math.radians((357.528 + 0.9856003 * n) % 360)
    ecliptic = mean + math.radians(1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly))
    tilt = math.radians(23.439 - 4e-7 * n)
    ascension = math.atan2(math.cos(tilt) * math.sin(ecliptic), math.cos(ecliptic))
    dec = math.asin(math.sin(tilt) * math.sin(ecliptic))
    sidereal = (6.697375 + 0.0657098242 * n + ut + lon / 15) % 24
    angle, phi = math.radians(15 * sidereal) - ascension, math.radians(lat)
    up = math.sin(phi) * math.sin(dec) + math.cos(phi) * math.cos(dec) * math.cos(angle)
    east = -math.cos(dec) * math.sin(angle)
    north = math.cos(phi) * math.sin(dec) - math.sin(phi) * math.cos(dec) * math.cos(angle)
    return math.asin(max(-1.0, min(1.0, up))), math.atan2(east, north)


def transmitted(angle):
    """Two clear panes of 3.175 mm: index 1.526, extinction 19.6 1/m."""
    inside = math.asin(math.sin(angle) / 1.526)
    path = math.exp(-19.6 * 0.003175 / math.cos(inside))
    if angle < 1e-6:
        reflected = [(0.526 / 2.526) ** 2] * 2
    else:
        reflected = [(math.sin(angle - inside) / math.sin(angle + inside)) ** 2,
                     (math.tan(angle - inside) / math.tan(angle + inside)) ** 2]
    total = 0.0
    for r in reflected:
        t = path * (1 - r) ** 2 / (1 - (r * path) ** 2)
        back = r * (1 + path * t)
        total += t * t / (1 - back * back) / 2
    return total


def glass(cos_angle):
    angle = min(math.acos(max(0.0, min(1.0, cos_angle))), math.radians(89.9))
    return transmitted(angle) / transmitted(0.0)


def gains(weather):
    """By hour: through the south window, on walls (m² W/m²), on the roof (W/m²)."""
    degrees = [math.radians(d + 0.5) for d in range(90)]
    hemisphere = sum(glass(math.cos(a)) * math.sin(2 * a) * math.radians(1) for a in degrees)
    walls = [(0.0, 21.6), (90.0, 16.2), (180.0, 9.6), (270.0, 16.2)]
    found = []
    for h, (_, direct, diffuse) in enumerate(weather):
        altitude, azimuth = sun(h // 24 + 1, h % 24 + 0.5, 39.83, -104.65, -7)
        direct = direct if altitude > 0 else 0.0
        flat = direct * max(math.sin(altitude), 0.0) + diffuse
        around = diffuse / 2 + 0.2 * flat / 2
        on_walls, through = 0.0, 0.0
        for face, area in walls:
            cos_in = max(0.0, math.cos(altitude) * math.cos(azimuth - math.radians(face)))
            on_walls += area * (direct * cos_in + around)
            if face == 180.0:
                through = 12 * 0.789 * (direct * cos_in * glass(cos_in) + around * hemisphere)
        found.append((through, on_walls, flat))
    return found


def free_float(weather):
    found, sunny = {}, gains(weather)
    for name, (u_wall, u_roof, heat, mass, night_air) in CASES.items():
        day = bestest(u_wall, u_roof, heat, mass, 0.414)
        night = bestest(u_wall, u_roof, heat, mass, 0.414 + (1409 / 129.6 if night_air else 0))
        to_sky = 5 * 0.9 * 11 * 0.04 * (0.5 * (u_wall * 63.6 + 3.1 * 12) + u_roof * 48)
        t_m, air = 20.0, []
        for h in [*range(8760 - 720, 8760), *range(8760)]:
            through, on_walls, on_roof = sunny[h]
            sol = through + 0.6 * 0.04 * (u_wall * on_walls + u_roof * 48 * on_roof) - to_sky
            zone = night if h % 24 < 7 or h % 24 >= 18 else day
            t_m, t_air = zone.hour(t_m, weather[h][0], 200.0, sol, 0.0)
            air.append(t_air)
        air = air[720:]
        found[name] = (min(air), max(air), sum(air) / len(air))
    return found


def outage(out_c, heat, mass):
    """Held at 20 °C without sun, then left alone: means of the hours that end then."""
    zone, t_m, air = bestest(0.534, 0.327, heat, mass, 0.414), 20.0, []
    for _ in range(3000):
        t_m, _, _ = zone.heated_hour(t_m, out_c, 200.0, 0.0, 20.0, 1e9)
    for _ in range(max(HOURS)):
        t_m, t_air = zone.hour(t_m, out_c, 200.0, 0.0, 0.0)
        air.append(t_air)
    return [air[h - 1] for h in HOURS]


def random_hours():
    """Random homes of 100 m² in random hours."""
    draw = random.Random(13790)
    for z in range(60):
        home = [draw.uniform(20, 90), draw.uniform(20, 90), draw.uniform(20, 180),
                draw.choice([250.0, 300.0, 350.0]), draw.choice([8e6, 11e6, 16.5e6, 26e6, 6e7])]
        zone, t_m = Zone(100.0, *home), draw.uniform(5, 22)
        for h in range(48):
            t_e, sol = draw.uniform(-25, 15), draw.choice([0.0, draw.uniform(0, 3000)])
            gain, set_c = draw.uniform(0, 600), draw.choice([-99.0, 20.0])
            most = draw.choice([2000.0, 1e9])
            end, air, heat = zone.heated_hour(t_m, t_e, gain, sol, set_c, most)
            yield [z, h, *home, t_e, gain, sol, set_c, most, t_m, end, air, heat]
            t_m = end


def main():
    out = Path(sys.argv[1]) / "homes"
    out.mkdir(parents=True, exist_ok=True)
    table = Path(__file__).resolve().parent.parent / "cases/bestest-denver/weather.csv"
    with open(table) as f:
        names = ["outdoor_c", "direct_normal_w_m2", "diffuse_horizontal_w_m2"]
        weather = [tuple(float(row[n]) for n in names) for row in csv.DictReader(f)]

    def write(name, header, lines):
        with open(out / name, "w", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows([header.split(","), *lines])

    write("hours.csv", "zone,hour,h_ve,h_w,h_op,a_m,c_m,t_e,phi_int,phi_sol,set_c,most_w,t_m,"
                       "t_m_end,t_air,heat_w", random_hours())
    write("free_float.csv", "case,least_c,largest_c,mean_c",
          [(name, *figures) for name, figures in free_float(weather).items()])
    masses = {"heavy": (307.75, 2.43), "light": (42.167, 2.95)}
    write("outage.csv", "case,outdoor_c," + ",".join(f"after_{h}_h_c" for h in HOURS),
          [(name, c, *outage(c, *masses[name])) for name in masses for c in (0, -10, -20)])
    zone, t_m, n = bestest(0.534, 0.327, 307.75, 2.43, 0.414), 20.0, 200_000
    start = time.process_time()
    for h in range(n):
        t_m, _, _ = zone.heated_hour(t_m, weather[h % 8760][0], 200.0, 100.0, 20.0, 1e9)
    write("speed.csv", "ns_per_hour", [[(time.process_time() - start) / n * 1e9]])


if __name__ == "__main__":
    main()
