#!/usr/bin/env python3
"""Heads and flows of public networks by EPANET 2.3, hour by hour.

    python3 testdata/peers/water.py OUTDIR

Reads OUTDIR/networks/epanet/*.inp and writes OUTDIR/water/<network>_<mode>_<run>.csv:
one row an hour with time_h, warning (1 if EPANET gave one, 0 if not), then a column for every
node (`n:<id>`, head in m) and every pipe, pump and valve (`l:<id>`, flow in m3/h).

mode  dda   demand-driven, EPANET's default
      pda   pressure-driven: nothing below 0 m, all from 20 m, exponent 0.5
run   on    pumps as the network's own controls say
      out   every pump's suction pipe shut from hour 2 to hour 20; controls go on
            turning pumps on and off meanwhile, as they do when the current fails
"""

import csv
import sys
import warnings
from pathlib import Path

from epanet import toolkit as en

NETWORKS = ["Net1", "Net2", "Net3", "Net6", "ky4", "ky10"]
OUTAGE_H = (2, 20)
HOURS = 72
FT = 0.3048
# Flow units in m3/h: cfs, gpm, mgd, imgd, afd, lps, lpm, mld, cmh, cmd.
M3H = [101.940648, 0.227124707, 157.725491, 189.4204, 51.3956, 3.6, 0.06, 41.6666667,
       1.0, 1.0 / 24.0]
REQUIRED_M = 20.0


def isolate_pumps(ph, head_unit):
    """Puts a wide short pipe before every pump; returns their ids."""
    count = en.getcount(ph, en.LINKCOUNT)
    pumps = [k for k in range(1, count + 1) if en.getlinktype(ph, k) == en.PUMP]
    names = []
    for k in pumps:
        ends = en.getlinknodes(ph, k)
        pump, suction = en.getlinkid(ph, k), en.getnodeid(ph, ends[0])
        discharge = en.getnodeid(ph, ends[1])
        names.append((pump, suction, discharge))
    added = []
    for number, (pump, suction, discharge) in enumerate(names):
        node, pipe = f"__n{number}", f"__p{number}"
        low = en.getnodevalue(ph, en.getnodeindex(ph, suction), en.ELEVATION)
        n = en.addnode(ph, node, en.JUNCTION)
        n = en.getnodeindex(ph, node)
        en.setjuncdata(ph, n, low, 0.0, "")
        en.addlink(ph, pipe, en.PIPE, suction, node)
        k = en.getlinkindex(ph, pipe)
        # 0.3 m long, 2.5 m wide: no head loss worth the name.
        en.setpipedata(ph, k, 0.3 / head_unit, 2540.0 if head_unit == 1.0 else 100.0, 140.0, 0.0)
        k = en.getlinkindex(ph, pump)
        en.setlinknodes(ph, k, en.getnodeindex(ph, node), en.getnodeindex(ph, discharge))
        added.append(pipe)
    return added


def simulate(inp, target, mode, run):
    ph = en.createproject()
    scratch = target.with_suffix(".tmp")
    en.open(ph, str(inp), str(scratch), "")
    units = en.getflowunits(ph)
    head = FT if units <= 4 else 1.0
    pressure = 0.4333 / FT if units <= 4 else 1.0
    own = en.gettimeparam(ph, en.DURATION)
    en.settimeparam(ph, en.DURATION, min(own or HOURS * 3600, HOURS * 3600))
    if en.gettimeparam(ph, en.HYDSTEP) > 3600:
        en.settimeparam(ph, en.HYDSTEP, 3600)
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
    en.openH(ph)
    en.initH(ph, en.NOSAVE)
    with target.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["time_h", "warning"] + [f"n:{i}" for i in nodes] + [f"l:{k}" for k in links])
        while True:
            # The time of the solution to come is known only afterwards but for the first.
            warning = solve(ph)
            t = en.gettimeparam(ph, en.HTIME)
            if t % 3600 == 0:
                row = [t // 3600, warning]
                row += [f"{en.getnodevalue(ph, i, en.HEAD) * head:.5f}" for i in node_at]
                row += [f"{en.getlinkvalue(ph, k, en.FLOW) * M3H[units]:.5f}" for k in link_at]
                out.writerow(row)
            step = en.nextH(ph)
            t += step
            dark = OUTAGE_H[0] * 3600 <= t < OUTAGE_H[1] * 3600
            for k in isolator_at:
                en.setlinkvalue(ph, k, en.STATUS, 0 if dark else 1)
            if step == 0:
                break
    en.closeH(ph)
    en.close(ph)
    en.deleteproject(ph)
    scratch.unlink(missing_ok=True)


def solve(ph):
    """One solution; 1 if EPANET warned. Errors end the script."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        en.runH(ph)
    return 1 if caught else 0


def main():
    out = Path(sys.argv[1])
    folder = out / "water"
    folder.mkdir(parents=True, exist_ok=True)
    for network in NETWORKS:
        for mode in ["dda", "pda"]:
            for run in ["on", "out"]:
                target = folder / f"{network}_{mode}_{run}.csv"
                simulate(out / "networks" / "epanet" / f"{network}.inp", target, mode, run)


if __name__ == "__main__":
    main()
