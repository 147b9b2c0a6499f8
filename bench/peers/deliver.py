"""Largest weighted service of a damaged grid, DC: HiGHS on the linear program written down
directly, and PyPSA from its own tables.

10 % of branches and of generators out; weights 1, 3, 10 by bus row modulo 3; least outputs
0; negative demands and shunts inject and may be spilled; positive shunts weigh 100 times
the largest weight; islands without a generator are dark. Building the program is not
counted for HiGHS, it is for PyPSA. Result: the objective of every instance, MW.
"""

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from case import Draw

SHARE_OUT = 0.1
WEIGHTS = np.array([1.0, 3.0, 10.0])
FIXED_WORTH = 100.0
HOURS = 6


def instances(case):
    """Damaged states: (branch in service, generator in service)."""
    out = []
    for seed in range(case.extra.get("seeds", 2)):
        draw = Draw(100 + seed)
        branch = case.branch_on & ~(draw.uniform(len(case.branch)) < SHARE_OUT)
        gen = case.gen_on & ~(draw.uniform(len(case.gen)) < SHARE_OUT)
        out.append((branch, gen))
    return out


def hours(case):
    """Factors of demand by hour and bus, and of capacity by hour and generator."""
    draw = Draw(50)
    out = []
    for h in range(HOURS):
        level = 0.85 + 0.03 * h
        out.append((level * (0.95 + 0.1 * draw.uniform(case.n)),
                    0.9 + 0.1 * draw.uniform(len(case.gen))))
    return out


class Program:
    """The linear program of one damaged state, columns by kind."""

    def __init__(self, case, branch_on, gen_on, flows, demand=1.0, capacity=1.0):
        n, base = case.n, case.base_mva
        self.case, self.flows = case, flows
        live = np.flatnonzero(branch_on & (case.f != case.t))
        f, t = case.f[live], case.t[live]
        joined = csr_matrix((np.ones(len(live)), (f, t)), shape=(n, n))
        _, part = connected_components(joined, directed=False)
        up = case.bus[:, 1] != 4
        gens = np.flatnonzero(gen_on & (case.gen[:, 8] > 0))
        alive = np.zeros(n, dtype=bool)
        alive[part[case.gen_bus[gens]]] = True
        on = up & alive[part]
        keep = on[f]
        live, f, t = live[keep], f[keep], t[keep]
        self.row = np.cumsum(on) - 1
        buses = np.flatnonzero(on)
        nb, nl = len(buses), len(live)
        f, t = self.row[f], self.row[t]
        b = 1 / (case.branch[live, 3] * np.where(case.branch[live, 8] == 0, 1.0,
                                                  case.branch[live, 8]))
        phi = np.radians(case.branch[live, 9])
        rate = case.branch[live, 5] / base
        rate[rate == 0] = np.inf
        self.gens, self.buses = gens, buses
        pd, gs = case.bus[buses, 2] / base, case.bus[buses, 4] / base
        weight = WEIGHTS[buses % 3]
        heavy = FIXED_WORTH * WEIGHTS.max()
        spent = np.concatenate([-weight * (pd > 0), np.where(gs > 0, -heavy, 0.0)])
        law = np.arange(nl)
        inf = np.inf
        one = np.ones
        # Columns: angles, [flows,] outputs, demands, shunts.
        if flows:
            rows = [nb + law, nb + law, f, t, nb + law]
            cols = [f, t, nb + law, nb + law, nb + law]
            vals = [-b, b, -one(nl), one(nl), one(nl)]
            first = nb + nl
            lower, upper = [np.full(nb, -inf), -rate], [np.full(nb, inf), rate]
            row_lower = np.concatenate([np.zeros(nb), -b * phi])
            row_upper = row_lower
        else:
            tied = np.flatnonzero(np.isfinite(rate))
            limit = np.arange(len(tied))
            rows = [f, f, t, t, nb + limit, nb + limit]
            cols = [f, t, f, t, f[tied], t[tied]]
            vals = [-b, b, b, -b, b[tied], -b[tied]]
            first = nb
            lower, upper = [np.full(nb, -inf)], [np.full(nb, inf)]
            shift = np.zeros(nb)
            np.add.at(shift, f, -b * phi)
            np.add.at(shift, t, b * phi)
            row_lower = np.concatenate([shift, -rate[tied] + b[tied] * phi[tied]])
            row_upper = np.concatenate([shift, rate[tied] + b[tied] * phi[tied]])
        self.gen_col = first + np.arange(len(gens))
        self.load_col = first + len(gens) + np.arange(nb)
        self.shunt_col = self.load_col + nb
        rows += [self.row[case.gen_bus[gens]], np.arange(nb), np.arange(nb)]
        cols += [self.gen_col, self.load_col, self.shunt_col]
        vals += [one(len(gens)), -np.sign(pd), -np.sign(gs)]
        self.pmax, self.pd = case.gen[gens, 8] / base, np.abs(pd)
        lower += [np.zeros(len(gens) + 2 * nb)]
        upper += [self.pmax * self.at(capacity, gens), self.pd * self.at(demand, buses),
                  np.abs(gs)]
        width = first + len(gens) + 2 * nb
        self.matrix = csc_matrix(
            (np.concatenate(vals), (np.concatenate(rows), np.concatenate(cols))),
            shape=(len(row_lower), width))
        self.cost = np.zeros(width)
        self.cost[self.load_col[0]:] = spent
        self.lower, self.upper = np.concatenate(lower), np.concatenate(upper)
        self.row_lower, self.row_upper = row_lower, row_upper

    @staticmethod
    def at(values, rows):
        return values if np.isscalar(values) else values[rows]

    def model(self):
        import highspy
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.row_lower)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.cost, self.lower, self.upper
        lp.row_lower_, lp.row_upper_ = self.row_lower, self.row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = self.matrix.indptr
        lp.a_matrix_.index_ = self.matrix.indices
        lp.a_matrix_.value_ = self.matrix.data
        return lp

    def objective(self, values):
        """Weighted service, MW, shunts left out."""
        x = np.asarray(values)[self.load_col]
        return -(self.cost[self.load_col] @ x) * self.case.base_mva


def highs(solver, crossover):
    import highspy
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("threads", 1)
    h.setOptionValue("solver", solver)
    if not crossover:
        h.setOptionValue("run_crossover", "off")
    return h


def finish(h, program, crossover):
    import highspy
    h.run()
    status = h.getModelStatus()
    # Without crossover HiGHS ends with `unknown` when it stops a little early.
    good = [highspy.HighsModelStatus.kOptimal]
    if not crossover:
        good.append(highspy.HighsModelStatus.kUnknown)
    if status not in good:
        raise ArithmeticError(h.modelStatusToString(status))
    return program.objective(h.getSolution().col_value)


class Cold:
    def __init__(self, case, flows, solver, crossover=True):
        self.how = (solver, crossover)
        self.programs = [Program(case, *state, flows) for state in instances(case)]
        self.models = [p.model() for p in self.programs]

    def per_run(self):
        return len(self.models)

    def run(self):
        self.objectives = []
        for program, model in zip(self.programs, self.models):
            h = highs(*self.how)
            h.passModel(model)
            self.objectives.append(finish(h, program, self.how[1]))

    def result(self):
        return self.objectives


class Hours:
    """The same damage, hour after hour: the last basis if `warm`."""

    def __init__(self, case, flows, solver, warm, crossover=True):
        self.warm, self.how = warm, (solver, crossover)
        state = instances(case)[0]
        self.program = Program(case, *state, flows)
        self.model = self.program.model()
        self.bounds = []
        p = self.program
        for demand, capacity in hours(case):
            self.bounds.append((p.pmax * capacity[p.gens], p.pd * demand[p.buses]))
        self.cols = np.concatenate([p.gen_col, p.load_col]).astype(np.int32)
        self.zero = np.zeros(len(self.cols))
        self.h = None

    def per_run(self):
        return HOURS

    def run(self):
        self.objectives = []
        if self.h is None or not self.warm:
            self.h = highs(*self.how)
            self.h.passModel(self.model)
        for outputs, demands in self.bounds:
            if not self.warm:
                self.h.clearSolver()
            self.h.changeColsBounds(len(self.cols), self.cols, self.zero,
                                    np.concatenate([outputs, demands]))
            self.objectives.append(finish(self.h, self.program, self.how[1]))

    def result(self):
        return self.objectives


class Pypsa:
    """PyPSA with its own model builder, load shedding by generators at every bus."""

    def __init__(self, case):
        import logging
        logging.disable(logging.CRITICAL)
        import pypsa
        self.pypsa, self.case = pypsa, case
        self.states = instances(case)[:1]

    def run(self):
        self.objectives = [self.solve(*state) for state in self.states]

    def per_run(self):
        return len(self.states)

    def solve(self, branch_on, gen_on):
        import pandas as pd
        c, p = self.case, Program(self.case, branch_on, gen_on, True)
        n = self.pypsa.Network()
        n.set_snapshots([0])
        name = np.char.mod("b%d", np.arange(c.n))
        n.add("Bus", name[p.buses], v_nom=1.0)
        alive = np.zeros(c.n, dtype=bool)
        alive[p.buses] = True
        live = np.flatnonzero(branch_on & alive[c.f] & (c.f != c.t))
        rate = np.where(c.branch[live, 5] == 0, 1e6, c.branch[live, 5])
        # On 1 kV, so that ohms are p.u. on 1 MVA.
        n.add("Transformer", np.char.mod("l%d", live), bus0=name[c.f[live]],
              bus1=name[c.t[live]], x=c.branch[live, 3] / c.base_mva * rate, r=0.0,
              tap_ratio=np.where(c.branch[live, 8] == 0, 1.0, c.branch[live, 8]),
              phase_shift=c.branch[live, 9], s_nom=rate, model="pi")
        n.add("Generator", np.char.mod("g%d", p.gens), bus=name[c.gen_bus[p.gens]],
              p_nom=c.gen[p.gens, 8], marginal_cost=0.0)
        demand, shunt = c.bus[p.buses, 2], c.bus[p.buses, 4]
        heavy = FIXED_WORTH * WEIGHTS.max()
        need, worth = np.maximum(demand, 0), WEIGHTS[p.buses % 3]
        n.add("Load", np.char.mod("d%d", p.buses), bus=name[p.buses],
              p_set=need + np.maximum(shunt, 0))
        some = np.flatnonzero(need > 0)
        n.add("Generator", np.char.mod("s%d", p.buses[some]), bus=name[p.buses[some]],
              p_nom=need[some], marginal_cost=worth[some])
        for mark, injection, cost in (("x", np.maximum(shunt, 0), heavy),
                                      ("i", np.maximum(-demand, 0) + np.maximum(-shunt, 0), 0)):
            some = np.flatnonzero(injection > 0)
            if len(some):
                n.add("Generator", np.char.mod(mark + "%d", p.buses[some]),
                      bus=name[p.buses[some]], p_nom=injection[some], marginal_cost=cost)
        status, condition = n.optimize(solver_name="highs", solver_options={"threads": 1, "log_to_console": False},
                                       include_objective_constant=False)
        if condition != "optimal":
            raise ArithmeticError(f"{status} {condition}")
        shed = n.generators_t.p.iloc[0]
        lost = shed[shed.index.str.startswith("s")]
        rows = lost.index.str[1:].astype(int)
        total = (need * worth).sum()
        assert isinstance(lost, pd.Series)
        return total - float((lost.to_numpy() * WEIGHTS[rows % 3]).sum())

    def result(self):
        return self.objectives


def cold(*how, **more):
    return lambda case: Cold(case, *how, **more)


def by_hour(*how, **more):
    return lambda case: Hours(case, *how, **more)


JOBS = {
    "deliver-dc-cold": {
        "HiGHS simplex, angles": cold(False, "simplex"),
        "HiGHS simplex, flows": cold(True, "simplex"),
        "HiGHS interior point, angles": cold(False, "ipm"),
        "HiGHS interior point, flows": cold(True, "ipm"),
        "HiGHS interior point without crossover, angles": cold(False, "ipm", crossover=False),
        "HiGHS interior point without crossover, flows": cold(True, "ipm", crossover=False),
        "PyPSA": Pypsa,
    },
    "deliver-dc-hours": {
        "HiGHS simplex from the last basis, angles": by_hour(False, "simplex", True),
        "HiGHS simplex from the last basis, flows": by_hour(True, "simplex", True),
        "HiGHS simplex anew, flows": by_hour(True, "simplex", False),
        "HiGHS interior point without crossover, flows":
            by_hour(True, "ipm", False, crossover=False),
    },
}
