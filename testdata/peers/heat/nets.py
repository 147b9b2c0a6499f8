"""Meshed district-heating networks of any size, drawn from a fixed seed, for pandapipes."""

import random

import numpy as np
import pandapipes as pp
from pandapipes.properties.fluids import _add_fluid_to_net, create_constant_fluid

# Rows and columns of the lattice and pipes of one side: 36, 310, 1520 and 3072 pipes in all.
SIZES = {"36": (4, 18), "310": (11, 155), "1520": (24, 760), "3072": (34, 1536)}
# Inner diameter (m) and heat loss (W/(m K)) of pre-insulated steel pipes, DN 25 to 500.
PIPES = [(0.0285, 0.17), (0.0372, 0.19), (0.0431, 0.21), (0.0545, 0.24), (0.0703, 0.28),
         (0.0825, 0.29), (0.1071, 0.31), (0.1325, 0.36), (0.1603, 0.42), (0.2101, 0.46),
         (0.2630, 0.45), (0.3127, 0.52), (0.3444, 0.50), (0.3938, 0.51), (0.4954, 0.56)]


def draw(name):
    """Edges (from, to, length), demands (node: W) and the second plant's node."""
    side, count = SIZES[name]
    rng = random.Random(f"meshed {name}")
    n = side * side
    edges = [(r * side + c, r * side + c + 1) for r in range(side) for c in range(side - 1)]
    edges += [(r * side + c, r * side + c + side) for r in range(side - 1) for c in range(side)]
    rng.shuffle(edges)
    group = list(range(n))

    def root(i):
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    tree, rest = [], []
    for a, b in edges:
        if root(a) != root(b):
            group[root(a)] = root(b)
            tree.append((a, b))
        else:
            rest.append((a, b))
    chosen = tree + rest[: count - len(tree)]
    lengths = {e: round(rng.uniform(30, 160), 1) for e in chosen}
    last = n - 1
    demand = {j: round(rng.uniform(4e4, 1.9e5), 1) for j in range(n)
              if j not in (0, last) and rng.random() < 0.75}
    return n, tree, chosen, lengths, demand, last


def sizes(n, tree, chosen, demand):
    """Diameters from the flow that the tree alone would carry, at 1.2 m/s."""
    near = [[] for _ in range(n)]
    for e in tree:
        near[e[0]].append((e[1], e))
        near[e[1]].append((e[0], e))
    order, seen, up = [0], {0}, {}
    for j in order:
        for k, e in near[j]:
            if k not in seen:
                seen.add(k)
                up[k] = (j, e)
                order.append(k)
    flow = [demand.get(j, 0) / (4190 * 40) for j in range(n)]
    through = {}
    for j in reversed(order[1:]):
        parent, e = up[j]
        through[e] = flow[j]
        flow[parent] += flow[j]
    out = {}
    for e in chosen:
        m = through.get(e, 1.0)
        d = np.sqrt(4 * m / (np.pi * 978 * 1.2))
        out[e] = next((p for p in PIPES if p[0] >= d), PIPES[-1])
    return out


def build(name, water=False):
    """The network; with `water` its properties follow the temperature."""
    n, tree, chosen, lengths, demand, last = draw(name)
    of = sizes(n, tree, chosen, demand)
    net = pp.create_empty_network(fluid="water" if water else None)
    if not water:
        _add_fluid_to_net(net, create_constant_fluid(
            "water at 70 degC", "liquid", density=977.8, viscosity=4.04e-4, heat_capacity=4190.,
            molar_mass=18.02, compressibility=1., der_compressibility=0.))
    for j in range(2 * n):
        pp.create_junction(net, pn_bar=6, tfluid_k=350)
    for a, b in chosen:
        d, u = of[a, b]
        for shift in (0, n):
            pp.create_pipe_from_parameters(
                net, a + shift, b + shift, lengths[a, b] / 1e3, inner_diameter_mm=d * 1e3,
                k_mm=0.1, u_w_per_m2k=u / (np.pi * d), text_k=283.15)
    for j, q in demand.items():
        pp.create_heat_consumer(net, j, j + n, qext_w=q, treturn_k=323.15)
    total = sum(demand.values()) / (4190 * 40)
    pp.create_circ_pump_const_pressure(net, n, 0, p_flow_bar=12, plift_bar=9, t_flow_k=363.15)
    pp.create_circ_pump_const_mass_flow(net, last + n, last, p_flow_bar=None, t_flow_k=363.15,
                                        mdot_flow_kg_per_s=round(0.3 * total, 4), type="t")
    return net


# Tight enough that what is left is far below what is compared.
OPTIONS = dict(mode="bidirectional", friction_model="colebrook", tol_p=1e-8, tol_m=1e-8,
               tol_T=1e-7, tol_res=1e-5, max_iter_bidirect=200, tolerance_colebrook=1e-12,
               max_iter_colebrook=200)
