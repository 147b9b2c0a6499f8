"""One event on Shelby County with InfraRisk: python infrarisk_run.py SOURCE JOB OUT.

SOURCE is a checkout of InfraRisk, JOB a file with `inp` (the water network) and `event`, a list of
components that are out from and until an hour. Writes what is served to OUT (JSON): MW by load
and motor at each of the program's time stamps, water by junction and minute, processor seconds.

The program is run as it is but for what it is not compared in: drawings and service areas, which
need packages that are not installed; `DataFrame.append`, which pandas has no more; and pumps
without current, which it sets through a field that WNTR has no more: here a rule closes them for
the same time.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
import types
import warnings
from pathlib import Path

import pandapower  # noqa: F401, before geopandas is stood in for
import pandas as pd
import wntr  # noqa: F401

SOURCE, JOB, OUT = (Path(p).resolve() for p in sys.argv[1:4])
HOUR_S = 3600


class Nothing:
    """Stands for drawings and maps: whatever is asked of it is itself again."""

    def __getattr__(self, _):
        return self

    def __call__(self, *_, **__):
        return self

    def __getitem__(self, _):
        return self

    def __setitem__(self, _, __):
        pass

    def __iter__(self):
        return iter(())

    def __add__(self, _):
        return self

    __radd__ = __add__


class Absent(types.ModuleType):
    """A module that is not installed and not needed for what is compared."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


def stand_in():
    absent = ["contextily", "seaborn", "bokeh", "bokeh.io", "bokeh.models", "bokeh.palettes",
              "bokeh.plotting", "bokeh.tile_providers", "bokeh.transform",
              "mpl_toolkits.axes_grid1", "geopandas", "shapely", "shapely.geometry"]
    for name in absent:
        sys.modules[name] = Absent(name)

    def append(self, other, ignore_index=False):
        other = pd.DataFrame([other]) if isinstance(other, dict) else other
        return pd.concat([self, other], ignore_index=ignore_index)

    pd.DataFrame.append = append


def pump_outage(wn, name, start, end):
    from wntr.network.base import LinkStatus
    from wntr.network.controls import (AndCondition, Control, ControlAction, Rule,
                                       SimTimeCondition)
    pump = wn.get_link(name)
    during = AndCondition(SimTimeCondition(wn, ">=", start), SimTimeCondition(wn, "<", end))
    off = Rule(during, [ControlAction(pump, "status", LinkStatus.Closed)], priority=100)
    on = Control(SimTimeCondition(wn, "=", end), ControlAction(pump, "status", LinkStatus.Open))
    wn.add_control(f"{name}_power_off_{start}", off)
    wn.add_control(f"{name}_power_on_{end}", on)


def events(job):
    """The program's table of events. Broken mains are shut at once: their leaks are not compared."""
    rows = []
    for one in job["event"]:
        name, from_s, until_s = one["component"], one["from_h"] * HOUR_S, one["until_h"] * HOUR_S
        state = "Repairing" if name.startswith("W_") else "Service Disrupted"
        rows += [(0, name, 100, "Functional"), (from_s, name, 50, state),
                 (until_s, name, 100, "Service Restored"),
                 (until_s + HOUR_S, name, 100, "Service Restored")]
    table = pd.DataFrame(rows, columns=["time_stamp", "components", "perf_level",
                                        "component_state"])
    return table.drop_duplicates(["time_stamp", "components"]).sort_values("time_stamp")


def shelby(folder):
    """A copy of the county's data with the job's water network."""
    shutil.copytree(SOURCE / "infrarisk" / "data" / "networks" / "shelby", folder)
    return folder


def main():
    warnings.filterwarnings("ignore")
    job = json.loads(JOB.read_text())
    stand_in()
    sys.path.insert(0, str(SOURCE))
    import infrarisk.src.network_recovery as network_recovery
    import infrarisk.src.plots as plots
    import infrarisk.src.simulation as simulation
    from infrarisk.src.physical.integrated_network import IntegratedNetwork
    for name in dir(plots):
        if name.startswith("plot_"):
            setattr(plots, name, lambda *_, **__: None)
    network_recovery.pump_outage_event = pump_outage
    with tempfile.TemporaryDirectory() as temporary:
        data = shelby(Path(temporary) / "shelby")
        (data / "water" / "water.inp").write_text(job["inp"])
        failures = Path(temporary) / "failures.dat"
        rows = [f"{e['from_h'] * HOUR_S},{e['component']},50" for e in job["event"]]
        failures.write_text("\n".join(["time_stamp,components,fail_perc", *rows]))
        network = IntegratedNetwork(name="Shelby")
        network.load_networks(water_folder=str(data / "water"), power_folder=str(data / "power"),
                              transp_folder=str(data / "transportation" / "reduced"), sim_step=60)
        network.generate_integrated_graph(basemap=False)
        network.generate_dependency_table(dependency_file=str(data / "dependencies.csv"))
        network.set_disrupted_components(disruption_file=str(failures))
        network.deploy_crews(init_power_crew_locs=["T_J8"], init_water_crew_locs=["T_J8"],
                             init_transpo_crew_locs=["T_J8"])
        recovery = network_recovery.NetworkRecovery(network, sim_step=60)
        recovery.event_table = events(job)
        runs = simulation.NetworkSimulation(recovery)
        runs.expand_event_table()
        set_up_s = time.process_time()
        metrics = runs.simulate_interdependent_effects(recovery)
        simulated_s = time.process_time() - set_up_s
    power, water = metrics.power_load_df, metrics.water_junc_demand_df
    junctions = [c for c in water.columns if c != "time"]
    answer = {
        "set_up_cpu_s": set_up_s,
        "cpu_s": simulated_s,
        "power_mw": {str(int(r["time"])): {k: float(v) for k, v in r.items() if k != "time"}
                     for _, r in power.iterrows()},
        "water_time_s": [int(t) for t in water["time"]],
        "water_m3h": {j: [float(v) * HOUR_S for v in water[j]] for j in junctions},
    }
    OUT.write_text(json.dumps(answer))


if __name__ == "__main__":
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
        main()
