#!/usr/bin/env python3
"""A power flow from file to tables, as a user of the package would write it.

    end_to_end.py pandapower|pypsa CASE.m FOLDER

Writes `vm.csv` among the tables: voltage magnitudes in the order of the case.
"""

import sys
import warnings
from pathlib import Path


def pandapower(case, out):
    import pandapower as pp
    from pandapower.converter.matpower.from_mpc import from_mpc
    net = from_mpc(case, f_hz=50)
    pp.runpp(net, numba=True, init="auto", max_iteration=30)
    net.res_bus.to_csv(out / "res_bus.csv")
    net.res_line.to_csv(out / "res_line.csv")
    net.res_trafo.to_csv(out / "res_trafo.csv")
    net.res_bus.vm_pu.to_csv(out / "vm.csv", index=False)


def pypsa(case, out):
    import numpy as np
    import pypsa
    from matpowercaseframes import CaseFrames
    ppc = CaseFrames(case).to_mpc()
    n = pypsa.Network()
    tables = {k: np.array(ppc[k], dtype=float) for k in ("bus", "gen", "branch")}
    n.import_from_pypower_ppc(tables | {"baseMVA": ppc["baseMVA"], "version": "2"},
                              overwrite_zero_s_nom=1e6)
    done = n.pf()
    if not bool(done["converged"].all().all()):
        sys.exit("no convergence")
    for table, name in ((n.buses_t.v_mag_pu, "v"), (n.buses_t.v_ang, "angle"),
                        (n.lines_t.p0, "line_p0"), (n.lines_t.q0, "line_q0"),
                        (n.transformers_t.p0, "transformer_p0"),
                        (n.transformers_t.q0, "transformer_q0")):
        table.to_csv(out / f"{name}.csv")
    n.buses_t.v_mag_pu.iloc[0].rename("vm_pu").to_csv(out / "vm.csv", index=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    {"pandapower": pandapower, "pypsa": pypsa}[sys.argv[1]](sys.argv[2], folder)
