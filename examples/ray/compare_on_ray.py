#!/usr/bin/env python3
"""Spreads a comparison of policies over the workers of a Ray cluster.

    pip install ray
    python3 examples/ray/compare_on_ray.py my-region winter.toml --draws 1000 --parts 16 -o out

Each part is one call of `blackstart compare --shard`; `blackstart merge` joins them. Parts
keep every draw as it is finished, so a worker that dies costs the draws it was at, and the
result is the same, byte for byte, as that of one machine.

Without --address Ray starts a cluster of its own on this machine. With it, the folder of
parts (beside the output) must be on a disk that all machines see, and `blackstart` on each.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import ray


@ray.remote(num_cpus=1, max_retries=8)
def part(program, region, scenario, draws, index, parts, folder):
    """Computes one part, or goes on with it where a worker before this one died."""
    command = [program, "compare", region, "--scenario", scenario, "--draws", str(draws),
               "--shard", f"{index}/{parts}", "--resume", "--threads", "1", "--quiet",
               "--output", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"part {index} ended with {done.returncode}:\n{done.stderr}")
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("region")
    parser.add_argument("scenario")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--workers", type=int, default=os.cpu_count(),
                        help="workers of the cluster that is started here")
    parser.add_argument("--address", help="address of a running cluster")
    parser.add_argument("--blackstart", default=shutil.which("blackstart") or "blackstart")
    parser.add_argument("-o", "--output", default="out")
    args = parser.parse_args()

    output = Path(args.output).resolve()
    parts = output.with_name(output.name + "-parts")
    region, scenario = Path(args.region).resolve(), Path(args.scenario).resolve()
    program = Path(args.blackstart).resolve()

    own = {} if args.address else {"num_cpus": args.workers, "include_dashboard": False}
    ray.init(address=args.address, log_to_driver=False, logging_level="error", **own)
    folders = ray.get([
        part.remote(str(program), str(region), str(scenario), args.draws, index, args.parts,
                    str(parts / str(index)))
        for index in range(1, args.parts + 1)
    ])
    ray.shutdown()
    merge = [program, "merge", region, "--scenario", scenario, *folders, "--output", output]
    sys.exit(subprocess.run([str(word) for word in merge]).returncode)


if __name__ == "__main__":
    main()
