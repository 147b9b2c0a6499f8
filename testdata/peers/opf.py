#!/usr/bin/env python3
"""DC optimal power flow of MATPOWER cases, by HiGHS.

    python3 testdata/peers/opf.py OUTDIR

Reads OUTDIR/networks/matpower/*.m and writes OUTDIR/opf/objectives.csv: case, objective
(cost per hour; "infeasible" where there is none).

The program is the one of `blackstart::grid::opf`, written down on its own here: units in
service within their limits, all demand served, MATPOWER's susceptances and phase shifters,
long-term ratings, limits of angle differences (0 and beyond 360 degrees mean none), dc
lines with their losses, shunts at 1 p.u. Costs: polynomials up to the second degree and
convex piecewise linear ones. Quadratic costs are bounded from below by tangents, added
where the last solution lies until the bound is exact: HiGHS' own method for quadratic
programs found no optimum in two minutes even on case14.
"""

import csv
import math
import re
import sys
from pathlib import Path

import highspy
import numpy as np

from grid import matrix

CASES = ["case5", "case6ww", "case9", "case14", "case24_ieee_rts", "case30", "case_ieee30",
         "case30pwl", "case39", "case57", "case118", "case300", "case_RTS_GMLC",
         "case_ACTIVSg200", "case_ACTIVSg500", "case1354pegase", "case1888rte",
         "case_ACTIVSg2000", "case2383wp", "case2736sp", "case2869pegase", "case3012wp",
         "case3375wp"]
# Costs are solved for in units of this many per p.u. of power: HiGHS takes programs with
# slopes of some thousands for unbounded at the tolerances asked for.
UNIT = 1000.0
# Relative error of the piecewise linear bound at which tangents suffice.
GAP = 1e-7


def costs(text, units):
    """By unit: ("poly", c2, c1, c0) or ("pwl", [(p, cost), ...])."""
    found = re.search(r"mpc\.gencost\s*=\s*\[(.*?)\];", text, re.S)
    rows = []
    for line in found.group(1).splitlines():
        for part in line.split("%")[0].split(";"):
            cells = [float(c) for c in part.replace(",", " ").split()]
            if cells:
                rows.append(cells)
    out = []
    for row in rows[:units]:
        count = int(row[3])
        if row[0] == 1:
            points = row[4:4 + 2 * count]
            out.append(("pwl", list(zip(points[::2], points[1::2]))))
        else:
            c = row[4:4 + count]
            if any(c[:-3]):
                raise ValueError("a cost of third or higher degree")
            out.append(("poly", *([0.0] * (3 - len(c)) + c)[-3:]))
    return out


def solve(path):
    text = path.read_text()
    base = float(re.search(r"mpc\.baseMVA\s*=\s*([^;]+);", text).group(1))
    bus, gen, branch, dc = (matrix(text, t) for t in ("bus", "gen", "branch", "dcline"))
    cost = costs(text, len(gen))
    row = {int(b): i for i, b in enumerate(bus[:, 0])}
    up = bus[:, 1] != 4
    n = len(bus)
    inf = highspy.kHighsInf
    columns, rows = [], [[(bus[i, 2] + bus[i, 4]) / base] * 2 for i in range(n)]
    bent, constant = [], 0.0
    for i in range(n):
        columns.append([0.0, -inf, inf, []])
    for b in branch:
        f, t = row[int(b[0])], row[int(b[1])]
        if b[10] <= 0 or not (up[f] and up[t]):
            continue
        y = 1 / (b[3] * (b[8] or 1.0))
        shift = math.radians(b[9])
        rate = b[5] / base or inf
        law = len(rows)
        rows.append([-y * shift] * 2)
        columns.append([0.0, -rate, rate, [(f, -1.0), (t, 1.0), (law, 1.0)]])
        columns[f][3].append((law, -y))
        columns[t][3].append((law, y))
        least = math.radians(b[11]) if b[11] != 0 and b[11] > -360 else -inf
        most = math.radians(b[12]) if b[12] != 0 and b[12] < 360 else inf
        if least > -inf or most < inf:
            columns[f][3].append((len(rows), 1.0))
            columns[t][3].append((len(rows), -1.0))
            rows.append([least, most])
    for g, c in zip(gen, cost):
        i = row[int(g[0])]
        if g[7] <= 0 or not up[i]:
            continue
        low, high = g[9] / base, g[8] / base
        if c[0] == "poly":
            constant += c[3]
            columns.append([c[2] * base, low, high, [(i, 1.0)]])
            if c[1]:
                bent.append((len(columns) - 1, c[1] * base * base / UNIT))
                columns.append([UNIT, -inf, inf, []])
        else:
            # cost >= every piece
            y = len(columns) + 1
            columns.append([0.0, low, high, [(i, 1.0)]])
            columns.append([UNIT, -inf, inf, []])
            for (a, u), (b, v) in zip(c[1], c[1][1:]):
                slope = (v - u) / (b - a)
                columns[y - 1][3].append((len(rows), -slope * base / UNIT))
                columns[y][3].append((len(rows), 1.0))
                rows.append([(u - slope * a) / UNIT, inf])
    for d in dc:
        f, t = row[int(d[0])], row[int(d[1])]
        if d[2] > 0 and up[f] and up[t]:
            columns.append([0.0, d[9] / base, d[10] / base, [(f, -1.0), (t, 1 - d[16])]])
            rows[t] = [v + d[15] / base for v in rows[t]]

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns), len(rows)
    lp.col_cost_ = np.array([c[0] / UNIT for c in columns])
    lp.col_lower_ = np.array([c[1] for c in columns])
    lp.col_upper_ = np.array([c[2] for c in columns])
    lp.row_lower_ = np.array([r[0] for r in rows])
    lp.row_upper_ = np.array([r[1] for r in rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.cumsum([0] + [len(c[3]) for c in columns])
    lp.a_matrix_.index_ = np.array([r for c in columns for r, _ in c[3]])
    lp.a_matrix_.value_ = np.array([v for c in columns for _, v in c[3]], dtype=float)
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("primal_feasibility_tolerance", 1e-9)
    h.setOptionValue("dual_feasibility_tolerance", 1e-9)
    h.passModel(lp)

    def tangent(c, q, x):
        """cost of column c + 1 >= q x^2 along its tangent at x"""
        h.addRow(-q * x * x, inf, 2, np.array([c, c + 1], dtype=np.int32),
                 np.array([-2 * q * x, 1.0]))

    for c, q in bent:
        for x in np.linspace(columns[c][1], columns[c][2], 33):
            tangent(c, q, x)
    for _ in range(40):
        h.run()
        status = h.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return "infeasible"
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        x = h.getSolution().col_value
        bound = h.getInfo().objective_function_value * UNIT + constant
        off = [(c, q, q * x[c] ** 2 - x[c + 1]) for c, q in bent]
        gap = sum(o for _, _, o in off) * UNIT
        if gap <= GAP * abs(bound):
            # The point is feasible and the bound one from below: the truth lies between.
            return repr(float(bound + 0.5 * gap))
        for c, q, o in off:
            if o * UNIT > 0.01 * GAP * abs(bound) / len(bent):
                tangent(c, q, x[c])
    return None


def main(out):
    folder = out / "opf"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "objectives.csv", "w", newline="") as listed:
        index = csv.writer(listed)
        index.writerow(["case", "objective"])
        for name in CASES:
            try:
                objective = solve(out / "networks" / "matpower" / f"{name}.m")
            except (ValueError, AttributeError) as e:
                print(f"{name}: {e}, left out")
                continue
            if objective is None:
                print(f"{name}: HiGHS found no optimum in its time, left out")
                continue
            index.writerow([name, objective])
            listed.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
