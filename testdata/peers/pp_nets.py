"""Networks of pandapower as its JSON files, and what its power flow says of them.

    python pp_nets.py OUTDIR        writes OUTDIR/pp_nets/*

For each network NAME.json (written before any power flow, so that it holds no results)
there are NAME.csv (bus, vm_pu, va_deg; empty where a bus is dead) and a row of nets.csv:
counts, sums, and sums over pandapower's own admittance matrix. Options of the power flow
are pandapower's defaults, except that loads do not depend on the voltage and the
tolerance is 1e-9 MVA.
"""

import csv
import logging
import sys
import warnings
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import pandapower as pp  # noqa: E402
import pandapower.networks as networks  # noqa: E402

NAMES = """
case9 case14 case39 case57 case118 case145 case300 case_illinois200 case1354pegase
case1888rte case2869pegase case6495rte case9241pegase GBreducednetwork GBnetwork iceland
example_simple example_multivoltage simple_mv_open_ring_net mv_oberrhein lv_schutterwald
create_cigre_network_hv create_cigre_network_mv create_cigre_network_lv
ieee_european_lv_asymmetric kb_extrem_landnetz_kabel four_loads_with_branches_out
""".split()


def every_element():
    """A net with one of everything that the reader knows, away from its defaults."""
    net = pp.create_empty_network(sn_mva=10.0, f_hz=60.0)
    hv = [pp.create_bus(net, 110.0, geodata=(30.0 + 0.1 * k, 50.0)) for k in range(6)]
    mv = [pp.create_bus(net, 20.0) for _ in range(8)]
    lv = [pp.create_bus(net, 0.4) for _ in range(3)]
    far = [pp.create_bus(net, 110.0) for _ in range(2)]
    dead = pp.create_bus(net, 110.0, in_service=False)
    lone = [pp.create_bus(net, 20.0) for _ in range(2)]
    pp.create_ext_grid(net, hv[0], vm_pu=1.02, va_degree=4.0)
    line = dict(r_ohm_per_km=0.06, x_ohm_per_km=0.4, c_nf_per_km=9.5, g_us_per_km=0.3,
                max_i_ka=0.6, df=0.9)
    for a, b, km, parallel in [(0, 1, 30, 1), (1, 2, 20, 2), (2, 3, 40, 1), (0, 3, 25, 1)]:
        pp.create_line_from_parameters(net, hv[a], hv[b], km, parallel=parallel, **line)
    # Open at its to end, at both ends, and towards a bus out of service.
    for a, b in [(3, 4), (1, 3), (2, dead)]:
        pp.create_line_from_parameters(net, hv[a], hv[b] if b != dead else dead, 50, **line)
    pp.create_line_from_parameters(net, hv[3], hv[4], 10, **line)
    pp.create_switch(net, hv[4], 4, et="l", closed=False)
    pp.create_switch(net, hv[1], 5, et="l", closed=False)
    pp.create_switch(net, hv[3], 5, et="l", closed=False)
    pp.create_switch(net, hv[3], 7, et="l", closed=True)
    pp.create_switch(net, hv[4], hv[5], et="b", closed=True)
    pp.create_switch(net, mv[6], mv[7], et="b", closed=True, z_ohm=0.05)
    pp.create_switch(net, mv[0], mv[5], et="b", closed=False)
    plate = dict(sn_mva=40.0, vn_hv_kv=112.0, vn_lv_kv=20.6, vk_percent=12.0,
                 vkr_percent=0.5, pfe_kw=30.0, i0_percent=0.1)
    pp.create_transformer_from_parameters(
        net, hv[1], mv[0], shift_degree=150, tap_side="hv", tap_neutral=0, tap_pos=-3,
        tap_step_percent=1.5, tap_step_degree=0, tap_min=-9, tap_max=9,
        tap_changer_type="Ratio", parallel=2, **plate)
    pp.create_transformer_from_parameters(
        net, hv[2], mv[1], shift_degree=150, tap_side="lv", tap_neutral=2, tap_pos=4,
        tap_step_percent=1.2, tap_step_degree=30, tap_min=0, tap_max=9,
        tap_changer_type="Ratio", leakage_resistance_ratio_hv=0.3,
        leakage_reactance_ratio_hv=0.7, **plate)
    pp.create_transformer_from_parameters(
        net, hv[3], mv[2], shift_degree=150, tap_side="hv", tap_neutral=0, tap_pos=2,
        tap_step_degree=1.1, tap_min=-9, tap_max=9, tap_changer_type="Ideal", **plate)
    pp.create_transformer_from_parameters(
        net, hv[3], mv[2], shift_degree=150, tap_side="lv", tap_neutral=0, tap_pos=3,
        tap_step_percent=1.0, tap_min=-9, tap_max=9, tap_changer_type="Ideal", **plate)
    pp.create_transformer_from_parameters(  # Open at its low side.
        net, hv[2], mv[1], shift_degree=150, **plate)
    for column in ("leakage_resistance_ratio_hv", "leakage_reactance_ratio_hv"):
        net.trafo[column] = net.trafo[column].fillna(0.5)
    pp.create_switch(net, mv[1], 4, et="t", closed=False)
    three = dict(sn_hv_mva=63.0, sn_mv_mva=40.0, sn_lv_mva=25.0, vn_hv_kv=115.0, vn_mv_kv=20.0,
                 vn_lv_kv=0.41, vk_hv_percent=10.4, vk_mv_percent=6.5, vk_lv_percent=11.0,
                 vkr_hv_percent=0.28, vkr_mv_percent=0.31, vkr_lv_percent=0.35, pfe_kw=35.0,
                 i0_percent=0.89, shift_mv_degree=0.0, shift_lv_degree=150.0)
    pp.create_transformer3w_from_parameters(
        net, hv[1], mv[3], lv[0], tap_side="hv", tap_step_percent=1.2, tap_step_degree=0.0,
        tap_pos=2, tap_neutral=0, tap_changer_type="Ratio", **three)
    pp.create_transformer3w_from_parameters(
        net, hv[2], mv[4], lv[1], tap_side="mv", tap_step_percent=1.5, tap_step_degree=20.0,
        tap_pos=-2, tap_neutral=0, tap_at_star_point=True, tap_changer_type="Ratio", **three)
    pp.create_transformer3w_from_parameters(  # Open at its middle side.
        net, hv[3], mv[5], lv[2], tap_side="lv", tap_step_percent=2.5, tap_step_degree=0.0,
        tap_pos=-1, tap_neutral=0, tap_changer_type="Ratio", **three)
    pp.create_switch(net, mv[5], 2, et="t3", closed=False)
    pp.create_line_from_parameters(net, mv[0], mv[6], 5.0, 0.2, 0.12, 260.0, 0.25, type="cs")
    pp.create_line_from_parameters(net, mv[7], mv[5], 3.0, 0.2, 0.12, 260.0, 0.25, type="cs")
    pp.create_impedance(net, mv[3], mv[4], rft_pu=0.02, xft_pu=0.3, sn_mva=20.0,
                        gf_pu=0.001, bf_pu=0.01, gt_pu=0.002, bt_pu=0.03)
    for bus, mw, mvar, scaling in [(hv[5], 12, 3, 1), (mv[0], 9, 2, 0.8), (mv[1], 6, 2, 1.1),
                                   (mv[2], 7, 1, 1), (mv[3], 5, 1, 1), (mv[4], 4, 2, 1),
                                   (mv[5], 1, 0.3, 1), (lv[0], 0.3, 0.1, 1),
                                   (lv[2], 0.2, 0.1, 1), (lone[0], 1, 0, 1)]:
        pp.create_load(net, bus, mw, mvar, scaling=scaling)
    pp.create_load(net, mv[1], 3.0, in_service=False)
    pp.create_motor(net, mv[6], pn_mech_mw=0.8, cos_phi=0.85, efficiency_percent=94,
                    loading_percent=80, scaling=0.9)
    pp.create_asymmetric_load(net, lv[1], 0.02, 0.03, 0.01, 0.005, 0.01, 0.002, scaling=1.2)
    pp.create_asymmetric_sgen(net, lv[1], 0.01, 0.02, 0.0, 0.001, 0.0, 0.0)
    pp.create_sgen(net, mv[2], 3.0, 0.4, scaling=0.7, type="PV")
    pp.create_sgen(net, hv[2], 2.0, -0.3, type="WP")
    pp.create_gen(net, hv[2], p_mw=15.0, vm_pu=1.01, scaling=0.9, min_p_mw=2, max_p_mw=20,
                  min_q_mvar=-30, max_q_mvar=30)
    pp.create_gen(net, mv[4], p_mw=2.0, vm_pu=1.0, in_service=False)
    pp.create_storage(net, mv[0], p_mw=-1.5, max_e_mwh=6.0, q_mvar=0.2, soc_percent=40,
                      min_p_mw=-2, max_p_mw=2)
    pp.create_shunt(net, hv[3], q_mvar=-4.0, p_mw=0.1, vn_kv=112.0, step=2, max_step=3)
    pp.create_ward(net, mv[0], 0.4, 0.2, 0.3, 0.1)
    pp.create_xward(net, hv[1], 1.0, 0.4, 0.6, -2.0, 1.5, 40.0, 1.015)
    pp.create_dcline(net, hv[0], far[0], p_mw=8.0, loss_percent=1.2, loss_mw=0.1,
                     vm_from_pu=1.02, vm_to_pu=1.01, max_p_mw=20,
                     min_q_from_mvar=-10, max_q_from_mvar=10, min_q_to_mvar=-9,
                     max_q_to_mvar=9)
    pp.create_dcline(net, far[1], hv[3], p_mw=-3.0, loss_percent=2.0, loss_mw=0.05,
                     vm_from_pu=1.005, vm_to_pu=1.0)
    pp.create_line_from_parameters(net, far[0], far[1], 60, **line)
    pp.create_line_from_parameters(net, far[0], hv[3], 80, **line)
    pp.create_load(net, far[1], 2.0, 0.5)
    pp.create_poly_cost(net, 0, "ext_grid", cp1_eur_per_mw=50)
    pp.create_poly_cost(net, 0, "gen", cp1_eur_per_mw=20, cp2_eur_per_mw2=0.1, cp0_eur=3)
    pp.create_pwl_cost(net, 0, "sgen", [[0, 1, 2], [1, 3, 5]])
    return net


def make(name):
    if name == "every_element":
        return every_element()
    kwargs = {"create_cigre_network_mv": {"with_der": "pv_wind"},
              "mv_oberrhein": {"include_substations": True}}.get(name, {})
    net = getattr(networks, name)(**kwargs)
    return net[0] if isinstance(net, (list, tuple)) else net


def main():
    out = Path(sys.argv[1]) / "pp_nets"
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for name in NAMES + ["every_element"]:
        net = make(name)
        pp.to_json(net, str(out / f"{name}.json"))
        pp.runpp(net, init="dc", calculate_voltage_angles=True, trafo_model="t",
                 tolerance_mva=1e-9, max_iteration=40, voltage_depend_loads=False, numba=False)
        with open(out / f"{name}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["bus", "vm_pu", "va_deg"])
            for bus, vm, va in net.res_bus[["vm_pu", "va_degree"]].itertuples():
                writer.writerow([bus, "", ""] if np.isnan(vm) else [bus, repr(vm), repr(va)])
        y = net._ppc["internal"]["Ybus"]
        diagonal, off = y.diagonal(), y.sum() - y.diagonal().sum()
        rows.append([
            name, len(net.bus), len(net.line), len(net.trafo), len(net.trafo3w),
            len(net.ext_grid) + len(net.gen), y.shape[0],
            repr(float(diagonal.sum().real)), repr(float(diagonal.sum().imag)),
            repr(float(off.real)), repr(float(off.imag)),
            repr(float((net.load.p_mw * net.load.scaling * net.load.in_service).sum())),
        ])
        print(name, file=sys.stderr, flush=True)
    with open(out / "nets.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow("name buses lines trafos trafo3ws gens live_buses y_diagonal_g_pu "
                        "y_diagonal_b_pu y_off_g_pu y_off_b_pu load_mw".split())
        writer.writerows(rows)


if __name__ == "__main__":
    main()
