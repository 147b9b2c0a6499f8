#!/usr/bin/env python3
"""Largest weighted service on damaged MATPOWER cases, by HiGHS.

    python3 testdata/peers/grid.py OUTDIR [SEEDS]

SEEDS replaces the number of seeds of every case (20 took 12 minutes here). Reads OUTDIR/networks/matpower/*.m and writes OUTDIR/grid/:
  instances.csv      name, case, seed, objective (sum of weight * served, MW)
  <name>.csv         what differs from the case: table, row (from 0), value
                     branch/generator: out of service; rate: rating in MW

The program is the one of `blackstart::grid`, written down on its own here: weights
1, 3, 10 by bus row modulo 3; least outputs 0; negative demands inject and may be
spilled, so do negative shunts; shunts and constant losses of dc lines weigh 100 times the largest weight;
islands without a generator are dark.
"""

import csv
import math
import random
import re
import sys
from pathlib import Path

import highspy
import numpy as np

# Seeds by case, and of how many of them there is a variant with tight ratings: fewer where
# HiGHS takes seconds, so that setting up takes minutes.
SEEDS = {"case118": (20, 6), "case300": (20, 6), "case_RTS_GMLC": (20, 6),
         "case1354pegase": (20, 3), "case_ACTIVSg2000": (10, 2), "case2869pegase": (10, 2),
         "case9241pegase": (3, 0), "case13659pegase": (2, 0)}
FIXED_WORTH = 100.0
WEIGHTS = [1.0, 3.0, 10.0]


def matrix(text, name):
    """A numeric matrix of a version 2 case."""
    found = re.search(r"mpc\.%s\s*=\s*\[(.*?)\];" % name, text, re.S)
    if not found:
        return np.zeros((0, 13))
    rows = []
    for line in found.group(1).splitlines():
        for part in line.split("%")[0].split(";"):
            cells = part.replace(",", " ").split()
            if cells:
                rows.append([float(c) for c in cells])
    return np.array(rows) if rows else np.zeros((0, 13))


class Case:
    def __init__(self, path):
        text = path.read_text()
        self.base = float(re.search(r"mpc\.baseMVA\s*=\s*([^;]+);", text).group(1))
        bus, gen, branch, dc = (matrix(text, t) for t in ("bus", "gen", "branch", "dcline"))
        row = {int(b): i for i, b in enumerate(bus[:, 0])}
        self.n = len(bus)
        self.bus_up = bus[:, 1] != 4
        self.pd, self.gs = bus[:, 2] / self.base, bus[:, 4] / self.base
        self.gen_bus = np.array([row[int(b)] for b in gen[:, 0]])
        self.gen_up, self.pmax = gen[:, 7] > 0, gen[:, 8] / self.base
        self.pg = gen[:, 1] / self.base
        self.f = np.array([row[int(b)] for b in branch[:, 0]])
        self.t = np.array([row[int(b)] for b in branch[:, 1]])
        tap = np.where(branch[:, 8] == 0, 1.0, branch[:, 8])
        self.b = 1 / (branch[:, 3] * tap)
        self.phi = np.radians(branch[:, 9])
        self.rate = np.where(branch[:, 5] == 0, np.inf, branch[:, 5] / self.base)
        self.branch_up = branch[:, 10] > 0
        if len(dc):
            self.dc_f = [row[int(b)] for b in dc[:, 0]]
            self.dc_t = [row[int(b)] for b in dc[:, 1]]
            self.dc_up = dc[:, 2] > 0
            self.dc_min, self.dc_max = dc[:, 9] / self.base, dc[:, 10] / self.base
            self.dc_loss0, self.dc_loss1 = dc[:, 15] / self.base, dc[:, 16]
        else:
            self.dc_f, self.dc_t, self.dc_up = [], [], []
        self.weight = np.array([WEIGHTS[i % 3] for i in range(self.n)])

    def intact_flows(self):
        """DC flows of the case with its own generation; the imbalance goes to bus 0."""
        up = self.branch_up & self.bus_up[self.f] & self.bus_up[self.t]
        lap = np.zeros((self.n, self.n))
        p = -self.pd - self.gs
        np.add.at(p, self.gen_bus[self.gen_up], self.pg[self.gen_up])
        f, t, b, shift = self.f[up], self.t[up], self.b[up], self.phi[up]
        np.add.at(lap, (f, f), b)
        np.add.at(lap, (t, t), b)
        np.add.at(lap, (f, t), -b)
        np.add.at(lap, (t, f), -b)
        np.add.at(p, f, b * shift)
        np.add.at(p, t, -b * shift)
        theta = np.linalg.lstsq(lap[1:, 1:], p[1:], rcond=None)[0] if self.n < 500 else \
            np.linalg.solve(lap[1:, 1:], p[1:])
        theta = np.concatenate([[0.0], theta])
        return np.where(up, self.b * (theta[self.f] - theta[self.t] - self.phi), 0.0)


def components(n, up, pairs):
    parent = list(range(n))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in pairs:
        if up[a] and up[b]:
            parent[root(a)] = root(b)
    return [root(i) for i in range(n)]


def solve(case, branch_out, gen_out, rate):
    """The optimum: sum of weight * served in MW."""
    live = [l for l in range(len(case.f)) if case.branch_up[l] and l not in branch_out
            and case.bus_up[case.f[l]] and case.bus_up[case.t[l]]]
    dc_live = [k for k in range(len(case.dc_f)) if case.dc_up[k]]
    gens = [g for g in range(len(case.gen_bus)) if case.gen_up[g] and g not in gen_out
            and case.pmax[g] > 0 and case.bus_up[case.gen_bus[g]]]
    joined = components(case.n, case.bus_up, [(case.f[l], case.t[l]) for l in live]
                        + [(case.dc_f[k], case.dc_t[k]) for k in dc_live])
    alive = {joined[case.gen_bus[g]] for g in gens}
    on = [case.bus_up[i] and joined[i] in alive for i in range(case.n)]

    # Columns: (cost, lower, upper, [(row, value)]); rows: balances, then flow laws.
    inf = highspy.kHighsInf
    columns = []
    counted = []
    balance = {i: k for k, i in enumerate(i for i in range(case.n) if on[i])}
    live = [l for l in live if on[case.f[l]] and case.f[l] != case.t[l]]
    law = {l: len(balance) + k for k, l in enumerate(live)}
    for i in balance:
        columns.append((0.0, -inf, inf, []))
    first_theta = dict(zip(balance, range(len(balance))))
    for l in live:
        f, t = case.f[l], case.t[l]
        r = rate[l] if math.isfinite(rate[l]) else inf
        columns.append((0.0, -r, r, [(balance[f], -1.0), (balance[t], 1.0), (law[l], 1.0)]))
        columns[first_theta[f]][3].append((law[l], -case.b[l]))
        columns[first_theta[t]][3].append((law[l], case.b[l]))
    for g in gens:
        columns.append((0.0, 0.0, case.pmax[g], [(balance[case.gen_bus[g]], 1.0)]))
    heavy = FIXED_WORTH * max(case.weight)
    for i, r in balance.items():
        if case.pd[i] > 0:
            counted.append((len(columns), case.weight[i]))
            columns.append((-case.weight[i], 0.0, case.pd[i], [(r, -1.0)]))
        elif case.pd[i] < 0:
            columns.append((0.0, 0.0, -case.pd[i], [(r, 1.0)]))
        if case.gs[i] != 0:
            cost, sign = (-heavy, -1.0) if case.gs[i] > 0 else (0.0, 1.0)
            columns.append((cost, 0.0, abs(case.gs[i]), [(r, sign)]))
    for k in dc_live:
        f, t = case.dc_f[k], case.dc_t[k]
        if not on[f]:
            continue
        kept = 1 - case.dc_loss1[k]
        if case.dc_max[k] > 0:
            columns.append((0.0, 0.0, case.dc_max[k], [(balance[f], -1.0), (balance[t], kept)]))
        if case.dc_min[k] < 0:
            columns.append((0.0, 0.0, -case.dc_min[k],
                            [(balance[f], 1.0), (balance[t], -1 / kept)]))
        if case.dc_loss0[k] > 0:
            columns.append((-heavy, 0.0, case.dc_loss0[k], [(balance[t], -1.0)]))
    rhs = [0.0] * len(balance) + [-case.b[l] * case.phi[l] for l in live]

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns), len(rhs)
    lp.col_cost_ = np.array([c[0] for c in columns])
    lp.col_lower_ = np.array([c[1] for c in columns])
    lp.col_upper_ = np.array([c[2] for c in columns])
    lp.row_lower_ = lp.row_upper_ = np.array(rhs)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.cumsum([0] + [len(c[3]) for c in columns])
    lp.a_matrix_.index_ = np.array([r for c in columns for r, _ in c[3]])
    lp.a_matrix_.value_ = np.array([v for c in columns for _, v in c[3]], dtype=float)
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("primal_feasibility_tolerance", 1e-9)
    h.setOptionValue("dual_feasibility_tolerance", 1e-9)
    h.passModel(lp)
    h.run()
    if h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    x = h.getSolution().col_value
    return sum(x[c] * w for c, w in counted) * case.base


def main(out, seeds=None):
    folder = out / "grid"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "instances.csv", "w", newline="") as listed:
        index = csv.writer(listed)
        index.writerow(["name", "case", "seed", "objective"])
        for name, (drawn, tightened) in SEEDS.items():
            case = Case(out / "networks" / "matpower" / f"{name}.m")
            flows = case.intact_flows() if tightened else None
            for seed in range(seeds or drawn):
                for tight in [False, True] if seed < tightened else [False]:
                    draw = random.Random(f"{name} {seed}")
                    branch_out = {l for l in range(len(case.f)) if draw.random() < 0.1}
                    gen_out = {g for g in range(len(case.gen_bus)) if draw.random() < 0.1}
                    rate = case.rate.copy()
                    changed = []
                    if tight:
                        # Just above a part of the intact flows, so that ratings bind
                        # wherever damage turns flows around.
                        for l in range(len(rate)):
                            rate[l] = min(rate[l], max(0.8 * abs(flows[l]), 0.05))
                            changed.append((l, rate[l] * case.base))
                    objective = solve(case, branch_out, gen_out, rate)
                    if objective is None:
                        # A phase shifter may force a flow beyond a tight rating.
                        print(f"{name} {seed} tight={tight}: no optimum, left out")
                        continue
                    label = f"{name}-{seed}{'-tight' if tight else ''}"
                    index.writerow([label, name, seed, repr(float(objective))])
                    with open(folder / f"{label}.csv", "w", newline="") as changes:
                        write = csv.writer(changes)
                        write.writerow(["table", "row", "value"])
                        write.writerows(("branch", l, 0) for l in sorted(branch_out))
                        write.writerows(("generator", g, 0) for g in sorted(gen_out))
                        write.writerows(("rate", l, repr(float(r))) for l, r in changed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
