#!/usr/bin/env python3
"""Runs events on Shelby County, its grid and water, beside InfraRisk; writes bench/SHELBY.md.

    python3 bench/shelby.py [--source FOLDER] [--no-build] [--rounds N] [--only NAME] [--print]

FOLDER is a checkout of srijithbalakrishnan/dreaminsg-integrated-model at commit 40d6533, whose
data are the county; without it git fetches one into .cache/bench. Peers are installed by hash.
"""

import argparse
import csv
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from driver import setup  # noqa: E402

REPOSITORY = "https://github.com/srijithbalakrishnan/dreaminsg-integrated-model"
COMMIT = "40d6533"
# What must agree: each load to 1 % of itself; water served to 1 % of what is asked for in all,
# to 3 % at each junction.
LOAD_SHARE, WATER_SHARE, JUNCTION_SHARE = 0.01, 0.01, 0.03
HORIZON_H = 18
WATER_MAINS = [{"component": "W_PMA44", "from_h": 1, "until_h": 7},
               {"component": "W_PMA53", "from_h": 1, "until_h": 8}]

HEAD = """\
# Shelby County beside InfraRisk

Regenerate with `python3 bench/shelby.py`. The grid (295 buses, 73 lines, 1003 MW) and the water
network (55 junctions, 14 pumps, 6 tanks) of Shelby County, Tennessee, as InfraRisk ships them
(commit {commit}), the same events in both. InfraRisk: pandapower 2.14 and WNTR 1.3 in turn at each
time stamp of its own simulation, minute by minute in the water network; processor time of
`simulate_interdependent_effects` alone ({set_up:.0f} s of loading and preparing are not counted).
blackstart: the whole process of `blackstart run` on one thread, from reading the files to the
report and tables on disk, {horizon} hours. Medians of {rounds} rounds in turn.

*Published*: the failures of the program's own scenario 1 (six lines, two mains). *Thirty lines*:
thirty of the 73 lines, drawn, and the two mains; up to nine of fourteen pumps are dark. Repairs end
on full hours, the same in both. *Loads that differ*: by more than {load:.0%} of their demand at any
time stamp, of 37. *Water*: served in all as a share of what is asked for, mean of an hour,
at worst; the largest difference in any hour (at most {water:.0%} is allowed); and of any junction in any
hour ({junction:.0%}).

| event | rules | loads that differ | power at worst, MW: InfraRisk | blackstart | water at worst: InfraRisk | blackstart | difference | of a junction | InfraRisk, s | blackstart, s | ratio |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""

TAIL = """
What is made equal for the comparison: line ratings are left out (the published program does not
look at them; 61 of the 73 lines are above theirs before anything fails), pressures of 30 m
are required as it sets them, and broken mains are shut at once (it lets them leak until a crew has come; blackstart does
not simulate leaks of broken mains). *With rules*: the network's 22 rules open and close pumps by
tank levels. Several of equal rank want opposite things of one pump; there EPANET, and blackstart,
take the first and WNTR's simulator the last, which is why each rule is given a rank above those before
it, which all take alike. WNTR looks at rules at the start and each minute, blackstart every six
minutes. The rest of the differences in water: the mean of an hour here is over tank levels as they move, there
over minutes; and WNTR rounds the corner where pressure just suffices.
"""


def source(given):
    if given:
        return given.resolve()
    folder = setup.CACHE / "infrarisk"
    if not folder.is_dir():
        subprocess.run(["git", "clone", "--quiet", "--filter=blob:none", REPOSITORY, folder],
                       check=True)
        subprocess.run(["git", "checkout", "--quiet", COMMIT], cwd=folder, check=True)
    return folder


def python():
    """The Python of the peers' own environment."""
    tests = setup.comparison_tests()
    tests_folder = setup.CACHE / "venv-infrarisk"
    requirements = setup.BENCH / "infrarisk.txt"
    stamp = tests_folder / "blackstart.stamp"
    key = tests.digest(requirements) + sys.version
    path = tests_folder / "bin" / "python"
    if not tests.done(stamp, key):
        shutil.rmtree(tests_folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", tests_folder], check=True)
        tests.run(path, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                  "--require-hashes", "-r", requirements)
        stamp.write_text(key)
    return path


class County:
    """The county's files, and the region made of them."""

    def __init__(self, infrarisk, program, folder):
        data = infrarisk / "infrarisk" / "data" / "networks" / "shelby"
        self.grid = data / "power" / "power.json"
        self.inp = (data / "water" / "water.inp").read_text()
        self.dependencies = list(csv.DictReader((data / "dependencies.csv").open()))
        tables = json.loads(self.grid.read_text())["_object"]
        self.lines, self.loads, self.motors = (names(tables, t) for t in ["line", "load", "motor"])
        self.program, self.folder = program, folder

    def network(self, rules):
        """The water network without its rules, or with each rule above those before it."""
        start, end = self.inp.index("[RULES]"), self.inp.index("[ENERGY]")
        if not rules:
            return self.inp[:start] + self.inp[end:]
        first, *others = self.inp[start:end].split("RULE ")
        ranked = [f"RULE {rule.rstrip()}\nPRIORITY {k}\n\n" for k, rule in enumerate(others, 1)]
        return self.inp[:start] + first + "".join(ranked) + self.inp[end:]

    def region(self, rules):
        """A region whose areas are the loads and the junctions, so that each is told apart."""
        region = self.folder / f"region-{rules}"
        water = self.folder / f"water-{rules}.inp"
        water.write_text(self.network(rules))
        subprocess.run([self.program, "new", region, "--grid", self.grid, "--water", water],
                       check=True, capture_output=True)
        loads = read(region / "loads.csv")
        bus = dict(zip(self.loads + self.motors, (row["bus"] for row in loads), strict=True))
        asked = [j for j in read(region / "junctions.csv") if float(j["demand_m3h"] or 0) > 0]
        blank = dict.fromkeys(read(region / "areas.csv")[0], "")
        areas = [dict(blank, id=name, name=name, people=1000 * float(row["p_mw"]), bus=row["bus"],
                      district="power", queue="1.1")
                 for name, row in zip(self.loads, loads, strict=False)]
        areas += [dict(blank, id=j["id"], name=j["id"], people=1000 * float(j["demand_m3h"]),
                       junction=j["id"], district="water", queue="1.1") for j in asked]
        write(region / "areas.csv", areas)
        for table in ["stock", "sites"]:
            path = region / f"{table}.csv"
            path.write_text(path.read_text().splitlines()[0] + "\n")
        write(region / "loads.csv", loads[:len(self.loads)])
        write(region / "dependencies.csv", [
            {"asset": f"pump:W1-{d['water_id']}", "on": f"bus:{bus[d['power_id']]}",
             "need_mw": 0.23, "need_m3h": "", "buffer_h": ""} for d in self.dependencies])
        branches = read(region / "branches.csv")
        write(region / "branches.csv", [dict(b, rate_mva="") for b in branches])
        options = (region / "region.toml").read_text()
        (region / "region.toml").write_text(options.replace(
            "[water_options]", "[water_options]\nrequired_pressure_m = 30\nmin_pressure_m = 0"))
        demand = {j["id"][3:]: float(j["demand_m3h"]) for j in asked}
        return region, demand

    def scenario(self, event):
        rows = [f'name = "Shelby County"\nstart = 2026-01-14T00:00:00\nhorizon_h = {HORIZON_H}\n'
                "[weather]\noutdoor_c = 15\n[policy]\nmobile_generators = 0\n[repair]\n"
                "teams_day = 1000\nteams_night = 1000\naccess_delay_h = 0\n"
                "spares = { common = 1000 }\n"]
        for one in event:
            name = one["component"]
            if name.startswith("P_"):
                facility = f"line:line{self.lines.index(name)}"
            else:
                facility = f"water_main:W1-{name}"
            days = (one["until_h"] - one["from_h"]) / 24
            rows.append(f'[[damaged]]\nname = "event"\nfacility = "{facility}"\n'
                        f'state = "moderate"\nat_h = {one["from_h"]}\nrepair_days = {days!r}\n')
        path = self.folder / "scenario.toml"
        path.write_text("".join(rows))
        return path

    def events(self):
        published = ["P_L38", "P_L43", "P_L45", "P_L2", "P_L46", "P_L54"]
        drawn = sorted(random.Random(7).sample(range(len(self.lines)), 30))
        return {
            "published": [{"component": c, "from_h": 1, "until_h": 6} for c in published]
            + WATER_MAINS,
            "thirty lines": [{"component": self.lines[i], "from_h": 1, "until_h": 4 + 2 * (k % 5)}
                             for k, i in enumerate(drawn)] + WATER_MAINS,
        }


def names(tables, table):
    table = json.loads(tables[table]["_object"])
    at = table["columns"].index("name")
    return [row[at] for row in table["data"]]


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def ours(program, region, scenario, folder):
    """Shares served by area and hour, and processor seconds."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "run", region, "--scenario", scenario, "--output", out,
                    "--threads", "1"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    shares = {}
    for row in read(out / "places.csv"):
        water = row["area"].startswith("W1-")
        key = row["area"][3:] if water else row["area"]
        share = float(row["water_share" if water else "electricity_share"])
        shares.setdefault(key, {})[int(row["hour"])] = share
    return shares, cpu_s


def compare(county, theirs, shares, demand):
    """The figures of a row, and whether all is within what is allowed."""
    whole = theirs["power_mw"]["60"]
    differ, worst = set(), {"theirs": 1e9, "ours": 1e9}
    for time_s, served in theirs["power_mw"].items():
        # Stamps are a minute after the change that they show.
        hour = (int(time_s) - 60) // 3600
        for name in county.loads:
            share = served[name] / whole[name]
            if abs(share - shares[name][hour]) > LOAD_SHARE:
                differ.add(name)
        worst["theirs"] = min(worst["theirs"], sum(served[n] for n in county.loads))
        worst["ours"] = min(worst["ours"],
                            sum(shares[n][hour] * whole[n] for n in county.loads))
    hours = {}
    for k, time_s in enumerate(theirs["water_time_s"]):
        hours.setdefault(max(time_s - 60, 0) // 3600, []).append(k)
    asked = sum(demand.values())
    water = {"theirs": 1.0, "ours": 1.0, "off": 0.0, "junction": 0.0}
    for hour, at in hours.items():
        if len(at) < 50:
            continue
        mean = {j: statistics.fmean(theirs["water_m3h"][j][k] for k in at) for j in demand}
        here = {j: shares[j][hour] * demand[j] for j in demand}
        total, total_here = sum(mean.values()) / asked, sum(here.values()) / asked
        water["theirs"], water["ours"] = min(water["theirs"], total), min(water["ours"], total_here)
        water["off"] = max(water["off"], abs(total - total_here))
        water["junction"] = max(water["junction"],
                                *(abs(mean[j] - here[j]) / demand[j] for j in demand))
    agree = (not differ and water["off"] <= WATER_SHARE
             and water["junction"] <= JUNCTION_SHARE)
    return differ, worst, water, agree


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--source", type=Path, help="checkout of InfraRisk")
    ask.add_argument("--no-build", action="store_true", help="take the program as it is")
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--only", default="", help="this event only; prints")
    ask.add_argument("--print", action="store_true", help="print instead of writing")
    asked = ask.parse_args()
    _, program = setup.programs(not asked.no_build)
    infrarisk, peer = source(asked.source), python()
    env = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", NUMBA_NUM_THREADS="1")
    rows, set_up, sound = "", [], True
    with tempfile.TemporaryDirectory() as temporary:
        county = County(infrarisk, program, Path(temporary))
        for rules in [False, True]:
            region, demand = county.region(rules)
            for name, event in county.events().items():
                if asked.only not in ("", name):
                    continue
                scenario = county.scenario(event)
                job, out = county.folder / "job.json", county.folder / "theirs.json"
                job.write_text(json.dumps({"inp": county.network(rules), "event": event}))
                times = {"theirs": [], "ours": []}
                for _ in range(asked.rounds):
                    subprocess.run([peer, setup.BENCH / "peers" / "infrarisk_run.py", infrarisk,
                                    job, out], check=True, env=env)
                    theirs = json.loads(out.read_text())
                    times["theirs"].append(theirs["cpu_s"])
                    set_up.append(theirs["set_up_cpu_s"])
                    shares, cpu_s = ours(program, region, scenario, county.folder)
                    times["ours"].append(cpu_s)
                differ, worst, water, agree = compare(county, theirs, shares, demand)
                sound &= agree
                t, o = (statistics.median(times[k]) for k in ["theirs", "ours"])
                rows += (f"| {name} | {'yes' if rules else 'no'} | {len(differ)} | "
                         f"{worst['theirs']:.0f} | {worst['ours']:.0f} | {water['theirs']:.4f} | "
                         f"{water['ours']:.4f} | {water['off']:.4f} | {water['junction']:.3f} | "
                         f"{t:.1f} | {o:.3f} | {t / o:.0f} |\n")
    page = HEAD.format(commit=COMMIT, set_up=statistics.median(set_up), horizon=HORIZON_H,
                       rounds=asked.rounds, load=LOAD_SHARE,
                       water=WATER_SHARE, junction=JUNCTION_SHARE) + rows + TAIL
    if asked.print or asked.only:
        sys.stdout.write(page)
    else:
        (setup.BENCH / "SHELBY.md").write_text(page)
    if not sound:
        sys.exit("results differ by more than is allowed")


if __name__ == "__main__":
    main()
