#!/usr/bin/env python3
"""One peer, one job, one case: measured when the driver asks.

    worker.py JOB TOOL CASE NETWORKS CACHE [JSON]

Prints one JSON line when ready or failed, then answers every line on standard input:
`go SECONDS` runs the job until that much processor time is spent and prints the time of
one run; `result PATH` writes what came out as `.npy`; `peak` prints the peak memory.
"""

import json
import sys
import time
import warnings

import numpy as np

from case import Case


def jobs():
    import deliver
    import optimal
    import outages
    import power_flow
    import reading
    return {**power_flow.JOBS, **outages.JOBS, **deliver.JOBS, **optimal.JOBS, **reading.JOBS}


def say(**what):
    print("\x1e" + json.dumps(what), flush=True)


def peak_mb():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return None


def main(job, tool, case, networks, cache, extra="{}"):
    warnings.simplefilter("ignore")
    try:
        make = jobs()[job][tool]
        case = Case.load(case, networks, cache)
        case.extra = json.loads(extra)
        task = make(case)
        # The first run warms up caches and compilers and does not count.
        before = time.process_time()
        task.run()
        say(ready=True, first_s=time.process_time() - before,
            per_run=task.per_run() if hasattr(task, "per_run") else 1)
    except BaseException as problem:  # every failure is reported as the tool's answer
        say(error=f"{type(problem).__name__}: {str(problem).splitlines()[0][:160]}"
            if str(problem) else type(problem).__name__)
        return
    per_run = task.per_run() if hasattr(task, "per_run") else 1
    for line in sys.stdin:
        verb, *rest = line.split()
        try:
            if verb == "go":
                least, runs, spent = float(rest[0]), 0, 0.0
                while runs == 0 or spent < least:
                    before = time.process_time()
                    task.run()
                    spent += time.process_time() - before
                    runs += 1
                say(s=spent / runs / per_run, runs=runs)
            elif verb == "result":
                np.save(rest[0], np.asarray(task.result(), dtype=float))
                say(saved=True, note=getattr(task, "note", ""))
            elif verb == "peak":
                say(mb=peak_mb())
        except BaseException as problem:
            say(error=f"{type(problem).__name__}: {str(problem)[:160]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
