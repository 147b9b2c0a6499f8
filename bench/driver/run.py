"""Runs one job on one case: every tool in a process of its own, on one core, taking turns."""

import json
import os
import random
import select
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import plan, setup
from .plan import OURS

READY_S = 240
ANSWER_S = 240
# Tools whose first run takes this long (s) are measured by it alone.
ONCE_S = 8
FEW_S = 1
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in
              ("OMP", "OPENBLAS", "MKL", "NUMBA", "RAYON", "POLARS_MAX_THREADS", "BLIS")}


@dataclass
class Measured:
    """What came out for one tool."""

    tool: str
    times_s: list = field(default_factory=list)
    peak_mb: float | None = None
    error: str | None = None
    result: np.ndarray | None = None
    note: str = ""
    agreement: str = ""

    @property
    def median_s(self):
        return statistics.median(self.times_s) if self.times_s else None


class Worker:
    """A tool's process, which measures itself when asked."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            [str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=dict(os.environ, **ONE_THREAD))
        self.buffer = b""

    def answer(self, limit_s):
        """The next answer; lines that libraries print between answers are passed over."""
        end = time.monotonic() + limit_s
        out = self.process.stdout.fileno()
        while True:
            while b"\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\n", 1)
                at = line.find(b"\x1e")
                if at >= 0:
                    return json.loads(line[at + 1:])
            left = end - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                return {"error": f"no answer within {limit_s} s"}
            some = os.read(out, 65536)
            if not some:
                return {"error": f"the process ended ({self.process.wait()})"}
            self.buffer += some

    def ask(self, line):
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            return {"error": "the process ended"}
        return self.answer(ANSWER_S)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def tools(job, case, python, worker):
    """The command of every tool of a job: {tool: command}."""
    out = {OURS: [worker]}
    peers = subprocess.run(
        [python, "-c", "import sys; sys.path.insert(0, sys.argv[1]); import worker; "
         "print('\\n'.join(worker.jobs().get(sys.argv[2], {})))",
         setup.BENCH / "peers", job.name], capture_output=True, text=True, check=True)
    order = list(plan.CASES)
    for tool in peers.stdout.splitlines():
        last = job.only_to.get(tool)
        if last and order.index(case) > order.index(last):
            continue
        out[tool] = [python, setup.BENCH / "peers" / "worker.py"]
    return out


def measure(job, case, python, worker, asked_rounds, only):
    """All tools on one case."""
    name = plan.CASES[case]
    extra = {**job.extra.get("*", {}), **job.extra.get(case, {})}
    rounds = plan.rounds(case, asked_rounds)
    rest = [name, setup.networks(), setup.CACHE / "cases", json.dumps(extra)]
    running, out = {}, {}
    for tool, command in tools(job, case, python, worker).items():
        if only and tool != OURS and not any(o in tool for o in only):
            continue
        measured = out[tool] = Measured(tool)
        head = [job.name] if tool == OURS else [job.name, tool]
        process = Worker([*command, *head, *rest])
        said = process.answer(READY_S)
        if "error" in said:
            measured.error = said["error"]
            process.close()
            continue
        first = said["first_s"]
        wanted = 1 if first > ONCE_S else min(rounds, 3) if first > FEW_S else rounds
        running[tool] = (process, wanted)
        if first > ONCE_S:
            measured.times_s.append(first / said.get("per_run", 1))
    turn = random.Random(f"{job.name} {case}")
    for k in range(rounds):
        order = list(running)
        turn.shuffle(order)
        for tool in order:
            process, wanted = running[tool]
            if len(out[tool].times_s) >= wanted or out[tool].error:
                continue
            said = process.ask(f"go {0.05 if k else 0.02}")
            if "error" in said:
                out[tool].error = said["error"]
            else:
                out[tool].times_s.append(said["s"])
    with tempfile.TemporaryDirectory() as folder:
        for tool, (process, _) in running.items():
            # Before the result is asked for, which may need more than the job.
            out[tool].peak_mb = process.ask("peak").get("mb")
            path = Path(folder) / "result.npy"
            said = process.ask(f"result {path}")
            if "error" in said:
                out[tool].error = out[tool].error or said["error"]
            else:
                out[tool].result = np.load(path)
                out[tool].note = said.get("note", "")
            process.close()
    return out


def end_to_end(job, case, python, program, asked_rounds, only):
    """Whole processes: processor time and peak memory as the system counted them."""
    path = setup.networks() / f"{plan.CASES[case]}.m"
    script = setup.BENCH / "peers" / "end_to_end.py"
    commands = {
        OURS: lambda out: [program, "grid", "flow", path, "--ac", "-o", out],
        "pandapower": lambda out: [python, script, "pandapower", path, out],
        "PyPSA": lambda out: [python, script, "pypsa", path, out],
    }
    results = {tool: Measured(tool) for tool in commands
               if tool == OURS or not only or any(o in tool for o in only)}
    with tempfile.TemporaryDirectory() as folder:
        for k in range(min(3, plan.rounds(case, asked_rounds))):
            for tool, measured in results.items():
                if measured.error or (measured.times_s and measured.times_s[-1] > 30):
                    continue
                out = Path(folder) / f"{tool}{k}"
                process = subprocess.Popen(
                    [str(c) for c in commands[tool](out)], stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE, env=dict(os.environ, **ONE_THREAD))
                said = process.stderr.read().decode(errors="replace").strip()
                process.stderr.close()
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                if process.returncode:
                    line = said.splitlines()[-1] if said else ""
                    measured.error = f"exit code {process.returncode}: {line[:160]}"
                    continue
                measured.times_s.append(usage.ru_utime + usage.ru_stime)
                measured.peak_mb = max(measured.peak_mb or 0, usage.ru_maxrss / 1024)
                measured.result = magnitudes(out)
    return results


def magnitudes(folder):
    """Voltage magnitudes of the tables that a process wrote, in the case's order."""
    path = folder / "vm.csv"
    lines = (path if path.exists() else folder / "buses.csv").read_text().splitlines()
    column = lines[0].split(",").index("vm_pu")
    return np.array([float(line.split(",")[column]) for line in lines[1:]])


def one_core():
    """Everything from here on runs on one core: no tool can use a second."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    else:
        print("bench: no way to keep to one core here", file=sys.stderr)
