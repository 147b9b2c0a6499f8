#!/usr/bin/env python3
"""Heads and flows of public networks by EPANET at its own event times.

    python3 testdata/peers/water_period.py OUTDIR

Reads OUTDIR/networks/{epanet,epanet-odd,epyt}/*.inp; writes to OUTDIR/water_period/VERSION/FOLDER
(versions of EPANET: 2.3, 2.2) for every network, mode and run

<network>_<mode>_<run>.csv        one row a report step: time_s, warning (EPANET's code, 0 for
                                  none), then `n:<id>` head in m of every node, `l:<id>` flow
                                  in l/s of every pipe, pump and valve, and of links that are
                                  pumps, valves, check valves or have controls `o:<id>` (0
                                  closed by whatever) and `s:<id>` (setting: speed; m, m3/h or
                                  loss coefficient of valves; empty where none)
<network>_<mode>_<run>.steps.csv  time_s and warning of every hydraulic solution

mode  dda   demand-driven, EPANET's default
      pda   pressure-driven: nothing below 0 m, all from 20 m, exponent 0.5
run   on    pumps as the network's own controls say
      out   every pump's suction pipe shut from hour 2 to hour 20, solutions every 5 minutes;
            when current is back, pumps that run by their controls are started
      own   the same at the file's own hydraulic step

EPANET 2.2 is asked for `on` and `own` only: what differs between versions shows in these.

The times are the file's own, at most 72 h, and 24 h where it asks for one moment. Networks of
more than 700 nodes, or with reports more often than every quarter of an hour, are run for a
day: it holds the outage and the return, and values of three days would be gigabytes. Where
EPANET stops with an error, what it had solved is kept; refused.txt lists these runs and the
files it does not open.
"""

import csv
import math
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from epanet import toolkit as en
from water import FT, M3H, OUTAGE_H, REQUIRED_M, isolate_pumps

FOLDERS = ["epanet", "epanet-odd", "epyt"]
MODES = ["dda", "pda"]
# By version of EPANET.
RUNS = {"2.3": ["on", "out", "own"], "2.2": ["on", "own"]}
OUT_STEP_S = 300
DAY_S = 24 * 3600
MANY_NODES = 700
# The setting of a valve that is held open or closed is -1e10 to EPANET 2.3.
NO_SETTING = -1e9


def simulate(inp, target, mode, run):
    """Returns what EPANET has against it, or nothing."""
    ph = en.createproject()
    scratch = target.with_suffix(".tmp")
    try:
        en.open(ph, str(inp), str(scratch), "")
        return write(ph, target, mode, run)
    except RuntimeError as error:
        for file in [target, target.with_suffix(".steps.csv")]:
            file.unlink(missing_ok=True)
        return str(error)
    finally:
        en.deleteproject(ph)
        scratch.unlink(missing_ok=True)


def duration(ph):
    own = en.gettimeparam(ph, en.DURATION) or DAY_S
    long = en.getcount(ph, en.NODECOUNT) > MANY_NODES or en.gettimeparam(ph, en.REPORTSTEP) < 900
    return min(own, DAY_S if long else 3 * DAY_S)


def write(ph, target, mode, run):
    units = en.getflowunits(ph)
    us = units <= 4
    head = FT if us else 1.0
    pressure = 0.4333 / FT if us else 1.0
    litres = M3H[units] / 3.6
    end = duration(ph)
    en.settimeparam(ph, en.DURATION, end)
    if run == "out":
        # A pump behind a shut pipe is open or closed to EPANET as its iterations fall, and its
        # controls cut steps accordingly. Short steps make that immaterial.
        en.settimeparam(ph, en.HYDSTEP, min(en.gettimeparam(ph, en.HYDSTEP), OUT_STEP_S))
    # Sharper than EPANET's defaults, so that the comparison is of networks, not of where
    # iterations were ended.
    en.setoption(ph, en.TRIALS, 200)
    en.setoption(ph, en.ACCURACY, 1e-5)
    en.setoption(ph, en.UNBALANCED, 10)
    if mode == "pda":
        en.setdemandmodel(ph, en.PDA, 0.0, REQUIRED_M * pressure, 0.5)
    else:
        en.setdemandmodel(ph, en.DDA, 0.0, 0.1, 0.5)
    nodes = [en.getnodeid(ph, i) for i in range(1, en.getcount(ph, en.NODECOUNT) + 1)]
    links = [en.getlinkid(ph, k) for k in range(1, en.getcount(ph, en.LINKCOUNT) + 1)]
    isolators = isolate_pumps(ph, head) if run != "on" else []
    node_at = [en.getnodeindex(ph, i) for i in nodes]
    link_at = [en.getlinkindex(ph, k) for k in links]
    isolator_at = [en.getlinkindex(ph, k) for k in isolators]
    acted_on = controlled(ph)
    set_at = [k for k in link_at if en.getlinktype(ph, k) != en.PIPE or k in acted_on]
    set_names = [en.getlinkid(ph, k) for k in set_at]
    factors = {en.PRV: 1 / pressure, en.PSV: 1 / pressure, en.PBV: 1 / pressure,
               en.FCV: M3H[units]}
    report = en.gettimeparam(ph, en.REPORTSTEP)
    if run != "on":
        # EPANET stops at every report: so it does when the outage begins and ends.
        en.settimeparam(ph, en.REPORTSTEP, math.gcd(report, OUTAGE_H[0] * 3600))
    en.openH(ph)
    en.initH(ph, en.NOSAVE)
    stopped, dark = None, False
    with (target.open("w", newline="") as file,
          target.with_suffix(".steps.csv").open("w", newline="") as step_file):
        csv.writer(file).writerow(
            ["time_s", "warning"] + [f"n:{i}" for i in nodes] + [f"l:{k}" for k in links]
            + [f"{what}:{k}" for k in set_names for what in "os"])
        step_file.write("time_s,warning\n")
        while True:
            try:
                warning = solve(ph)
            except RuntimeError as error:
                stopped = f"{error} after {en.gettimeparam(ph, en.HTIME)} s"
                break
            t = en.gettimeparam(ph, en.HTIME)
            step_file.write(f"{t},{warning}\n")
            if t % report == 0:
                row = [f"{en.getnodevalue(ph, i, en.HEAD) * head:.5f}" for i in node_at]
                row += [f"{en.getlinkvalue(ph, k, en.FLOW) * litres:.5f}" for k in link_at]
                for k in set_at:
                    value = en.getlinkvalue(ph, k, en.SETTING)
                    value *= factors.get(en.getlinktype(ph, k), 1.0)
                    is_open = int(en.getlinkvalue(ph, k, en.STATUS))
                    row += [f"{is_open}", f"{value:.7g}" if value > NO_SETTING else ""]
                file.write(f"{t},{warning}," + ",".join(row) + "\n")
            step = en.nextH(ph)
            t += step
            was_dark, dark = dark, OUTAGE_H[0] * 3600 <= t < OUTAGE_H[1] * 3600
            for k in isolator_at:
                en.setlinkvalue(ph, k, en.STATUS, 0 if dark else 1)
            if was_dark and not dark and isolator_at:
                start_pumps(ph, link_at)
            if step == 0:
                break
    return stopped


def controlled(ph):
    """Links with simple controls or in actions of rules."""
    found = {en.getcontrol(ph, c)[1] for c in range(1, en.getcount(ph, en.CONTROLCOUNT) + 1)}
    for r in range(1, en.getcount(ph, en.RULECOUNT) + 1):
        found |= en.getruleactions(ph, r)
    return found


def start_pumps(ph, links):
    """Starts the pumps that controls let run. To EPANET a pump of given power that has been at
    rest stays at rest, unless its status changes: then it starts from its design flow."""
    for k in links:
        if en.getlinktype(ph, k) == en.PUMP:
            speed = en.getlinkvalue(ph, k, en.SETTING)
            if speed > 0.0:
                en.setlinkvalue(ph, k, en.STATUS, 0)
                en.setlinkvalue(ph, k, en.STATUS, 1)
                en.setlinkvalue(ph, k, en.SETTING, speed)


def solve(ph):
    """One solution; EPANET's warning code or 0. Errors end the run."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        en.runH(ph)
    return int(str(caught[0].message).split()[-1]) if caught else 0


def network(out, version, inp):
    """All runs of one network; prints what EPANET has against them."""
    en.use(version)
    for mode in MODES:
        for run in RUNS[version]:
            target = target_of(out, version, inp, mode, run)
            said = simulate(inp, target, mode, run)
            if said:
                print(f"{inp.parent.name}/{inp.stem},{mode},{run},{said}")


def target_of(out, version, inp, mode, run):
    return out / "water_period" / version / inp.parent.name / f"{inp.stem}_{mode}_{run}.csv"


def main():
    out = Path(sys.argv[1])
    if len(sys.argv) > 2:
        network(out, sys.argv[2], Path(sys.argv[3]))
        return
    # Each network in a process of its own, as many at a time as there are cores: the library
    # is not safe for threads, and one network in it must not spoil the next.
    inps = [inp for f in FOLDERS for inp in sorted((out / "networks" / f).glob("*.inp"))]
    jobs = [(version, inp) for version in RUNS for inp in inps]
    # The largest first: then none of them is left over for the end.
    jobs.sort(key=lambda job: (-job[1].stat().st_size, job))
    for version in RUNS:
        for folder in FOLDERS:
            (out / "water_period" / version / folder).mkdir(parents=True, exist_ok=True)

    def start(job):
        version, inp = job
        command = [sys.executable, __file__, out, version, inp]
        done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True)
        said = done.stdout.splitlines()
        if done.returncode:
            said.append(f"{inp.parent.name}/{inp.stem},*,*,EPANET ends the process")
        return version, said

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(start, jobs))
    for version in RUNS:
        lines = sorted(line + "\n" for v, said in results if v == version for line in said)
        (out / "water_period" / version / "refused.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
