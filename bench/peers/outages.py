"""Outages of one branch each by the peers, islands included.

Result of every job: a row per outage, `[solved, …]`: for AC the least voltage magnitude of
the main island, for DC the largest magnitude of a branch flow in MW.
"""

import numpy as np

from case import Draw
from power_flow import TOLERANCE, lightsim_branches, lightsim_grid


def sample(case):
    """Branch rows whose outages are computed: all, or a fixed draw on large cases."""
    on = np.flatnonzero(case.branch_on)
    most = case.extra.get("outages", len(on))
    if len(on) <= most:
        return on
    # Without repetition: a partial shuffle.
    draw = Draw(2).uniform(most)
    on = on.copy()
    for k in range(most):
        j = k + int(draw[k] * (len(on) - k))
        on[k], on[j] = on[j], on[k]
    return on[:most]


class Lightsim:
    algorithm = "NR_KLU"

    def __init__(self, case):
        self.case = case
        self.outs = sample(case)
        self.grid = lightsim_grid(case)
        self.grid.change_algorithm("NR_KLU")
        lines, trafos = lightsim_branches(case, self.grid)
        order = np.concatenate([lines, trafos])
        self.at = np.empty(len(order), dtype=int)
        self.at[order] = np.arange(len(order))
        self.ids = [int(self.at[b]) for b in self.outs]
        self.start = self.grid.ac_pf(case.start, 60, TOLERANCE * case.base_mva)
        if len(self.start) == 0:
            raise ArithmeticError("the intact case does not converge")

    def per_run(self):
        return len(self.outs)

    def run(self):
        from lightsim2grid.lightsim2grid_cpp import ContingencyAnalysisCPP
        analysis = ContingencyAnalysisCPP(self.grid)
        analysis.change_algorithm(self.algorithm)
        analysis.handle_disconnected_grid = True
        analysis.add_multiple_n1(self.ids)
        analysis.compute(self.start, 30, TOLERANCE * self.case.base_mva)
        # Flows are part of the answer.
        analysis.compute_power_flows()
        self.analysis = analysis

    def result(self):
        a = self.analysis
        good = np.asarray(a.converged_mask(), dtype=bool)
        if self.algorithm.startswith("DC"):
            flows = np.abs(np.asarray(a.get_power_flows()))
            value = np.nanmax(flows, axis=1)
        else:
            v = np.abs(np.asarray(a.get_voltages()))
            value = np.where(v > 0, v, np.inf).min(axis=1)
        by_branch = {int(d[0]): k for k, d in enumerate(a.my_defaults())}
        rows = np.array([by_branch[i] for i in self.ids])
        return np.column_stack([good[rows], np.where(good, value, np.nan)[rows]])


class LightsimDc(Lightsim):
    algorithm = "DC_KLU"


class LightsimFactors(Lightsim):
    """Flows after outages from the dense matrix of outage distribution factors."""

    algorithm = "DC_KLU"

    def run(self):
        self.grid.change_algorithm("DC_KLU")
        self.grid.dc_pf(self.case.start, 30, TOLERANCE)
        factors = self.grid.get_lodf()[:, self.ids]
        before = np.concatenate([self.grid.get_line_res1()[0], self.grid.get_trafo_res1()[0]])
        self.flows = before[:, None] + factors * before[self.ids]

    def result(self):
        lost = np.isnan(self.flows).any(axis=0)
        self.flows[self.ids, np.arange(len(self.ids))] = 0
        largest = np.abs(np.nan_to_num(self.flows)).max(axis=0)
        return np.column_stack([~lost, np.where(lost, np.nan, largest)])


class P3s:
    """p3s-cpp: cases that share a pattern, each with its own admittances. Buses cut off
    are pinned; admittances and islands are prepared for nothing."""

    def __init__(self, case):
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components
        from p3s import nr_klu

        self.case, self.outs = case, sample(case)
        limit = case.extra.get("p3s", 200)
        self.outs = self.outs[:limit]
        y, (ref, pv, pq) = case.ybus, case.types
        sbus = case.generation - case.demand
        self.solver = nr_klu.Solver(y.indptr.astype(np.int32), y.indices.astype(np.int32),
                                    y.data, pv.astype(np.int32), pq.astype(np.int32))
        base = self.solver.solve(sbus, case.start, 30, TOLERANCE)
        if not base["converged"]:
            raise ArithmeticError("the intact case does not converge")
        at = {}
        for i in range(case.n):
            for k in range(y.indptr[i], y.indptr[i + 1]):
                at[i, int(y.indices[k])] = k
        yff, yft, ytf, ytt = case.branch_y
        on = case.branch_on
        values = np.repeat(y.data[:, None], len(self.outs), axis=1)
        pin = np.zeros((case.n, len(self.outs)), dtype=np.uint8)
        start = np.repeat(base["V"][:, None], len(self.outs), axis=1)
        for c, b in enumerate(self.outs):
            f, t = int(case.f[b]), int(case.t[b])
            for place, change in (((f, f), yff), ((f, t), yft), ((t, f), ytf), ((t, t), ytt)):
                values[at[place], c] -= change[b]
            left = on.copy()
            left[b] = False
            graph = csr_matrix((np.ones(left.sum()), (case.f[left], case.t[left])),
                               shape=(case.n, case.n))
            _, part = connected_components(graph, directed=False)
            pin[part != part[ref[0]], c] = 1
        # The tool wants polar admittances.
        self.magnitude = np.ascontiguousarray(np.abs(values))
        self.angle = np.ascontiguousarray(np.angle(values))
        self.start, self.pin = np.ascontiguousarray(start), np.ascontiguousarray(pin)
        self.sbus = sbus

    def per_run(self):
        return len(self.outs)

    def run(self):
        self.out = self.solver.solve_batch_contingency(
            self.magnitude, self.angle, self.sbus, self.start, self.pin, 30, TOLERANCE, 1)

    def result(self):
        good = np.asarray(self.out["converged"], dtype=bool)
        v = np.where(self.pin.astype(bool), np.inf, np.abs(self.out["V"]))
        return np.column_stack([good, np.where(good, v.min(axis=0), np.nan)])


JOBS = {
    "outages-ac": {
        "lightsim2grid NR_KLU, islands": Lightsim,
        "p3s-cpp (islands prepared)": P3s,
    },
    "outages-dc": {
        "lightsim2grid DC_KLU, islands": LightsimDc,
        "lightsim2grid outage factors": LightsimFactors,
    },
}
