#!/usr/bin/env python3
"""EPANET's side of `bench/water.py`: one run of a network, ms of processor time, as JSON.

    epanet_run.py VERSION NET.inp dda|pda|out SECONDS

The solver alone: opening the file is not counted, opening the hydraulics and every
solution are. VERSION is 2.3 (of the package owa-epanet) or 2.2 (of the package wntr).
"""

import json
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "testdata" / "peers"))

from epanet import toolkit as en  # noqa: E402
from water import FT, HOURS, OUTAGE_H, REQUIRED_M, isolate_pumps  # noqa: E402


def run(ph, isolators):
    """All solutions; their number."""
    en.openH(ph)
    en.initH(ph, en.NOSAVE)
    solutions = 0
    while True:
        en.runH(ph)
        solutions += 1
        step = en.nextH(ph)
        if isolators:
            t = en.gettimeparam(ph, en.HTIME) + step
            dark = OUTAGE_H[0] * 3600 <= t < OUTAGE_H[1] * 3600
            for k in isolators:
                en.setlinkvalue(ph, k, en.STATUS, 0 if dark else 1)
        if step == 0:
            break
    en.closeH(ph)
    return solutions


def main(version, inp, mode, seconds):
    warnings.simplefilter("ignore")
    en.use(version)
    ph = en.createproject()
    with tempfile.TemporaryDirectory() as scratch:
        en.open(ph, inp, str(Path(scratch) / "report"), "")
        units = en.getflowunits(ph)
        head = FT if units <= 4 else 1.0
        pressure = 0.4333 / FT if units <= 4 else 1.0
        own = en.gettimeparam(ph, en.DURATION) or 24 * 3600
        en.settimeparam(ph, en.DURATION, min(own, HOURS * 3600))
        if mode == "dda":
            en.setdemandmodel(ph, en.DDA, 0.0, 0.1, 0.5)
        else:
            en.setdemandmodel(ph, en.PDA, 0.0, REQUIRED_M * pressure, 0.5)
        isolators = []
        if mode == "out":
            isolators = [en.getlinkindex(ph, k) for k in isolate_pumps(ph, head)]
        # Once, the first run warms caches.
        solutions, spent, runs = run(ph, isolators), 0.0, 0
        while spent < float(seconds):
            start = time.process_time()
            run(ph, isolators)
            spent += time.process_time() - start
            runs += 1
        print(json.dumps({"ms": spent / runs * 1e3, "solutions": solutions}))
        en.close(ph)


if __name__ == "__main__":
    main(*sys.argv[1:])
