"""What pandapipes says about heat and water networks: nets as JSON, results as CSV.

    compute.py OUT          writes OUT/heat/NAME.json, NAME.junctions.csv, NAME.pipes.csv
"""

import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import pandapipes as pp
from pandapipes.component_models import Pipe

sys.path.insert(0, str(Path(__file__).resolve().parent))
import nets  # noqa: E402

warnings.filterwarnings("ignore")
OPEN_MODELICA = Path(pp.__file__).parent / "networks" / "network_files" / \
    "openmodelica_test_networks"


def keep(net, name, out, source=None):
    """Writes the net, as it is distributed where `source` is its file, and its results."""
    if source:
        shutil.copy(source, out / f"{name}.json")
    else:
        for table in [t for t in net.keys() if str(t).startswith("res_")]:
            net[table] = net[table].iloc[:0]
        pp.to_json(net, str(out / f"{name}.json"))


def results(net, name, out):
    j = net.junction[[]].copy()
    j["p_bar"] = net.res_junction.p_bar
    j["t_k"] = net.res_junction.t_k
    j["p_om"] = net.junction.get("p_om", np.nan)
    p = net.pipe[[]].copy()
    p["mdot_kg_per_s"] = net.res_pipe.mdot_from_kg_per_s
    p["t_outlet_k"] = net.res_pipe.t_outlet_k if "t_outlet_k" in net.res_pipe else np.nan
    p["v_m_per_s"] = net.res_pipe.v_mean_m_per_s
    v = net.pipe.get("v_om")
    p["v_om"] = np.nan if v is None else v
    # Means along each pipe, as pandapipes' own tests compare them: OpenModelica's at the ends
    # of the sections, pandapipes' at the points between them.
    t = net.pipe.get("T_om")
    if t is not None:
        p["t_om"] = [np.mean(along) for along in t]
        p["t_mean_k"] = [np.mean(Pipe.get_internal_results(net, [j])["TINIT"][:, 1])
                         for j in net.pipe.index]
    j.to_csv(out / f"{name}.junctions.csv", index_label="junction", float_format="%.12g")
    p.to_csv(out / f"{name}.pipes.csv", index_label="pipe", float_format="%.12g")


def main():
    out = Path(sys.argv[1]) / "heat"
    out.mkdir(parents=True, exist_ok=True)
    cases = [(f"meshed-{s}", s, False) for s in nets.SIZES]
    cases += [(f"meshed-{s}-water", s, True) for s in ("36", "310")]
    for name, size, water in cases:
        net = nets.build(size, water)
        # A copy without results, with the options that a reader has to take over.
        pp.set_user_pf_options(net, friction_model="colebrook")
        keep(pp.pandapipes_net.copy.deepcopy(net), name, out)
        pp.pipeflow(net, **nets.OPTIONS)
        results(net, name, out)
    for path in sorted(OPEN_MODELICA.rglob("*.json")):
        kind = path.relative_to(OPEN_MODELICA).parts[0]
        name = f"om-{kind}-{path.stem}"
        net = pp.from_json(str(path))
        heat = kind.startswith("heat")
        # As in pandapipes' own comparison with OpenModelica.
        model = "swamee-jain" if "swamee" in kind else "colebrook"
        options = dict(nets.OPTIONS, friction_model=model, mode="sequential" if heat else
                       "hydraulics", max_iter_hyd=200, max_iter_therm=200)
        try:
            pp.pipeflow(net, **options)
        except Exception as error:  # noqa: BLE001
            print(f"{name}: pandapipes: {error}", file=sys.stderr)
            continue
        keep(net, name, out, path)
        results(net, name, out)
    path = OPEN_MODELICA.parent / "sw_heat.json"
    net = pp.from_json(str(path))
    try:
        pp.pipeflow(net, **dict(nets.OPTIONS, friction_model="nikuradse"))
        keep(net, "schutterwald", out, path)
        results(net, "schutterwald", out)
    except Exception as error:  # noqa: BLE001
        print(f"schutterwald: pandapipes: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
