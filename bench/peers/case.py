"""MATPOWER cases as arrays, for the peers: read once, kept as `.npz` in the cache.

Plain readings of the case files, independent of blackstart's reader. Per-unit values and
bus rows from 0 throughout.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags


def matrix(text, name):
    """A numeric matrix of a version 2 case file; None when it has none."""
    found = re.search(r"mpc\.%s\s*=\s*\[(.*?)\]\s*;" % name, text, re.S)
    if not found:
        return None
    body = re.sub(r"%[^\n]*", "", found.group(1)).replace(",", " ")
    rows = [row.split() for row in re.split(r"[;\n]", body)]
    rows = [row for row in rows if row]
    width = min(map(len, rows), default=0)
    return np.array([row[:width] for row in rows], dtype=float)


@dataclass
class Case:
    """The tables of one case as they stand in its file."""

    name: str
    path: Path
    base_mva: float
    bus: np.ndarray
    gen: np.ndarray
    branch: np.ndarray
    gencost: np.ndarray
    cache: Path

    @classmethod
    def load(cls, name, networks, cache):
        path = Path(networks) / f"{name}.m"
        kept = Path(cache) / f"{name}.npz"
        if not kept.exists() or kept.stat().st_mtime < path.stat().st_mtime:
            text = path.read_text(errors="replace")
            base = float(re.search(r"mpc\.baseMVA\s*=\s*([^;]+);", text).group(1))
            if matrix(text, "dcline") is not None:
                raise ValueError(f"{name}: dc lines are not part of the benchmark")
            tables = [matrix(text, t) for t in ("bus", "gen", "branch", "gencost")]
            if tables[3] is None:
                tables[3] = np.zeros((0, 7))
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.savez(kept, base=base, bus=tables[0], gen=tables[1], branch=tables[2],
                     gencost=tables[3])
        with np.load(kept) as z:
            return cls(name, path, float(z["base"]), z["bus"], z["gen"], z["branch"],
                       z["gencost"], Path(cache))

    def solved(self):
        """Voltages at the case's own injections: those that the driver keeps for
        comparison, else by [`newton`]."""
        kept = self.cache / f"{self.name}.voltages.npy"
        if kept.exists() and kept.stat().st_mtime > self.path.stat().st_mtime:
            return np.load(kept)
        return newton(self.ybus, self.generation - self.demand, self.start, self.types)[0]

    @property
    def n(self):
        return len(self.bus)

    @cached_property
    def row(self):
        return {int(b): i for i, b in enumerate(self.bus[:, 0])}

    def rows(self, ids):
        return np.fromiter((self.row[int(b)] for b in ids), dtype=np.int64, count=len(ids))

    @cached_property
    def f(self):
        return self.rows(self.branch[:, 0])

    @cached_property
    def t(self):
        return self.rows(self.branch[:, 1])

    @cached_property
    def gen_bus(self):
        return self.rows(self.gen[:, 0])

    @cached_property
    def gen_on(self):
        return (self.gen[:, 7] > 0) & (self.bus[self.gen_bus, 1] != 4)

    @cached_property
    def branch_on(self):
        dead = self.bus[:, 1] == 4
        return (self.branch[:, 10] > 0) & ~dead[self.f] & ~dead[self.t]

    @cached_property
    def tap(self):
        ratio = np.where(self.branch[:, 8] == 0, 1.0, self.branch[:, 8])
        return ratio * np.exp(1j * np.radians(self.branch[:, 9]))

    @cached_property
    def branch_y(self):
        """The four entries of every branch in service: yff, yft, ytf, ytt."""
        y = self.branch_on / (self.branch[:, 2] + 1j * self.branch[:, 3])
        ytt = y + 0.5j * self.branch[:, 4] * self.branch_on
        tap = self.tap
        return ytt / (tap * tap.conj()), -y / tap.conj(), -y / tap, ytt

    @cached_property
    def ybus(self):
        """Bus admittance matrix, CSR with sorted columns; branches out of service keep
        their (zero) entries out."""
        n, on = self.n, self.branch_on
        f, t = self.f[on], self.t[on]
        yff, yft, ytf, ytt = (y[on] for y in self.branch_y)
        shunt = (self.bus[:, 4] + 1j * self.bus[:, 5]) / self.base_mva
        i = np.concatenate([f, f, t, t, np.arange(n)])
        j = np.concatenate([f, t, f, t, np.arange(n)])
        y = csr_matrix((np.concatenate([yff, yft, ytf, ytt, shunt]), (i, j)), shape=(n, n))
        y.sum_duplicates()
        y.sort_indices()
        return y

    @cached_property
    def types(self):
        """(reference, PV, PQ) bus rows."""
        with_gen = np.zeros(self.n, dtype=bool)
        with_gen[self.gen_bus[self.gen_on]] = True
        kind = self.bus[:, 1]
        ref = np.flatnonzero((kind == 3) & with_gen)
        pv = np.flatnonzero((kind == 2) & with_gen)
        taken = np.zeros(self.n, dtype=bool)
        taken[ref] = taken[pv] = True
        return ref, pv, np.flatnonzero(~taken & (kind != 4))

    @cached_property
    def demand(self):
        return (self.bus[:, 2] + 1j * self.bus[:, 3]) / self.base_mva

    @cached_property
    def generation(self):
        s = np.zeros(self.n, dtype=complex)
        on = self.gen_on
        np.add.at(s, self.gen_bus[on], (self.gen[on, 1] + 1j * self.gen[on, 2]) / self.base_mva)
        return s

    @cached_property
    def start(self):
        """The file's voltages with generator set-points (MATPOWER's start)."""
        v = self.bus[:, 7] * np.exp(1j * np.radians(self.bus[:, 8]))
        ref, pv, _ = self.types
        held = np.zeros(self.n, dtype=bool)
        held[ref] = held[pv] = True
        on = self.gen_on & held[self.gen_bus]
        bus = self.gen_bus[on]
        v[bus] = self.gen[on, 5] * v[bus] / np.abs(v[bus])
        return v


def newton(ybus, sbus, v, types, tol=1e-11, rounds=30):
    """The reference solution: a plain Newton iteration with a general sparse LU."""
    from scipy.sparse import bmat
    from scipy.sparse.linalg import splu

    ref, pv, pq = types
    pvpq = np.concatenate([pv, pq])
    v = v.copy()
    best = np.inf
    for _ in range(rounds):
        current = ybus @ v
        miss = v * current.conj() - sbus
        f = np.concatenate([miss[pvpq].real, miss[pq].imag])
        worst = np.abs(f).max()
        # Rounding ends the descent of large cases above `tol`.
        if worst < tol or (worst < 1e-8 and worst > 0.5 * best):
            return v, worst
        best = worst
        dv, di = diags(v), diags(current)
        dn = diags(v / np.abs(v))
        ds_da = (1j * dv @ (di - ybus @ dv).conjugate()).tocsr()
        ds_dm = (dv @ (ybus @ dn).conjugate() + di.conjugate() @ dn).tocsr()
        jac = bmat([[ds_da[pvpq][:, pvpq].real, ds_dm[pvpq][:, pq].real],
                    [ds_da[pq][:, pvpq].imag, ds_dm[pq][:, pq].imag]]).tocsc()
        step = splu(jac, permc_spec="MMD_AT_PLUS_A").solve(-f)
        angle, size = np.angle(v), np.abs(v)
        angle[pvpq] += step[: len(pvpq)]
        size[pq] += step[len(pvpq):]
        v = size * np.exp(1j * angle)
    raise ArithmeticError(f"no convergence, worst mismatch {worst:.1e} p.u.")


def scenarios(case, count, damage=0, spread=0.005, seed=1):
    """Load factors by scenario and bus, and branch rows out by scenario.

    A linear congruential generator that blackstart's worker has too, so that both sides
    compute the same scenarios.
    """
    draw = Draw(seed)
    factors = 1.0 + spread * (2.0 * draw.uniform(count * case.n) - 1.0)
    on = np.flatnonzero(case.branch_on)
    outs = [on[(draw.uniform(damage) * len(on)).astype(int)] for _ in range(count)]
    return factors.reshape(count, case.n), outs


class Draw:
    """x ← 6364136223846793005 x + 1442695040888963407 mod 2^64 (Knuth's MMIX), its upper
    53 bits as a number in [0, 1)."""

    MULTIPLIER, STEP, MASK = 6364136223846793005, 1442695040888963407, (1 << 64) - 1

    def __init__(self, seed):
        self.x = seed

    def uniform(self, count):
        out = np.empty(count)
        x = self.x
        for k in range(count):
            x = (x * self.MULTIPLIER + self.STEP) & self.MASK
            out[k] = (x >> 11) * (1.0 / (1 << 53))
        self.x = x
        return out
