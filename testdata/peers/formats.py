"""What is in the public MATPOWER cases and EPANET networks, read independently.

    python formats.py OUTDIR        reads OUTDIR/networks, writes OUTDIR/formats/*.csv

MATPOWER: a regular expression finds each matrix, Python's float reads its numbers, and
the three unit conversions that public cases do in code after their matrices are applied
with numpy where their text stands. EPANET: the toolkit (EPANET 2.3) itself opens each
network, converts nothing, and is asked for counts and sums.
"""

import csv
import math
import re
import sys
from pathlib import Path

import numpy as np


def number(token):
    try:
        return float(token.replace("Inf", "inf").replace("NaN", "nan"))
    except ValueError:
        return float(eval(token, {"sqrt": math.sqrt, "pi": math.pi}))


def matrix(text, name):
    found = re.search(r"^\s*mpc\." + name + r"\s*=\s*\[(.*?)\]", text, re.S | re.M)
    if not found:
        return None
    rows = []
    for line in found.group(1).replace(";", "\n").split("\n"):
        tokens = line.replace(",", " ").split()
        if tokens:
            rows.append([number(t) for t in tokens])
    return np.array(rows)


def read_case(path):
    text = path.read_text(encoding="latin-1")
    text = "\n".join(line.split("%")[0] for line in text.split("\n"))
    base = number(re.search(r"mpc\.baseMVA\s*=\s*([^;\s]+)", text).group(1))
    bus, gen, branch = (matrix(text, n) for n in ("bus", "gen", "branch"))
    dc = matrix(text, "dcline")
    flat = re.sub(r"\s+", "", text)
    if "mpc.branch(:,[BR_RBR_X])=mpc.branch(:,[BR_RBR_X])/(Vbase^2/Sbase)" in flat:
        assert "Vbase=mpc.bus(1,BASE_KV)*1e3;Sbase=mpc.baseMVA*1e6" in flat
        branch[:, 2:4] /= (bus[0, 9] * 1e3) ** 2 / (base * 1e6)
    if "mpc.bus(:,[PD,QD])=mpc.bus(:,[PD,QD])/1e3" in flat:
        bus[:, 2:4] /= 1e3
    if "mpc.bus(:,QD)=mpc.bus(:,PD)*sin(acos(pf))" in flat:
        pf = float(re.search(r"pf=([0-9.]+)", flat).group(1))
        bus[:, 3] = bus[:, 2] * math.sin(math.acos(pf))
        bus[:, 2] *= pf
    return base, bus, gen, branch, dc


def finite_sum(values):
    return float(np.sum(values[np.isfinite(values)]))


def matpower(networks, out):
    header = ("case,base_mva,buses,branches,generators,dc_lines,pd_mw,qd_mvar,gs_mw,bs_mvar,"
              "r_pu,x_pu,b_pu,rated,in_service,shift_deg,p_max_mw,p_max_infinite,p_min_mw,"
              "gens_on,vm_pu").split(",")
    with open(out / "matpower.csv", "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(header)
        for path in sorted(networks.glob("case*.m")):
            base, bus, gen, branch, dc = read_case(path)
            w.writerow([
                path.stem, base, len(bus), len(branch), len(gen), 0 if dc is None else len(dc),
                repr(float(bus[:, 2].sum())), repr(float(bus[:, 3].sum())),
                repr(float(bus[:, 4].sum())), repr(float(bus[:, 5].sum())),
                repr(float(branch[:, 2].sum())), repr(float(branch[:, 3].sum())),
                repr(float(branch[:, 4].sum())), int((branch[:, 5] != 0).sum()),
                int((branch[:, 10] != 0).sum()), repr(float(branch[:, 9].sum())),
                repr(finite_sum(gen[:, 8])), int(np.isinf(gen[:, 8]).sum()),
                repr(finite_sum(gen[:, 9])), int((gen[:, 7] > 0).sum()),
                repr(float(bus[:, 7].sum())),
            ])


# Metres, millimetres and cubic metres per hour of a network's own units.
FLOW_M3H = {"CFS": 0.3048**3 * 3600, "GPM": 3.785411784 * 0.06, "MGD": 3785.411784 / 24,
            "IMGD": 4546.09 / 24, "AFD": 43560 * 0.3048**3 / 24, "LPS": 3.6, "LPM": 0.06,
            "MLD": 1000 / 24, "CMH": 1.0, "CMD": 1 / 24}
# EN_DEFDEMANDPAT and EN_HEADLOSSFORM of the toolkit's header.
DEFAULT_PATTERN = 23
HEADLOSS_FORM = 7
FLOW_WORDS = ["CFS", "GPM", "MGD", "IMGD", "AFD", "LPS", "LPM", "MLD", "CMH", "CMD"]


def network(path, report):
    """Counts and sums of a network as the EPANET toolkit holds it; None if it refuses it."""
    from epanet import toolkit as en
    ph = en.createproject()
    try:
        en.open(ph, str(path), str(report), "")
    except Exception:
        return None
    word = FLOW_WORDS[en.getflowunits(ph)]
    us = FLOW_WORDS.index(word) <= 4
    q, m, mm = FLOW_M3H[word], 0.3048 if us else 1.0, 25.4 if us else 1.0
    m3 = 0.3048**3 if us else 1.0
    s = dict.fromkeys(["junctions", "reservoirs", "tanks", "pipes", "pumps", "valves",
                       "elevation_m", "demand_m3h", "demands", "with_pattern", "head_m",
                       "init_level_m", "min_volume_m3", "length_m", "diameter_mm", "roughness",
                       "minor_loss", "check_valves", "closed_pipes", "pumps_off", "speed",
                       "pump_points", "pump_flow_m3h", "pump_head_m", "multipliers"], 0.0)
    for i in range(1, en.getcount(ph, en.NODECOUNT) + 1):
        kind = en.getnodetype(ph, i)
        elevation = en.getnodevalue(ph, i, en.ELEVATION) * m
        if kind == en.JUNCTION:
            s["junctions"] += 1
            s["elevation_m"] += elevation
            for d in range(1, en.getnumdemands(ph, i) + 1):
                base = en.getbasedemand(ph, i, d)
                s["demand_m3h"] += base * q
                s["demands"] += base != 0
                # EPANET applies its default pattern only while it simulates.
                s["with_pattern"] += base != 0 and (
                    en.getdemandpattern(ph, i, d) > 0 or en.getoption(ph, DEFAULT_PATTERN) > 0)
        elif kind == en.RESERVOIR:
            s["reservoirs"] += 1
            s["head_m"] += elevation
        else:
            s["tanks"] += 1
            s["init_level_m"] += en.getnodevalue(ph, i, en.TANKLEVEL) * m
            s["min_volume_m3"] += en.getnodevalue(ph, i, en.MINVOLUME) * m3
    for i in range(1, en.getcount(ph, en.LINKCOUNT) + 1):
        kind = en.getlinktype(ph, i)
        if kind in (en.CVPIPE, en.PIPE):
            s["pipes"] += 1
            s["length_m"] += en.getlinkvalue(ph, i, en.LENGTH) * m
            s["diameter_mm"] += en.getlinkvalue(ph, i, en.DIAMETER) * mm
            # Thousandths of a foot to millimetres; C and n have no unit.
            lengthy = us and en.getoption(ph, HEADLOSS_FORM) == 1
            s["roughness"] += en.getlinkvalue(ph, i, en.ROUGHNESS) * (0.3048 if lengthy else 1.0)
            s["minor_loss"] += en.getlinkvalue(ph, i, en.MINORLOSS)
            s["check_valves"] += kind == en.CVPIPE
            s["closed_pipes"] += en.getlinkvalue(ph, i, en.INITSTATUS) == 0
        elif kind == en.PUMP:
            s["pumps"] += 1
            off = en.getlinkvalue(ph, i, en.INITSTATUS) == 0
            s["pumps_off"] += off
            # EPANET gives a pump that is off the speed 0.
            s["speed"] += 0 if off else en.getlinkvalue(ph, i, en.INITSETTING)
            curve = int(en.getlinkvalue(ph, i, en.PUMP_HCURVE))
            if curve > 0:
                for p in range(1, en.getcurvelen(ph, curve) + 1):
                    x, y = en.getcurvevalue(ph, curve, p)
                    s["pump_points"] += 1
                    s["pump_flow_m3h"] += x * q
                    s["pump_head_m"] += y * m
        else:
            s["valves"] += 1
    for i in range(1, en.getcount(ph, en.PATCOUNT) + 1):
        for k in range(1, en.getpatternlen(ph, i) + 1):
            s["multipliers"] += en.getpatternvalue(ph, i, k)
    s["controls"] = en.getcount(ph, en.CONTROLCOUNT)
    s["rules"] = en.getcount(ph, en.RULECOUNT)
    s["pattern_step_h"] = en.gettimeparam(ph, en.PATTERNSTEP) / 3600
    s["start_clock_h"] = en.gettimeparam(ph, en.STARTTIME) / 3600
    s["duration_h"] = en.gettimeparam(ph, en.DURATION) / 3600
    s["demand_multiplier"] = en.getoption(ph, en.DEMANDMULT)
    en.deleteproject(ph)
    return s


def epanet(networks, out):
    with open(out / "epanet.csv", "w", newline="") as f:
        w = None
        for folder in ("epanet", "epanet-odd", "epyt"):
            for path in sorted((networks / folder).glob("*.inp")):
                s = network(path, out / "report.txt")
                if s is None:
                    print("EPANET refuses", path.name)
                    continue
                if w is None:
                    w = csv.writer(f)
                    w.writerow(["network", *s])
                w.writerow([f"{folder}/{path.name}", *(repr(float(x)) for x in s.values())])
    (out / "report.txt").unlink(missing_ok=True)


def main():
    root = Path(sys.argv[1])
    out = root / "formats"
    out.mkdir(parents=True, exist_ok=True)
    matpower(root / "networks" / "matpower", out)
    epanet(root / "networks", out)


if __name__ == "__main__":
    main()
