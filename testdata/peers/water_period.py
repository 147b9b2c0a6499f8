#!/usr/bin/env python3
"""Heads and flows of public networks by EPANET 2.3 at its own event times.

    python3 testdata/peers/water_period.py OUTDIR

Reads OUTDIR/networks/epanet/*.inp and OUTDIR/networks/epanet-odd/*.inp; writes to
OUTDIR/water_period for every network, mode and run

<network>_<mode>_<run>.csv        one row a report step: time_s, warning (EPANET's code, 0 for
                                  none), then `n:<id>` head in m of every node and `l:<id>` flow
                                  in l/s of every pipe, pump and valve
<network>_<mode>_<run>.steps.csv  time_s and warning of every hydraulic solution

Modes and runs are those of water.py; the times are the file's own, at most
72 h, and 24 h where it asks for one moment. Files that
EPANET refuses are listed in refused.txt.
"""

import csv
import sys
import warnings
from pathlib import Path

from epanet import toolkit as en
from water import FT, HOURS, M3H, OUTAGE_H, REQUIRED_M, isolate_pumps

OUT_STEP_S = 300


def simulate(inp, target, mode, run):
    ph = en.createproject()
    scratch = target.with_suffix(".tmp")
    try:
        en.open(ph, str(inp), str(scratch), "")
        write(ph, target, mode, run)
        en.close(ph)
    finally:
        en.deleteproject(ph)
        scratch.unlink(missing_ok=True)


def write(ph, target, mode, run):
    units = en.getflowunits(ph)
    head = FT if units <= 4 else 1.0
    pressure = 0.4333 / FT if units <= 4 else 1.0
    litres = M3H[units] / 3.6
    own = en.gettimeparam(ph, en.DURATION) or 24 * 3600
    duration = min(own, HOURS * 3600)
    en.settimeparam(ph, en.DURATION, duration)
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
    isolators = isolate_pumps(ph, head) if run == "out" else []
    node_at = [en.getnodeindex(ph, i) for i in nodes]
    link_at = [en.getlinkindex(ph, k) for k in links]
    isolator_at = [en.getlinkindex(ph, k) for k in isolators]
    report = en.gettimeparam(ph, en.REPORTSTEP)
    en.openH(ph)
    en.initH(ph, en.NOSAVE)
    steps = target.with_suffix(".steps.csv")
    with target.open("w", newline="") as file, steps.open("w", newline="") as step_file:
        out, step_out = csv.writer(file), csv.writer(step_file)
        out.writerow(["time_s", "warning"] + [f"n:{i}" for i in nodes] + [f"l:{k}" for k in links])
        step_out.writerow(["time_s", "warning"])
        while True:
            warning = solve(ph)
            t = en.gettimeparam(ph, en.HTIME)
            step_out.writerow([t, warning])
            if t % report == 0:
                row = [t, warning]
                row += [f"{en.getnodevalue(ph, i, en.HEAD) * head:.5f}" for i in node_at]
                row += [f"{en.getlinkvalue(ph, k, en.FLOW) * litres:.5f}" for k in link_at]
                out.writerow(row)
            step = en.nextH(ph)
            t += step
            dark = OUTAGE_H[0] * 3600 <= t < OUTAGE_H[1] * 3600
            for k in isolator_at:
                en.setlinkvalue(ph, k, en.STATUS, 0 if dark else 1)
            if step == 0:
                break
    en.closeH(ph)


def solve(ph):
    """One solution; EPANET's warning code or 0. Errors end the run."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        en.runH(ph)
    return int(str(caught[0].message).split()[-1]) if caught else 0


def main():
    out = Path(sys.argv[1])
    folder = out / "water_period"
    folder.mkdir(parents=True, exist_ok=True)
    refused = []
    for inp in sorted((out / "networks").glob("epanet*/*.inp")):
        for mode in ["dda", "pda"]:
            for run in ["on", "out"]:
                target = folder / f"{inp.stem}_{mode}_{run}.csv"
                try:
                    simulate(inp, target, mode, run)
                except RuntimeError as error:
                    refused.append(f"{inp.stem} {mode} {run}: {error}")
                    for file in [target, target.with_suffix(".steps.csv")]:
                        file.unlink(missing_ok=True)
    (folder / "refused.txt").write_text("".join(line + "\n" for line in refused))


if __name__ == "__main__":
    main()
