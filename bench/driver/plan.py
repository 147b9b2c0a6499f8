"""What is measured: every job with its cases, its target and how results are compared."""

from dataclasses import dataclass, field

OURS = "blackstart"

# Small, middle and large cases by their short names.
CASES = {
    "118": "case118", "1354": "case1354pegase", "2869": "case2869pegase",
    "9241": "case9241pegase", "13659": "case13659pegase", "25k": "case_ACTIVSg25k",
    "70k": "case_ACTIVSg70k",
}
QUICK = {"118", "1354"}


@dataclass
class Job:
    """One job on several cases. `target` is the least ratio to the best peer that does
    the whole job; `partial` names tools that do less and are no yardstick."""

    name: str
    title: str
    what: str
    cases: list
    target: float | None
    check: str
    unit: str = "ms"
    scale: float = 1e3
    partial: tuple = ()
    # Targets against one tool: {tool: ratio}.
    against: dict = field(default_factory=dict)
    # Tools left out on cases where they take minutes: {tool: largest case}.
    only_to: dict = field(default_factory=dict)
    # Settings by case (short name), "*" for all.
    extra: dict = field(default_factory=dict)


AC = ["1354", "2869", "9241", "13659", "25k", "70k"]
SLOW_PYTHON = {"PYPOWER newtonpf": "25k", "pandapower runpp": "25k",
               "power-grid-model (PQ only)": "13659"}
ALL_PQ = ("power-grid-model (PQ only)",)

JOBS = [
    Job("newton-cold", "AC Newton, cold",
        "From bus tables: order, analysis, factorisation, iterations to 1e-8 p.u. "
        "rustpower, p3s-cpp and PYPOWER get the admittance matrix for nothing, "
        "power-grid-model gets every injection solved already.",
        AC, 3, "voltage", only_to=SLOW_PYTHON, partial=ALL_PQ),
    Job("newton-warm", "AC Newton, warm",
        "Same topology, other injections, from the case's start point.",
        AC, 5, "voltage", only_to=SLOW_PYTHON, partial=ALL_PQ),
    Job("newton-batch", "AC Newton, per scenario of a batch",
        "64 (8 on the largest case) scenarios that differ in every load, from the solution of "
        "the case itself, which the peers get for nothing.",
        AC, 12, "batch"),
    Job("newton-batch-damaged", "AC Newton, per scenario of a batch, own damage in each",
        "The same with five branches out in each scenario, islands included.",
        AC, 12, "batch"),
    Job("decoupled-warm", "AC fast-decoupled, warm",
        "The other way to the same voltages and tolerance.",
        AC, None, "voltage"),
    Job("outages-ac", "AC outages of one branch",
        "Every branch, or a fixed draw on the larger cases; flows, islands included; "
        "p3s-cpp gets admittances and islands prepared.",
        ["118", "1354", "2869", "9241", "13659"], 10, "outages", unit="outages/s", scale=1,
        extra={"2869": {"outages": 1000}, "9241": {"outages": 200, "p3s": 100},
               "13659": {"outages": 100, "p3s": 50}}),
    Job("outages-dc", "DC outages of one branch",
        "The same with the DC equations. The matrix of outage distribution factors of "
        "lightsim2grid leaves out outages that form islands.",
        ["118", "1354", "2869", "9241", "13659"], 10, "outages", unit="outages/s", scale=1,
        partial=("lightsim2grid outage factors",),
        only_to={"lightsim2grid outage factors": "2869"},
        extra={"9241": {"outages": 1000}, "13659": {"outages": 500}}),
    Job("deliver-dc-cold", "DC maximal load delivery after damage, cold",
        "10 % of branches and generators out; weights 1, 3, 10. HiGHS gets the linear "
        "program built for nothing, PyPSA builds its own.",
        ["118", "1354", "2869", "9241", "13659"], 20, "objective",
        against={"PyPSA": 1000}, only_to={"PyPSA": "2869"},
        partial=("PyPSA",),
        extra={"*": {"seeds": 2}, "9241": {"seeds": 1}, "13659": {"seeds": 1}}),
    Job("deliver-dc-hours", "DC maximal load delivery, per hour",
        "One damaged state through hours in which only demands and limits change.",
        ["118", "1354", "2869", "9241"], 50, "objective",
        only_to={"HiGHS simplex anew, flows": "2869"}),
    Job("opf-ac", "AC optimal power flow",
        "Polar, polynomial costs, ratings at both ends. Ipopt gets derivatives for nothing.",
        ["118", "1354", "2869", "9241"], 20, "objective",
        only_to={"PYPOWER PIPS": "1354"}),
    Job("deliver-ac", "AC maximal load delivery after damage",
        "10 % of branches and generators out, voltages may sag at a price.",
        ["118", "1354", "2869"], 20, "service", extra={"*": {"seeds": 1}}),
    Job("read", "Reading a MATPOWER case",
        "From file to tables. blackstart also checks every reference and range.",
        ["1354", "9241", "70k"], 3, "reading"),
    Job("end-to-end", "Power flow from file to tables, as a process",
        "`blackstart grid flow CASE --ac -o FOLDER` against scripts of a dozen lines; "
        "processor time of the process, start of the interpreter included.",
        ["1354", "9241"], 50, "magnitudes"),
]


def rounds(case, asked):
    """Rounds of one case."""
    if asked:
        return asked
    return {"118": 7, "1354": 7, "2869": 7, "9241": 5, "13659": 5}.get(case, 3)
