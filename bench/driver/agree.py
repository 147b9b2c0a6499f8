"""Whether tools came to the same result: words for the table, by kind of result."""

import numpy as np

from . import setup
from .plan import OURS


def compare(job, case_name, results):
    """Fills `agreement` of every tool that gave a result."""
    good = {t: m for t, m in results.items() if m.result is not None}
    if not good:
        return
    against = {"voltage": voltages, "magnitudes": magnitudes, "batch": same_shape,
               "outages": outages, "objective": objectives,
               "service": services, "reading": reading}[job.check]
    against(case_name, good)


def reference(case_name):
    """Voltages by an iteration of our own on the case's tables (scipy's general LU); on
    cases too large for it p3s-cpp's at 1e-11, checked against the same equations."""
    from case import Case, newton

    kept = setup.CACHE / "cases" / f"{case_name}.voltages.npy"
    case = Case.load(case_name, setup.networks(), setup.CACHE / "cases")
    if kept.exists() and kept.stat().st_mtime > case.path.stat().st_mtime:
        return np.load(kept)
    injections = case.generation - case.demand
    if case.n < 40_000:
        v, _ = newton(case.ybus, injections, case.start, case.types)
    else:
        from p3s import nr_klu
        ref, pv, pq = case.types
        y = case.ybus
        solver = nr_klu.Solver(y.indptr.astype(np.int32), y.indices.astype(np.int32), y.data,
                               pv.astype(np.int32), pq.astype(np.int32))
        v = np.asarray(solver.solve(injections, case.start, 30, 1e-11)["V"])
        miss = v * (case.ybus @ v).conj() - injections
        worst = max(np.abs(miss[np.r_[pv, pq]].real).max(), np.abs(miss[pq].imag).max())
        if worst > 1e-9:
            raise ArithmeticError(f"{case_name}: reference has a mismatch of {worst:.1e}")
    np.save(kept, v)
    return v


def voltages(case_name, good):
    v = reference(case_name)
    for m in good.values():
        n = len(v)
        size = np.abs(m.result[:n] - np.abs(v)).max()
        turn = m.result[n:] - np.degrees(np.angle(v))
        turn = np.abs((turn + 180) % 360 - 180).max()
        m.agreement = f"{size:.0e} p.u., {turn:.0e}°"
        m.good = bool(size < 1e-6 and turn < 1e-4)


def magnitudes(case_name, good):
    v = np.abs(reference(case_name))
    for m in good.values():
        if len(m.result) != len(v):
            m.agreement, m.good = f"{len(m.result)} rows instead of {len(v)}", False
            continue
        away = np.abs(m.result - v).max()
        m.agreement, m.good = f"{away:.0e} p.u.", bool(away < 1e-6)


def same_shape(_, good):
    first = next((m for t, m in good.items() if t != OURS), next(iter(good.values())))
    for m in good.values():
        solved = ~np.isnan(m.result).any(axis=1)
        both = solved & ~np.isnan(first.result).any(axis=1)
        live = (m.result[both] > 0) & (first.result[both] > 0)
        away = np.abs(np.where(live, m.result[both] - first.result[both], 0)).max(initial=0)
        m.agreement = f"{solved.sum()} of {len(solved)} solved" \
            + (f", {away:.0e} p.u." if m is not first else "")
        m.good = bool(away < 1e-6)


def outages(_, good):
    """Rows of [solved, value]; tools may have done a first part of the list only."""
    first = next((m for t, m in good.items() if t != OURS), next(iter(good.values())))
    for m in good.values():
        k = min(len(m.result), len(first.result))
        both = (m.result[:k, 0] > 0) & (first.result[:k, 0] > 0)
        a, b = m.result[:k, 1][both], first.result[:k, 1][both]
        away = np.abs(a - b) / np.maximum(1, np.abs(b))
        same = (away < 1e-5).sum()
        m.agreement = f"{int(m.result[:, 0].sum())} of {len(m.result)} solved"
        if m is not first:
            m.agreement += f", {same} of {both.sum()} the same"
        m.good = bool(same >= 0.98 * both.sum())


def objectives(_, good, near=1e-5):
    peers = [t for t in good if t != OURS]
    whole = [t for t in peers if "simplex" in t or "Ipopt" in t] or peers or [OURS]
    first = good[whole[0]].result
    for m in good.values():
        k = min(len(first), len(m.result))
        away = np.abs(m.result[:k] / first[:k] - 1).max()
        m.agreement, m.good = f"{away:.0e}", bool(away < near)


def services(name, good):
    """What is served at the optimum of a sum with other terms, by two stopping rules."""
    objectives(name, good, 1e-3)


def reading(_, good):
    longest = max((m.result for m in good.values()), key=len)
    for m in good.values():
        same = np.allclose(m.result, longest[: len(m.result)], rtol=1e-9)
        m.agreement, m.good = ("same tables" if same else "other tables"), bool(same)
