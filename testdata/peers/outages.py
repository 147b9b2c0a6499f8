#!/usr/bin/env python3
"""Single outages of MATPOWER cases, by PYPOWER.

    python3 testdata/peers/outages.py OUTDIR

Reads OUTDIR/networks/matpower/*.m and writes OUTDIR/outages/CASE.csv with the columns
kind (branch, generator), row, vm_lowest_pu, vm_highest_pu, p_largest_mw,
p_largest_dc_mw: voltages and the largest active flow at a from end after the outage, AC and
DC. Outages that split the grid or take all units from the reference are left out: PYPOWER
has no answer to them. AC columns are empty where PYPOWER does not converge.
"""

import csv
import sys
import warnings
from pathlib import Path

import numpy as np
from power_flow import ac, dc, in_service, load
from pypower.idx_brch import F_BUS, T_BUS
from pypower.idx_bus import BUS_TYPE, PQ, PV, REF
from pypower.idx_gen import GEN_BUS
from pypower.makeBdc import makeBdc
from pypower.makeYbus import makeYbus
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

# Every how many-th element of a case is lost.
CASES = {"case14": 1, "case39": 1, "case118": 3, "case300": 7, "case1354pegase": 100}
TOLERANCE = 1e-10


def pieces(bus, branch):
    ends = (branch[:, F_BUS].astype(int), branch[:, T_BUS].astype(int))
    graph = coo_matrix((np.ones(len(branch)), ends), shape=(len(bus), len(bus)))
    return connected_components(graph, directed=False)[0]


def after(case):
    """Lowest and highest voltage and largest flow (AC), largest flow (DC)."""
    base, bus, branch = case["baseMVA"], case["bus"], case["branch"]
    cells = ["", "", ""]
    found = ac(case, False, TOLERANCE)[0]
    if found:
        v = found[0] * np.exp(1j * np.radians(found[1]))
        _, yf, _ = makeYbus(base, bus, branch)
        p = (v[branch[:, F_BUS].astype(int)] * np.conj(yf * v)).real * base
        cells = [found[0].min(), found[0].max(), abs(p).max()]
    _, bf, _, injected = makeBdc(base, bus, branch)
    p = (bf * np.radians(dc(case)) + injected) * base
    return [*cells, abs(p).max()]


def main(out):
    folder = out / "outages"
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    for name, step in CASES.items():
        case = load(out / "networks" / "matpower" / f"{name}.m")
        rows = {t: len(case[t]) for t in ("branch", "gen")}
        for table in rows:
            numbers = np.arange(rows[table])[:, None]
            case[table] = np.hstack([case[table], numbers])
        inner, _ = in_service(case)
        whole = pieces(inner["bus"], inner["branch"])
        with open(folder / f"{name}.csv", "w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["kind", "row", "vm_lowest_pu", "vm_highest_pu", "p_largest_mw",
                            "p_largest_dc_mw"])
            for i in range(0, len(inner["branch"]), step):
                lost = dict(inner, branch=np.delete(inner["branch"], i, 0))
                if pieces(lost["bus"], lost["branch"]) == whole:
                    table.writerow(["branch", int(inner["branch"][i, -1]), *after(lost)])
            for i in range(0, len(inner["gen"]), step):
                gen = np.delete(inner["gen"], i, 0)
                bus = inner["bus"].copy()
                at = int(inner["gen"][i, GEN_BUS])
                if at not in gen[:, GEN_BUS]:
                    if bus[at, BUS_TYPE] == REF:
                        continue
                    if bus[at, BUS_TYPE] == PV:
                        bus[at, BUS_TYPE] = PQ
                table.writerow(["generator", int(inner["gen"][i, -1]),
                                *after(dict(inner, bus=bus, gen=gen))])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
