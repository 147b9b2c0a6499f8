#!/usr/bin/env python3
"""pandapipes' side of `bench/heat.py`: answers lines `NET cold|warm` on standard input.

    heat_run.py FOLDER          FOLDER holds the networks that the tests' set-up built

One answer is a line of JSON: ms of processor time of one `pipeflow` (bidirectional,
Colebrook, pandapipes' own tolerances) from its flat start, or of 24 of them with all
consumers scaled; and how far its answer is from one with tight tolerances.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandapipes as pp

warnings.filterwarnings("ignore")
OPTIONS = dict(mode="bidirectional", friction_model="colebrook", max_iter_bidirect=200,
               max_iter_hyd=200, max_iter_therm=200)
# A day's consumers, as shares of what the file asks for.
SHARES = [1.0 + 0.25 * np.sin(2 * np.pi * h / 24) for h in range(24)]


def apart(net, tight):
    """Largest differences of pressure (bar) and, where water flows, of temperature (K)."""
    now = net.res_junction
    moves = net.res_pipe.mdot_from_kg_per_s.abs().values > 0.05
    ends = np.unique(np.r_[net.pipe.from_junction[moves], net.pipe.to_junction[moves]])
    return (float(np.nanmax(np.abs(now.p_bar - tight[0]))),
            float(np.nanmax(np.abs(now.t_k - tight[1])[ends])))


def main(folder):
    nets, tight = {}, {}
    for line in sys.stdin:
        name, mode = line.split()
        if name not in nets:
            nets[name] = pp.from_json(str(folder / f"{name}.json"))
            rows = np.genfromtxt(folder / f"{name}.junctions.csv", delimiter=",", names=True)
            tight[name] = (rows["p_bar"], rows["t_k"])
        net = nets[name]
        heat = net.heat_consumer.qext_w.copy()
        start = time.process_time()
        if mode == "cold":
            pp.pipeflow(net, **OPTIONS)
        else:
            for share in SHARES:
                net.heat_consumer["qext_w"] = heat * share
                pp.pipeflow(net, **OPTIONS)
        ms = (time.process_time() - start) * 1e3
        net.heat_consumer["qext_w"] = heat
        p, t = apart(net, tight[name]) if mode == "cold" else (None, None)
        print(json.dumps({"ms": ms, "p_bar": p, "t_k": t}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
