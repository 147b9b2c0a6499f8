#!/usr/bin/env python3
"""Times the grid engine and its peers in one run; writes bench/GRID.md and the README's table.

    python3 bench/grid.py                   everything, about a quarter of an hour
    python3 bench/grid.py --quick           small cases, prints instead of writing
    python3 bench/grid.py --cases 1354,9241 --jobs newton-warm,read --rounds 3

Peers come from the Python package index by hash into `.cache/bench` on the first run;
public cases from the comparison tests' set-up; our programs are built for release.
"""

import argparse
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "peers")]


def quote(page):
    """Puts the summary's table between the README's two marks."""
    readme = HERE.parent / "README.md"
    before, rest = readme.read_text().split("<!-- grid bench -->\n", 1)
    after = rest.split("<!-- end of grid bench -->\n", 1)[1]
    table = page.split("## Summary\n\n", 1)[1].split("\n\n", 1)[0]
    readme.write_text(f"{before}<!-- grid bench -->\n{table}\n<!-- end of grid bench -->\n"
                      f"{after}")


def main():
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed")
    from driver import plan, setup

    python = setup.python()
    if Path(sys.prefix).resolve() != python.parent.parent.resolve():
        os.execv(python, [str(python), *sys.argv])

    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--quick", action="store_true", help="118 and 1354 buses only")
    ask.add_argument("--cases", help="of " + ",".join(plan.CASES))
    ask.add_argument("--jobs", help="of " + ",".join(j.name for j in plan.JOBS))
    ask.add_argument("--tools", help="peers whose names contain one of these")
    ask.add_argument("--rounds", type=int, help="rounds of every case")
    ask.add_argument("--no-build", action="store_true", help="take the programs as they are")
    ask.add_argument("--output", type=Path, help="page to write")
    asked = ask.parse_args()
    wanted = set(asked.cases.split(",")) if asked.cases else set(plan.CASES)
    if asked.quick:
        wanted &= plan.QUICK
    chosen = set(asked.jobs.split(",")) if asked.jobs else {j.name for j in plan.JOBS}
    unknown = (wanted - set(plan.CASES)) | (chosen - {j.name for j in plan.JOBS})
    if unknown:
        ask.error("unknown: " + ", ".join(sorted(unknown)))

    setup.networks()
    worker, program = setup.programs(build=not asked.no_build)
    from driver import agree, run, table

    run.one_core()
    only = asked.tools.split(",") if asked.tools else None
    done = []
    start = time.monotonic()
    for job in plan.JOBS:
        for case in job.cases:
            if job.name not in chosen or case not in wanted:
                continue
            if job.name == "end-to-end":
                results = run.end_to_end(job, case, python, program, asked.rounds, only)
            else:
                results = run.measure(job, case, python, worker, asked.rounds, only)
            agree.compare(job, plan.CASES[case], results)
            done.append((job, case, results))
            for line in table.row_of(job, case, results):
                print(f"{time.monotonic() - start:6.0f} s", *line, sep=" | ", flush=True)
    whole = not (asked.quick or asked.cases or asked.jobs or asked.tools)
    words = [f" --{k} {v}" for k in ("cases", "jobs", "tools", "rounds")
             if (v := getattr(asked, k))]
    command = "python3 bench/grid.py" + (" --quick" if asked.quick else "") + "".join(words)
    page = table.page(done, setup.machine(), command, asked.rounds or "3 to 7")
    path = asked.output or (HERE / "GRID.md" if whole else None)
    if path:
        path.write_text(page)
        if whole and not asked.output:
            quote(page)
        print(f"bench: {path}", file=sys.stderr)
    else:
        print(page)


if __name__ == "__main__":
    main()
