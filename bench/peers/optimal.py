"""AC optimal power flow and AC maximal load delivery by the peers: Ipopt with MUMPS
(through CasADi, exact derivatives; building the program and its derivatives is not
counted) and PYPOWER's interior point.

Polar voltages and apparent-power ratings at both ends. Results: cost per hour; weighted
service of every instance, MW.
"""

import numpy as np

from deliver import WEIGHTS, instances

IPOPT = {"print_level": 0, "sb": "yes", "tol": 1e-7, "max_iter": 300, "linear_solver": "mumps"}


class Network:
    """Flows of the live branches between live buses as CasADi expressions."""

    def __init__(self, case, branch_on, bus_on):
        import casadi as ca
        self.ca, self.case = ca, case
        self.buses = np.flatnonzero(bus_on)
        self.row = np.cumsum(bus_on) - 1
        self.n = n = len(self.buses)
        self.va, self.vm = ca.MX.sym("va", n), ca.MX.sym("vm", n)
        on = np.flatnonzero(branch_on & bus_on[case.f] & bus_on[case.t])
        f, t = self.row[case.f[on]].tolist(), self.row[case.t[on]].tolist()
        yff, yft, ytf, ytt = (y[on] for y in case.branch_y)
        va, vm = self.va, self.vm
        vf, vt, angle = vm[f], vm[t], va[f] - va[t]
        vv, co, si = vf * vt, ca.cos(angle), ca.sin(angle)
        pf = vf**2 * yff.real + vv * (yft.real * co + yft.imag * si)
        qf = -vf**2 * yff.imag + vv * (yft.real * si - yft.imag * co)
        pt = vt**2 * ytt.real + vv * (ytf.real * co - ytf.imag * si)
        qt = -vt**2 * ytt.imag + vv * (-ytf.real * si - ytf.imag * co)
        at_f, at_t = self.sum_at(f), self.sum_at(t)
        self.p_out, self.q_out = at_f @ pf + at_t @ pt, at_f @ qf + at_t @ qt
        rate = case.branch[on, 5] / case.base_mva
        tied = np.flatnonzero(rate > 0).tolist()
        self.limits = ca.vertcat(pf[tied]**2 + qf[tied]**2, pt[tied]**2 + qt[tied]**2)
        self.limit = np.concatenate([rate[tied]**2, rate[tied]**2])

    def sum_at(self, rows):
        ca = self.ca
        return ca.DM(ca.Sparsity.triplet(self.n, len(rows), [int(r) for r in rows],
                                         list(range(len(rows)))), 1)

    def solver(self, x, cost, p, q, lower, upper, start):
        """Solves with balances `p` and `q` equal 0."""
        ca = self.ca
        g = ca.vertcat(p, q, self.limits)
        zero = np.zeros(2 * self.n)
        bounds = dict(x0=start, lbx=lower, ubx=upper,
                      lbg=np.concatenate([zero, np.full(len(self.limit), -np.inf)]),
                      ubg=np.concatenate([zero, self.limit]))
        solver = ca.nlpsol("program", "ipopt", {"x": x, "f": cost, "g": g},
                           {"expand": True, "print_time": False, "ipopt": IPOPT})
        return solver, bounds


def solve(solver, bounds):
    out = solver(**bounds)
    stats = solver.stats()
    if not stats["success"]:
        raise ArithmeticError(f"{stats['return_status']} after {stats['iter_count']} iterations")
    return out, f"{stats['iter_count']} iterations"


class IpoptFlow:
    """Least cost: the program of MATPOWER's `runopf`."""

    def __init__(self, case):
        import casadi as ca
        c, base = case, case.base_mva
        net = Network(c, c.branch_on, c.bus[:, 1] != 4)
        bus, gens = c.bus[net.buses], np.flatnonzero(c.gen_on)
        pg, qg = ca.MX.sym("pg", len(gens)), ca.MX.sym("qg", len(gens))
        at_g = net.sum_at(net.row[c.gen_bus[gens]])
        v2 = net.vm**2
        p = at_g @ pg - bus[:, 2] / base - v2 * (bus[:, 4] / base) - net.p_out
        q = at_g @ qg - bus[:, 3] / base + v2 * (bus[:, 5] / base) - net.q_out
        cost = 0
        for order in range(int(c.gencost[:, 3].max())):
            # The coefficient of p^order, whatever each unit's number of coefficients.
            width = c.gencost[gens, 3].astype(int)
            column = np.clip(4 + width - 1 - order, 0, c.gencost.shape[1] - 1)
            factor = np.where(order < width, c.gencost[gens, column], 0.0)
            cost += ca.sum1(factor * (pg * base) ** order) if order else factor.sum()
        angle = np.full(net.n, np.inf)
        lower = np.concatenate([-angle, bus[:, 12], c.gen[gens, 9] / base, c.gen[gens, 4] / base])
        upper = np.concatenate([angle, bus[:, 11], c.gen[gens, 8] / base, c.gen[gens, 3] / base])
        ref = net.row[c.types[0]]
        lower[ref] = upper[ref] = np.radians(c.bus[c.types[0], 8])
        # Middle of the limits, angles of the reference: the start MATPOWER uses.
        bounded = np.isfinite(lower) & np.isfinite(upper)
        start = np.zeros(len(lower))
        start[bounded] = (lower[bounded] + upper[bounded]) / 2
        start[: net.n] = lower[ref[0]]
        x = ca.vertcat(net.va, net.vm, pg, qg)
        self.program = net.solver(x, cost, p, q, lower, upper, start)

    def run(self):
        out, self.note = solve(*self.program)
        self.cost = float(out["f"])

    def result(self):
        return [self.cost]


class IpoptDeliver:
    """Largest weighted service: every load and shunt by a share, units down to 0,
    voltages may sag below their limits at 10 times the largest weighted load per p.u.;
    shunts are worth a thousandth of it. Dark islands are left out."""

    def __init__(self, case):
        self.case = case
        self.programs = [self.build(*state) for state in instances(case)]

    def build(self, branch_on, gen_on):
        import casadi as ca
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components
        c, base = self.case, self.case.base_mva
        links = csr_matrix((np.ones(branch_on.sum()), (c.f[branch_on], c.t[branch_on])),
                           shape=(c.n, c.n))
        _, part = connected_components(links, directed=False)
        able = gen_on & (c.gen[:, 8] > 0)
        alive = np.isin(part, part[c.gen_bus[able]]) & (c.bus[:, 1] != 4)
        net = Network(c, branch_on, alive)
        bus, gens = c.bus[net.buses], np.flatnonzero(gen_on & alive[c.gen_bus])
        pg, qg = ca.MX.sym("pg", len(gens)), ca.MX.sym("qg", len(gens))
        loads = np.flatnonzero((bus[:, 2] != 0) | (bus[:, 3] != 0))
        shunts = np.flatnonzero((bus[:, 4] != 0) | (bus[:, 5] != 0))
        zl, zs = ca.MX.sym("zl", len(loads)), ca.MX.sym("zs", len(shunts))
        sag, zg = ca.MX.sym("sag", net.n), ca.MX.sym("zg", len(gens))
        at_g, at_l = net.sum_at(net.row[c.gen_bus[gens]]), net.sum_at(loads)
        at_s = net.sum_at(shunts)
        v2 = net.vm**2
        p = (at_g @ pg - at_l @ (zl * (bus[loads, 2] / base)) - net.p_out
             - v2 * (at_s @ (zs * (bus[shunts, 4] / base))))
        q = (at_g @ qg - at_l @ (zl * (bus[loads, 3] / base)) - net.q_out
             + v2 * (at_s @ (zs * (bus[shunts, 5] / base))))
        weight = WEIGHTS[net.buses[loads] % 3] * np.abs(bus[loads, 2]) / base
        heavy = weight.max()
        value = (ca.sum1(weight * zl) + 1e-3 * heavy * ca.sum1(zs) - 10 * heavy * ca.sum1(sag))
        # Times a status, an output without limit would be no number.
        low, high = (np.clip(c.gen[gens][:, cols] / base, -1e3, 1e3)
                     for cols in ([9, 4], [8, 3]))
        net.limits = ca.vertcat(
            net.limits, bus[:, 12] - net.vm - sag, pg - zg * high[:, 0], zg * low[:, 0] - pg,
            qg - zg * high[:, 1], zg * low[:, 1] - qg)
        net.limit = np.concatenate([net.limit, np.zeros(net.n + 4 * len(gens))])
        inf = np.full(net.n, np.inf)
        zero, one = np.zeros, np.ones
        lower = np.concatenate([-inf, zero(net.n), np.minimum(low, 0).T.ravel(),
                                zero(len(loads) + len(shunts) + net.n + len(gens))])
        upper = np.concatenate([inf, bus[:, 11], np.maximum(high, 0).T.ravel(),
                                one(len(loads) + len(shunts)), inf, one(len(gens))])
        # One angle per island is fixed.
        _, first = np.unique(part[net.buses], return_index=True)
        lower[first] = upper[first] = 0.0
        start = np.concatenate([zero(net.n), one(net.n), zero(2 * len(gens)),
                                0.5 * one(len(loads) + len(shunts)), zero(net.n),
                                0.5 * one(len(gens))])
        x = ca.vertcat(net.va, net.vm, pg, qg, zl, zs, sag, zg)
        served = slice(2 * net.n + 2 * len(gens), 2 * net.n + 2 * len(gens) + len(loads))
        solver, bounds = net.solver(x, -value, p, q, lower, upper, start)
        return solver, bounds, served, WEIGHTS[net.buses[loads] % 3] * bus[loads, 2]

    def per_run(self):
        return len(self.programs)

    def run(self):
        self.served = []
        for solver, bounds, served, worth in self.programs:
            out, self.note = solve(solver, bounds)
            self.served.append(float(np.asarray(out["x"]).ravel()[served] @ worth))

    def result(self):
        return self.served


class Pips:
    def __init__(self, case):
        from pypower.api import ppoption
        from pypower.runopf import runopf
        self.solve = runopf
        self.options = ppoption(VERBOSE=0, OUT_ALL=0, OPF_ALG=560)
        self.case = {"version": "2", "baseMVA": case.base_mva, "bus": case.bus[:, :13],
                     "gen": case.gen[:, :21], "branch": case.branch[:, :13],
                     "gencost": case.gencost}

    def run(self):
        from copy import deepcopy
        out = self.solve(deepcopy(self.case), self.options)
        if not out["success"]:
            raise ArithmeticError("no convergence")
        self.cost = out["f"]

    def result(self):
        return [self.cost]


JOBS = {
    "opf-ac": {"Ipopt with MUMPS (CasADi)": IpoptFlow, "PYPOWER PIPS": Pips},
    "deliver-ac": {"Ipopt with MUMPS (CasADi)": IpoptDeliver},
}
