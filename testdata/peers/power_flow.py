#!/usr/bin/env python3
"""AC and DC power flows of MATPOWER cases, by PYPOWER.

    python3 testdata/peers/power_flow.py OUTDIR

Reads OUTDIR/networks/matpower/*.m and writes OUTDIR/power_flow/:
  cases.csv          case, which (ac, acq, dc), converged, iterations, slack_p_mw,
                     slack_q_mvar, dc_lines (1: they took part)
  CASE.csv           bus, vm_pu, va_deg, vm_q_pu, va_q_deg, va_dc_deg: without limits, with
                     reactive limits, DC; empty where it did not converge
  CASE.units.csv     row, p_mw, q_mvar, p_q_mw, q_q_mvar of the units in service

Start point: voltages of the file with the set-points of the units; tolerance 1e-10 p.u.,
or 1e-8 where that is out of reach.
With limits: units beyond a limit are set to it and their bus becomes a load bus, all at
once, until none is beyond (MATPOWER's `pf.enforce_q_lims = 1`). PYPOWER's own matrices and
Newton steps are used; the rounds of limits are written down here, because PYPOWER's do not
run with a recent numpy.
"""

import csv
import sys
import warnings
from pathlib import Path

import numpy as np
from formats import read_case
from pypower.bustypes import bustypes
from pypower.dcpf import dcpf
from pypower.idx_brch import BR_STATUS, F_BUS, T_BUS
from pypower.idx_bus import BUS_I, BUS_TYPE, GS, NONE, PD, PQ, PV, QD, REF, VA, VM
from pypower.idx_gen import GEN_BUS, GEN_STATUS, PG, QG, QMAX, QMIN, VG
from pypower.makeBdc import makeBdc
from pypower.makeSbus import makeSbus
from pypower.makeYbus import makeYbus
from pypower.newtonpf import newtonpf
from pypower.ppoption import ppoption

# The second where rounding keeps the first out of reach (branches of almost no impedance).
TOLERANCES = [1e-10, 1e-8]
MOST_ITERATIONS = 20
EXCESS_MVAR = 5e-6


def load(path):
    base, bus, gen, branch, dc = read_case(path)
    wide = [np.hstack([t, np.zeros((len(t), max(0, n - t.shape[1])))])
            for t, n in ((bus, 13), (gen, 21), (branch, 17))]
    return {"version": "2", "baseMVA": base, "bus": wide[0], "gen": wide[1],
            "branch": wide[2], "dc": np.zeros((0, 17)) if dc is None else dc}


def with_dc_lines(case):
    """Direct-current lines as two units each, which regulate their ends (MATPOWER's
    `toggle_dcline`)."""
    dc = case["dc"][case["dc"][:, 2] > 0]
    ends = []
    for at, p, q, v, low, high in [(0, -dc[:, 3], 5, 7, 11, 12),
                                   (1, dc[:, 3] - dc[:, 15] - dc[:, 16] * dc[:, 3], 6, 8, 13, 14)]:
        g = np.zeros((len(dc), case["gen"].shape[1]))
        g[:, GEN_BUS], g[:, PG], g[:, QG], g[:, VG] = dc[:, at], p, dc[:, q], dc[:, v]
        g[:, QMIN], g[:, QMAX], g[:, GEN_STATUS], g[:, 6] = dc[:, low], dc[:, high], 1, 100
        ends.append(g)
        rows = np.isin(case["bus"][:, 0], dc[:, at]) & (case["bus"][:, BUS_TYPE] == PQ)
        case["bus"][rows, BUS_TYPE] = PV
    case["gen"] = np.vstack([case["gen"]] + ends)
    return case


def in_service(case):
    """Buses, units and branches in service, buses numbered by row. PYPOWER's own ext2int
    sorts units in an order that depends on chance where several are at one bus."""
    bus = case["bus"][case["bus"][:, BUS_TYPE] != NONE]
    row = {b: i for i, b in enumerate(bus[:, BUS_I])}
    gen = case["gen"][[g[GEN_STATUS] > 0 and g[GEN_BUS] in row for g in case["gen"]]]
    branch = case["branch"][[l[BR_STATUS] > 0 and l[F_BUS] in row and l[T_BUS] in row
                             for l in case["branch"]]]
    names = bus[:, BUS_I].astype(int)
    bus[:, BUS_I] = np.arange(len(bus))
    gen[:, GEN_BUS] = [row[b] for b in gen[:, GEN_BUS]]
    for c in (F_BUS, T_BUS):
        branch[:, c] = [row[b] for b in branch[:, c]]
    return dict(case, bus=bus, gen=gen, branch=branch), names


def outputs(V, Ybus, bus, gen, base, regulated):
    """Reactive outputs of units at regulated buses, shared as MATPOWER's pfsoln does."""
    at = gen[:, GEN_BUS].astype(int)
    net = (V * np.conj(Ybus * V)).imag * base + bus[:, QD]
    q = gen[:, QG].copy()
    on = np.flatnonzero(regulated[at])
    by_bus = {}
    for g in on:
        by_bus.setdefault(at[g], []).append(g)
    for b, units in by_bus.items():
        rest = sum(q[g] for g in np.flatnonzero(at == b) if g not in units)
        total, low, high = net[b] - rest, gen[units, QMIN].copy(), gen[units, QMAX].copy()
        wide = abs(total) + sum(abs(v) for v in np.r_[low, high] if np.isfinite(v))
        low, high = np.clip(low, -wide, wide), np.clip(high, -wide, wide)
        width = high.sum() - low.sum()
        if len(units) == 1:
            q[units] = total
        elif abs(width) < 10 * np.finfo(float).eps:
            q[units] = low + (total - low.sum()) / len(units)
        else:
            q[units] = low + (total - low.sum()) / width * (high - low)
    return q


def ac(case, limited, tolerance):
    """Voltages and units' outputs, or None; iterations; reference bus."""
    base, bus, gen = case["baseMVA"], case["bus"].copy(), case["gen"].copy()
    Ybus, _, _ = makeYbus(base, bus, case["branch"])
    ref, pv, pq = bustypes(bus, gen)
    first, angle = ref.copy(), bus[ref, VA].copy()
    V = bus[:, VM] * np.exp(1j * np.radians(bus[:, VA]))
    regulated = np.ones(len(bus), bool)
    regulated[pq] = False
    at = gen[:, GEN_BUS].astype(int)
    on = np.flatnonzero(regulated[at])
    V[at[on]] = gen[on, VG] * np.exp(1j * np.angle(V[at[on]]))
    options = ppoption(PF_TOL=tolerance, PF_MAX_IT=MOST_ITERATIONS, VERBOSE=0)
    iterations = 0
    while True:
        V, good, count = newtonpf(Ybus, makeSbus(base, bus, gen), V, ref, pv, pq, options)
        iterations += count
        if not good or not np.all(np.isfinite(V)):
            return None, iterations, first
        regulated[:] = True
        regulated[pq] = False
        gen[:, QG] = outputs(V, Ybus, bus, gen, base, regulated)
        net = (V * np.conj(Ybus * V)).real * base + bus[:, PD]
        for r in ref:
            units = np.flatnonzero(at == r)
            gen[units[0], PG] = net[r] - gen[units[1:], PG].sum()
        if not limited:
            break
        high = gen[:, QG] > gen[:, QMAX] + EXCESS_MVAR
        low = gen[:, QG] < gen[:, QMIN] - EXCESS_MVAR
        beyond = np.flatnonzero(high | low)
        if not len(beyond):
            break
        left = np.flatnonzero(regulated[at])
        if np.array_equal(beyond, left) and (not high.any() or not low.any()):
            return None, iterations, first
        gen[high, QG] = gen[high, QMAX]
        gen[low, QG] = gen[low, QMIN]
        if len(ref) > 1 and np.isin(at[beyond], ref).any():
            return None, iterations, first
        bus[at[beyond], BUS_TYPE] = PQ
        if not np.any((bus[at, BUS_TYPE] == PV) | (bus[at, BUS_TYPE] == REF)):
            return None, iterations, first
        ref, pv, pq = bustypes(bus, gen)
        bus[ref, BUS_TYPE] = REF
    turn = angle[0] - np.degrees(np.angle(V[first[0]])) if first[0] != ref[0] else 0.0
    return (abs(V), np.degrees(np.angle(V)) + turn, gen[:, [PG, QG]]), iterations, first


def dc(case):
    base, bus, gen, branch = case["baseMVA"], case["bus"], case["gen"], case["branch"]
    B, _, injected, _ = makeBdc(base, bus, branch)
    ref, pv, pq = bustypes(bus, gen)
    p = makeSbus(base, bus, gen).real - injected - bus[:, GS] / base
    va = dcpf(B, p, np.radians(bus[:, VA]), ref, pv, pq)
    return np.degrees(va) if np.all(np.isfinite(va)) else None


def text(value):
    return "" if value is None else repr(float(value))


def main(out):
    folder = out / "power_flow"
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    with open(folder / "cases.csv", "w", newline="") as listed:
        index = csv.writer(listed)
        index.writerow(["case", "which", "converged", "iterations", "slack_p_mw",
                        "slack_q_mvar", "dc_lines"])
        for path in sorted((out / "networks" / "matpower").glob("case*.m")):
            case = load(path)
            lines = int((case["dc"][:, 2] > 0).any()) if len(case["dc"]) else 0
            if lines:
                case = with_dc_lines(case)
            # Rows of the file survive in a spare column of the units.
            case["gen"] = np.hstack([case["gen"], np.arange(len(case["gen"]))[:, None]])
            inner, kept = in_service(case)
            rows = inner["gen"][:, -1].astype(int)
            results = {}
            for which, limited in [("ac", False), ("acq", True)]:
                for tolerance in TOLERANCES:
                    found, iterations, first = ac(inner, limited, tolerance)
                    if found:
                        break
                results[which] = found
                slack = ["", ""]
                if found:
                    units = np.flatnonzero(inner["gen"][:, GEN_BUS] == first[0])
                    slack = [text(found[2][units, c].sum()) for c in (0, 1)]
                index.writerow([path.stem, which, int(found is not None), iterations, *slack,
                                lines])
            results["dc"] = dc(inner)
            index.writerow([path.stem, "dc", int(results["dc"] is not None), 1, "", "", lines])
            with open(folder / f"{path.stem}.csv", "w", newline="") as table:
                write = csv.writer(table)
                write.writerow(["bus", "vm_pu", "va_deg", "vm_q_pu", "va_q_deg", "va_dc_deg"])
                for i, b in enumerate(kept):
                    cells = [results[w][c][i] if results[w] else None
                             for w in ("ac", "acq") for c in (0, 1)]
                    cells.append(results["dc"][i] if results["dc"] is not None else None)
                    write.writerow([b] + [text(c) for c in cells])
            with open(folder / f"{path.stem}.units.csv", "w", newline="") as table:
                write = csv.writer(table)
                write.writerow(["row", "p_mw", "q_mvar", "p_q_mw", "q_q_mvar"])
                for i in range(len(rows)):
                    cells = [results[w][2][i, c] if results[w] else None
                             for w in ("ac", "acq") for c in (0, 1)]
                    write.writerow([rows[i]] + [text(c) for c in cells])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
