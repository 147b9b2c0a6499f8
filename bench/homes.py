#!/usr/bin/env python3
"""Times a building-hour beside Python's; writes bench/HOMES.md.

    python3 bench/homes.py [--no-build] [--rounds N] [--print]

The peer is `testdata/peers/homes.py`: ISO 13790's hourly method from the standard in plain
Python, with nothing but numbers. Both sides work out the heating that 20 °C needs and then
the hour, for one building through the typical year of Denver; one thread, processor time,
taking turns.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEATHER = ROOT / "testdata" / "cases" / "bestest-denver" / "weather.csv"
# A 5R1C library outside the package index, as measured once on a machine of this kind.
LIBRARY_NS = 40_000.0

HEAD = """\
# A building-hour beside Python's

Regenerate with `python3 bench/homes.py`. One thread, processor time, medians of {rounds} rounds
in turn. An hour is the heating that 20 °C needs and the hour with it. *Python*: ISO 13790's
hourly method in plain Python (`testdata/peers/homes.py`), {peer:.0f} ns an hour here. The 5R1C
library RC_BuildingSimulator, which is not on the package index, took 40,000 ns an hour when it
was measured once; the one 5R1C package that is (buem 0.1.1) lacks a data file and does not run.

| what | ns an hour | against plain Python | against RC_BuildingSimulator |
|---|---|---|---|
"""


def peer_ns(homes, weather, seconds):
    """One building-hour of the peer: its own heated hour, by need."""
    zone, t_m, hours = homes.bestest(0.534, 0.327, 307.75, 2.43, 0.414), 20.0, 0
    start = time.process_time()
    while time.process_time() - start < seconds:
        for t_e in weather:
            t_m, _, _ = zone.heated_hour(t_m, t_e, 200.0, 0.0, 20.0, 1e9)
        hours += len(weather)
    return (time.process_time() - start) / hours * 1e9


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--no-build", action="store_true", help="take the program as it is")
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--print", action="store_true", help="print instead of writing")
    asked = ask.parse_args()
    if not asked.no_build:
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "blackstart-bench",
                        "--bin", "homes_worker"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    worker = target / "release" / "homes_worker"
    spec = importlib.util.spec_from_file_location("homes", ROOT / "testdata/peers/homes.py")
    homes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(homes)
    weather = [float(line.split(",")[0]) for line in WEATHER.read_text().splitlines()[1:]]
    ours, peers = {}, []
    for _ in range(asked.rounds):
        done = subprocess.run([worker, WEATHER, "0.2"], check=True, capture_output=True)
        for what, ns in json.loads(done.stdout).items():
            ours.setdefault(what, []).append(ns)
        peers.append(peer_ns(homes, weather, 0.3))
    peer = statistics.median(peers)
    page = HEAD.format(rounds=asked.rounds, peer=peer)
    for what, times in ours.items():
        ns = statistics.median(times)
        ratios = "| |" if "sun" in what else f"| {peer / ns:,.0f}× | {LIBRARY_NS / ns:,.0f}× |"
        page += f"| {what} | {ns:.1f} {ratios}\n"
    if asked.print:
        sys.stdout.write(page)
    else:
        (ROOT / "bench" / "HOMES.md").write_text(page)


if __name__ == "__main__":
    main()
