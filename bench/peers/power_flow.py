"""AC power flow by the peers: alone (cold, warm) and many scenarios at once.

Every tool gets the start of the case file with generator set-points and the tolerance of
1e-8 p.u.; in batches every tool gets the solved voltages of the case itself as start, for
nothing (blackstart finds them in the time measured). Tools that take matrices get the
admittance matrix for nothing.
"""

import numpy as np

from case import newton, scenarios

TOLERANCE = 1e-8
# Scenarios of a batch: as many as a small case needs to be measurable.
DAMAGE = 5


def batch_size(n):
    return 64 if n < 5000 else 32 if n < 30000 else 8


class Single:
    """One power flow; warm ones alternate between two sets of injections."""

    def __init__(self, case, warm):
        self.case, self.warm = case, warm
        demand = case.demand
        self.injections = [case.generation - demand, case.generation - 1.0001 * demand]
        self.factors = [1.0, 1.0001]
        self.turn = 0
        self.set_up()
        if warm:
            self.solve(0)

    def run(self):
        k = 0
        if self.warm:
            self.turn ^= 1
            k = self.turn
        if not self.solve(k):
            raise ArithmeticError("no convergence")

    def result(self):
        """Voltages at the case's own injections: magnitudes, then angles in degrees."""
        self.solve(0)
        v = np.asarray(self.voltage())
        return np.concatenate([np.abs(v), np.degrees(np.angle(v))])


class Rustpower(Single):
    def set_up(self):
        from rustpower import NewtonSolver
        self.new = NewtonSolver
        self.all = np.arange(self.case.n)
        self.start = self.case.start
        self.solver = None

    def solve(self, k):
        c, y = self.case, self.case.ybus
        if self.warm and self.solver is not None:
            self.solver.update_s_bus_batch(self.all, self.injections[k])
            self.solver.update_v_init_batch(self.all, self.start)
        else:
            ref, pv, pq = c.types
            self.solver = self.new()
            self.solver.setup_from_nodes(y.indptr, y.indices, y.data, self.injections[k],
                                         c.start, pq, pv, ref)
        return self.solver.solve(30, TOLERANCE)

    def voltage(self):
        return self.solver.get_voltage()


class P3s(Single):
    def set_up(self):
        from p3s import nr_klu
        self.new = nr_klu.Solver
        y, (_, pv, pq) = self.case.ybus, self.case.types
        self.topology = (y.indptr.astype(np.int32), y.indices.astype(np.int32), y.data,
                         pv.astype(np.int32), pq.astype(np.int32))
        self.solver = None

    def solve(self, k):
        if not (self.warm and self.solver):
            self.solver = self.new(*self.topology)
        self.answer = self.solver.solve(self.injections[k], self.case.start, 30, TOLERANCE)
        return self.answer["converged"]

    def voltage(self):
        return self.answer["V"]


def lightsim_grid(case):
    import sys
    import warnings
    # Not needed here, and its import would count as lightsim2grid's memory.
    sys.modules.setdefault("pandapower", None)
    from lightsim2grid.network import init_from_matpower
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return init_from_matpower({"baseMVA": case.base_mva, "bus": case.bus,
                                   "gen": case.gen, "branch": case.branch})


def lightsim_loads(case):
    """Bus rows of lightsim2grid's loads, in its order."""
    return np.flatnonzero((case.bus[:, 2] != 0) | (case.bus[:, 3] != 0))


class Lightsim(Single):
    algorithm = "NR_KLU"

    def set_up(self):
        self.grid = lightsim_grid(self.case)
        self.grid.change_algorithm(self.algorithm)
        rows = lightsim_loads(self.case)
        demand = self.case.bus[rows, 2:4].astype(np.float32)
        self.changed = np.ones(len(rows), dtype=bool)
        self.loads = [(f * demand[:, 0], f * demand[:, 1]) for f in self.factors]
        self.loads = [(p.astype(np.float32), q.astype(np.float32)) for p, q in self.loads]
        self.first = True

    def solve(self, k):
        # Its tolerance is divided by the base: 1e-8 p.u. as for everybody.
        tolerance = TOLERANCE * self.case.base_mva
        if not self.warm:
            self.grid.tell_solver_need_reset()
        elif not self.first or k:
            self.first = False
            self.grid.update_loads_p(self.changed, self.loads[k][0])
            self.grid.update_loads_q(self.changed, self.loads[k][1])
        self.v = self.grid.ac_pf(self.case.start, 60, tolerance)
        return len(self.v) > 0

    def voltage(self):
        # Loads are handed over in single precision, which would show: solve the file's.
        return lightsim_exact(self)


def lightsim_exact(tool):
    if not tool.warm:
        return tool.v
    grid = lightsim_grid(tool.case)
    grid.change_algorithm(tool.algorithm)
    return grid.ac_pf(tool.case.start, 60, TOLERANCE * tool.case.base_mva)


def lightsim(name):
    return type(f"Lightsim{name}", (Lightsim,), {"algorithm": name})


class Pypower(Single):
    """PYPOWER's port of MATPOWER's Newton, on given matrices."""

    def set_up(self):
        from pypower.api import ppoption
        from pypower.newtonpf import newtonpf
        self.newton = newtonpf
        self.options = ppoption(PF_TOL=TOLERANCE, PF_MAX_IT=30, VERBOSE=0)

    def solve(self, k):
        c = self.case
        ref, pv, pq = c.types
        self.v, good, _ = self.newton(c.ybus, self.injections[k], c.start, ref, pv, pq,
                                      self.options)
        return bool(good)

    def voltage(self):
        return self.v


class Pandapower(Single):
    """pandapower from its own tables: what its users call."""

    def set_up(self):
        import pandapower as pp
        from pandapower.converter.pypower.from_ppc import from_ppc
        c = self.case
        self.pp = pp
        self.net = from_ppc({"baseMVA": c.base_mva, "bus": c.bus, "gen": c.gen[:, :21],
                             "branch": c.branch[:, :13], "version": "2"},
                            f_hz=50, validate_conversion=False)
        self.base_p = self.net.load.p_mw.to_numpy().copy()

    def solve(self, k):
        self.net.load.p_mw = self.base_p * self.factors[k]
        self.pp.runpp(self.net, numba=True, lightsim2grid=False,
                      tolerance_mva=TOLERANCE * self.case.base_mva, max_iteration=30,
                      init_vm_pu=np.abs(self.case.start),
                      init_va_degree=np.degrees(np.angle(self.case.start)))
        return self.net.converged

    def voltage(self):
        res = self.net.res_bus
        return (res.vm_pu * np.exp(1j * np.radians(res.va_degree))).to_numpy()


class PowerGridModel(Single):
    """power-grid-model; generators as fixed injections, for without its `voltage_regulator`
    it has no buses of given voltage."""

    def set_up(self):
        import power_grid_model as pgm
        c = self.case
        v, _ = newton(c.ybus, c.generation - c.demand, c.start, c.types)
        self.injections = [v * (c.ybus @ v).conj()] * 2
        base_va, kv = c.base_mva * 1e6, 1.0
        ref = int(c.types[0][0])
        node = pgm.initialize_array("input", "node", c.n)
        node["id"], node["u_rated"] = np.arange(c.n), 1e3 * kv
        on = np.flatnonzero(c.branch_on)
        line = pgm.initialize_array("input", "generic_branch", len(on))
        first = c.n
        z_base = (1e3 * kv) ** 2 / base_va
        line["id"] = first + np.arange(len(on))
        line["from_node"], line["to_node"] = c.f[on], c.t[on]
        line["from_status"] = line["to_status"] = 1
        line["r1"], line["x1"] = c.branch[on, 2] * z_base, c.branch[on, 3] * z_base
        line["g1"], line["b1"] = 0.0, c.branch[on, 4] / z_base
        line["k"], line["theta"] = np.abs(c.tap[on]), np.angle(c.tap[on])
        line["sn"] = base_va
        first += len(on)
        load = pgm.initialize_array("input", "sym_load", c.n)
        load["id"], load["node"], load["status"] = first + np.arange(c.n), np.arange(c.n), 1
        load["type"] = pgm.LoadGenType.const_power
        self.set_load(load, 0)
        first += c.n
        with_shunt = np.flatnonzero((c.bus[:, 4] != 0) | (c.bus[:, 5] != 0))
        shunt = pgm.initialize_array("input", "shunt", len(with_shunt))
        shunt["id"], shunt["node"] = first + np.arange(len(with_shunt)), with_shunt
        shunt["status"] = 1
        shunt["g1"] = c.bus[with_shunt, 4] / c.base_mva / z_base
        shunt["b1"] = c.bus[with_shunt, 5] / c.base_mva / z_base
        first += len(with_shunt)
        source = pgm.initialize_array("input", "source", 1)
        source["id"], source["node"], source["status"] = first, ref, 1
        source["u_ref"] = np.abs(c.start[ref])
        source["u_ref_angle"] = np.angle(c.start[ref])
        source["sk"] = 1e40
        self.data = {"node": node, "generic_branch": line, "sym_load": load, "shunt": shunt,
                     "source": source}
        self.pgm, self.model, self.ids = pgm, None, load["id"]

    def set_load(self, table, k):
        # The source feeds the reference bus.
        s = -self.injections[k].copy()
        s[self.case.types[0]] = 0
        table["p_specified"] = s.real * self.case.base_mva * 1e6
        table["q_specified"] = s.imag * self.case.base_mva * 1e6

    def solve(self, k):
        if not (self.warm and self.model):
            self.model = self.pgm.PowerGridModel(self.data)
        else:
            load = self.pgm.initialize_array("update", "sym_load", self.case.n)
            load["id"] = self.ids
            self.set_load(load, k)
            self.model.update(update_data={"sym_load": load})
        self.out = self.model.calculate_power_flow(
            symmetric=True, error_tolerance=TOLERANCE, max_iterations=30,
            calculation_method=self.pgm.CalculationMethod.newton_raphson,
            output_component_types=["node"], threading=-1)
        return True

    def voltage(self):
        node = self.out["node"]
        return node["u_pu"] * np.exp(1j * node["u_angle"])


class Batch:
    """Many scenarios of one case: other loads in each, own damage in each if asked."""

    def __init__(self, case, damaged):
        self.case, self.damaged = case, damaged
        self.count = batch_size(case.n)
        self.factors, self.outs = scenarios(case, self.count, DAMAGE if damaged else 0)
        self.start = case.solved()
        self.set_up()

    def per_run(self):
        return self.count


class LightsimBatch(Batch):
    def set_up(self):
        self.grid = lightsim_grid(self.case)
        self.grid.change_algorithm("NR_KLU")
        rows = lightsim_loads(self.case)
        self.p = np.ascontiguousarray(self.factors[:, rows] * self.case.bus[rows, 2])
        self.q = np.ascontiguousarray(self.factors[:, rows] * self.case.bus[rows, 3])
        if self.damaged:
            lines, trafos = lightsim_branches(self.case, self.grid)
            self.masks = [np.zeros((self.count, len(m)), dtype=bool) for m in (lines, trafos)]
            for k, out in enumerate(self.outs):
                for mask, ids in zip(self.masks, (lines, trafos)):
                    mask[k] = np.isin(ids, out)

    def run(self):
        from lightsim2grid.lightsim2grid_cpp import InjectionSweepCPP, ScenarioSweepCPP
        sweep = (ScenarioSweepCPP if self.damaged else InjectionSweepCPP)(self.grid)
        if self.damaged:
            sweep.handle_disconnected_grid = True
        sweep.change_algorithm("NR_KLU")
        sweep.modify_load_p(self.p)
        sweep.modify_load_q(self.q)
        if self.damaged:
            sweep.set_contingency_lines(self.masks[0])
            sweep.set_contingency_trafos(self.masks[1])
        sweep.compute(self.start, 30, TOLERANCE * self.case.base_mva)
        self.sweep = sweep

    def result(self):
        v = np.abs(np.asarray(self.sweep.get_voltages()))
        v[~np.asarray(self.sweep.converged_mask())] = np.nan
        return v


def lightsim_branches(case, grid):
    """Branch rows of lightsim2grid's lines and of its transformers, in their order."""
    is_line = (case.branch[:, 8] == 0) & (case.branch[:, 9] == 0)
    lines, trafos = np.flatnonzero(is_line), np.flatnonzero(~is_line)
    assert len(lines) == len(grid.get_lines()) and len(trafos) == len(grid.get_trafos())
    return lines, trafos


class P3sBatch(Batch):
    def set_up(self):
        from p3s import nr_klu
        y, (_, pv, pq) = self.case.ybus, self.case.types
        self.solver = nr_klu.Solver(y.indptr.astype(np.int32), y.indices.astype(np.int32),
                                    y.data, pv.astype(np.int32), pq.astype(np.int32))
        generation, demand = self.case.generation, self.case.demand
        self.injections = np.ascontiguousarray(
            (generation - self.factors * demand).T)

    def run(self):
        self.out = self.solver.solve_batch(self.injections, self.start, 30, TOLERANCE, 1)

    def result(self):
        v = np.abs(self.out["V"]).T.copy()
        v[~np.asarray(self.out["converged"])] = np.nan
        return v


class RustpowerBatch(Batch):
    """A loop over the warm solver: it has no batch of its own."""

    def set_up(self):
        self.single = Rustpower(self.case, True)
        self.single.start = self.start
        c = self.case
        self.single.injections = [c.generation - f * c.demand for f in self.factors]

    def run(self):
        for k in range(self.count):
            self.single.solve(k)

    def result(self):
        out = []
        for k in range(self.count):
            good = self.single.solve(k)
            v = np.abs(self.single.voltage())
            out.append(v if good else np.full(len(v), np.nan))
        return np.array(out)


def single(tool, warm):
    return lambda case: tool(case, warm)


NEWTON = {
    "lightsim2grid NR_KLU": Lightsim,
    "lightsim2grid NRSing_KLU": lightsim("NRSing_KLU"),
    "lightsim2grid NRRefactorRetry_KLU": lightsim("NRRefactorRetry_KLU"),
    "rustpower (KLU)": Rustpower,
    "p3s-cpp (KLU)": P3s,
    "PYPOWER newtonpf": Pypower,
    "pandapower runpp": Pandapower,
    "power-grid-model (PQ only)": PowerGridModel,
}
DECOUPLED = {
    "lightsim2grid FDPF_XB_KLU": lightsim("FDPF_XB_KLU"),
    "lightsim2grid FDPF_BX_KLU": lightsim("FDPF_BX_KLU"),
}
JOBS = {
    "newton-cold": {k: single(t, False) for k, t in NEWTON.items()},
    "newton-warm": {k: single(t, True) for k, t in NEWTON.items()},
    "decoupled-warm": {k: single(t, True) for k, t in DECOUPLED.items()},
    "newton-batch": {
        "lightsim2grid InjectionSweep": lambda case: LightsimBatch(case, False),
        "p3s-cpp solve_batch": lambda case: P3sBatch(case, False),
        "rustpower (KLU), loop": lambda case: RustpowerBatch(case, False),
    },
    "newton-batch-damaged": {
        "lightsim2grid ScenarioSweep": lambda case: LightsimBatch(case, True),
    },
}
