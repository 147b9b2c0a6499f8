"""The page of results."""

import math
from datetime import date

from .plan import CASES, OURS


def figure(value):
    """Three significant digits, without exponents where they can be avoided."""
    if value is None:
        return "–"
    if value == 0 or not math.isfinite(value):
        return str(value)
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):.{max(digits, 0)}f}" if digits > 0 else \
        f"{round(value, digits):,.0f}".replace(",", " ")


def shown(job, seconds):
    """A time as the job counts: milliseconds, or runs per second."""
    if seconds is None:
        return "–"
    return figure(1 / seconds if job.unit.endswith("/s") else seconds * job.scale)


def best_peer(job, results):
    """The fastest peer that does the whole job and agrees."""
    whole = [m for t, m in results.items() if t != OURS and m.times_s and not m.error
             and getattr(m, "good", True) and t not in job.partial]
    return min(whole, key=lambda m: m.median_s, default=None)


def verdict(ratio, target):
    if target is None:
        return ""
    if ratio is None:
        return "not measured"
    return "met" if ratio >= target else f"missed ({ratio / target:.0%} of it)"


def row_of(job, case, results):
    """One line of the summary: values and words."""
    ours, peer = results.get(OURS), best_peer(job, results)
    own = ours.median_s if ours and not ours.error else None
    ratio = peer.median_s / own if own and peer else None
    lines = [[job.title, case, shown(job, own), shown(job, peer and peer.median_s),
              peer.tool if peer else "none finished", f"{figure(ratio)}×" if ratio else "–",
              f"≥ {job.target:g}×" if job.target else "–", verdict(ratio, job.target)]]
    for tool, target in job.against.items():
        other = results.get(tool)
        if other and other.median_s:
            more = other.median_s / own if own else None
            lines.append([job.title, case, shown(job, own), shown(job, other.median_s), tool,
                          f"{figure(more)}×" if more else "–", f"≥ {target:g}×",
                          verdict(more, target)])
    return lines


def cells(values):
    return "| " + " | ".join(str(v) for v in values) + " |"


def page(done, machine, command, rounds):
    out = [
        "# The grid engine against its peers", "",
        f"Made on {date.today():%-d %B %Y} by `{command}` on: {machine}.", "",
        "Processor time, one thread, every process on the same core. The tools of a row sit "
        "in processes of their own and take turns in every round, so that a machine that "
        f"slows down slows all of them; figures are medians over {rounds} rounds, fewer for "
        "runs of seconds. The first run of each tool does not count unless it takes longer "
        "than 8 s. *Ratio*: best peer that does the whole job and agrees with the reference, "
        "over blackstart. Peak memory is that of the process; Python's includes the "
        "interpreter and its packages (50 to 300 MB).", "",
        "MATPOWER itself needs Octave or MATLAB and is not in this table; PYPOWER is its "
        "port.", "", "## Summary", "",
        cells(["job", "case", "blackstart", "best peer", "which", "ratio", "target", "met?"]),
        cells(["---"] * 8),
    ]
    for job, case, results in done:
        unit = f" {job.unit}"
        for line in row_of(job, case, results):
            line[2] += unit if line[2] != "–" else ""
            line[3] += unit if line[3] != "–" else ""
            out.append(cells(line))
    seen = None
    for job, case, results in done:
        if job.name != seen:
            seen = job.name
            out += ["", f"## {job.title}", "", job.what, "",
                    cells(["case", "tool", f"median, {job.unit}", f"best, {job.unit}",
                           "over blackstart", "peak MB", "agreement"]),
                    cells(["---"] * 7)]
        own = results[OURS].median_s if OURS in results else None
        for m in sorted(results.values(), key=lambda m: m.median_s or math.inf):
            if m.error:
                out.append(cells([case, m.tool, "failed", "", "", "", m.error]))
                continue
            times = f"{figure(m.median_s / own)}×" if own and m.tool != OURS else ""
            flag = "" if getattr(m, "good", True) else " **differs**"
            name = f"**{m.tool}**" if m.tool == OURS else m.tool
            note = f" ({m.note})" if m.note else ""
            out.append(cells([case, name, shown(job, m.median_s), shown(job, min(m.times_s)),
                              times, figure(m.peak_mb), m.agreement + flag + note]))
        order = list(CASES)
        left = [t for t, last in job.only_to.items() if order.index(case) > order.index(last)]
        if left:
            out.append(cells([case, ", ".join(left), "not run", "", "", "", "takes minutes"]))
    return "\n".join(out) + "\n"
