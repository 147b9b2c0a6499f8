"""What is in the public MATPOWER cases and EPANET networks, read independently.

    python formats.py OUTDIR        reads OUTDIR/networks, writes OUTDIR/formats/*.csv

MATPOWER: a regular expression finds each matrix, Python's float reads its numbers, and
the three unit conversions that public cases do in code after their matrices are applied
with numpy where their text stands. EPANET: the toolkit (owa-epanet) itself opens each
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


def main():
    root = Path(sys.argv[1])
    out = root / "formats"
    out.mkdir(parents=True, exist_ok=True)
    matpower(root / "networks" / "matpower", out)


if __name__ == "__main__":
    main()
