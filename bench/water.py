#!/usr/bin/env python3
"""Times runs of water networks beside EPANET's C toolkits; writes bench/WATER.md.

    python3 testdata/peers/setup.py
    python3 bench/water.py [--no-build] [--rounds N] [--only NAME] [--print] [--batches]

Networks and the toolkits are those of the comparison tests. The solver alone, one thread,
processor time, every tool in a process of its own, taking turns. With --batches only the part
about many scenarios of a network is done again.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NETWORKS = ["epanet/Net1", "epanet/Net3", "epyt/ky7", "epyt/ky1", "epanet/ky4", "epanet/ky10",
            "epyt/L-TOWN", "epyt/MICROPOLIS_v1", "epyt/exnet-3", "epyt/ky8", "epanet/Net6",
            "epyt/BWSN_Network_2"]
MODES = {"dda": "demand-driven", "pda": "pressure-driven", "out": "pressure-driven, pumps dark"}
VERSIONS = ["2.3", "2.2"]
SECONDS = 0.3

HEAD = """\
# Water networks beside EPANET

Regenerate with `python3 bench/water.py`. One thread, processor time, medians of {rounds} rounds in
turn, ms for a whole run (at most 72 h) with opening of the hydraulics, without reading the file.
*2.3* is EPANET's toolkit as the Python package owa-epanet ships it, *2.2* as wntr does; each
solves to the file's own accuracy, blackstart to 10⁻⁵ m and 1 ml/s. *Pumps dark*: from hour 2 to
hour 20; a run of EPANET's that it ends early is not comparable and marked with *.
The ratio is to the faster of the two.

| network | run | solutions | steps of Newton | blackstart | 2.3 | 2.2 | ratio |
|---|---|---|---|---|---|---|---|
"""

BATCHES = ["epanet/Net3", "epanet/ky4", "epyt/L-TOWN", "epanet/Net6"]
BATCH_KINDS = {"demands": "24 demand factors", "outages": "24 outages of a pump"}
BATCH_SECONDS = 8.0
BATCH_TITLE = "## Batches of scenarios\n"
BATCH_HEAD = """
Regenerate with `python3 bench/water.py --batches`. Scenarios in a second of processor time on one
thread, from the checked network to the summaries, best of turns that take {seconds:.0f} s together. *Alone*: each
is a batch of its own, with the analysis of the network. *24 demand factors*, 0.7 to 1.3: only the
analysis is shared. *24 outages of a pump*, four hours each, beginning at times spread over the run
(at most 72 h): scenarios also share the run up to their outage. *Two threads*: time on the clock
of one thread divided by that of two.

| network | demands | scenarios | alone, 1/s | together, 1/s | gain | two threads |
|---|---|---|---|---|---|---|
"""


def batches(worker, env):
    """The part about many scenarios of a network."""
    page = BATCH_TITLE + BATCH_HEAD.format(seconds=BATCH_SECONDS)
    for name in BATCHES:
        path = Path(env["BLACKSTART_PEERS"]) / "networks" / f"{name}.inp"
        for mode in ["dda", "pda"]:
            command = [worker, path, f"batch-{mode}", str(BATCH_SECONDS)]
            kinds = answer([str(c) for c in command], env)
            for kind in kinds or []:
                alone, together = kind["alone_per_s"], kind["together_per_s"]
                page += (f"| {Path(name).name} | {MODES[mode]} | {BATCH_KINDS[kind['kind']]} | "
                         f"{alone:.3g} | {together:.3g} | {together / alone:.2f} | "
                         f"{kind['two_threads_gain']:.2f} |\n")
            if not kinds:
                page += f"| {Path(name).name} | {MODES[mode]} | failed | | | | |\n"
    return page


def answer(command, env):
    """What a tool says; none if it fails."""
    done = subprocess.run(command, capture_output=True, env=env, timeout=600)
    lines = done.stdout.decode().strip().splitlines()
    return json.loads(lines[-1]) if done.returncode == 0 and lines else None


def row(name, mode, asked, worker, env):
    """One line of the table."""
    path = Path(env["BLACKSTART_PEERS"]) / "networks" / f"{name}.inp"
    peer = ROOT / "bench" / "peers" / "epanet_run.py"
    commands = {"ours": [worker, path, mode, str(SECONDS)]}
    for version in VERSIONS:
        commands[version] = [sys.executable, peer, version, path, mode, str(SECONDS)]
    said = {tool: [] for tool in commands}
    for _ in range(asked.rounds):
        for tool, command in commands.items():
            if None not in said[tool]:
                said[tool].append(answer([str(c) for c in command], env))
    if None in said["ours"]:
        return f"| {name} | {MODES[mode]} | | | failed | | | |\n"
    ms = {t: statistics.median(a["ms"] for a in s) for t, s in said.items() if None not in s}
    ours = said["ours"][-1]
    cells, best = "", []
    for version in VERSIONS:
        if version not in ms:
            cells += " ends with an error |"
            continue
        early = said[version][-1]["solutions"] < 0.9 * ours["solutions"]
        cells += f" {ms[version]:.3g}{'*' if early else ''} |"
        if not early:
            best.append(ms[version])
    ratio = f"{min(best) / ms['ours']:.1f}" if best else "–"
    degraded = f" ({ours['degraded']} not to tolerance)" if ours["degraded"] else ""
    return (f"| {Path(name).name} | {MODES[mode]} | {ours['solutions']}{degraded} | "
            f"{ours['iterations']} | {ms['ours']:.3g} |{cells} {ratio} |\n")


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--no-build", action="store_true", help="take the program as it is")
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--only", default="", help="networks of this name only; prints")
    ask.add_argument("--print", action="store_true", help="print instead of writing")
    ask.add_argument("--batches", action="store_true", help="only many scenarios of a network")
    asked = ask.parse_args()
    if not asked.no_build:
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "blackstart-bench",
                        "--bin", "water_worker"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    worker = target / "release" / "water_worker"
    env = dict(os.environ)
    env.setdefault("BLACKSTART_PEERS", str(ROOT / ".cache" / "peers"))
    written = ROOT / "bench" / "WATER.md"
    if asked.batches:
        page = written.read_text().split(BATCH_TITLE)[0].rstrip() + "\n"
    else:
        page = HEAD.format(rounds=asked.rounds)
        for name in NETWORKS:
            if asked.only in name:
                for mode in MODES:
                    page += row(name, mode, asked, worker, env)
    if not asked.only:
        page += "\n" + batches(worker, env)
    if asked.print or asked.only:
        sys.stdout.write(page)
    else:
        written.write_text(page)


if __name__ == "__main__":
    main()
