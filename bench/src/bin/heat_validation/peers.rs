//! Networks that pandapipes solved in the tests' set-up.

use std::fmt::Write as _;

use blackstart::heat::net::NetStatus;

use crate::heat_peers::{OPEN_MODELICA, apart, beside_open_modelica, solved};

type Section = Result<String, Box<dyn std::error::Error>>;

pub fn meshed() -> Section {
    let mut out = String::from(
        "## pandapipes, meshed networks\n\n\
         Drawn by `testdata/peers/heat/nets.py`: two plants, consumers of given heat and return \
         temperature, rings. pandapipes 0.16 `bidirectional`, Colebrook, with tight tolerances \
         (1e-8 bar and kg/s, 1e-7 K). *water*: properties follow the temperature. Temperatures \
         are compared where more than 0.05 kg/s flow. Asked for: 1e-5 bar, 1e-4 kg/s, 1e-3 K. \
         Residuals are ours: mass, pressure, heat of the whole network (with the peer's mean of \
         both ends' capacities, *water*, heat closes to 1e-4 only).\n\n\
         | pipes | pressure, bar | flow, kg/s | temperature, K | rounds | residual: kg/s | bar | \
         heat, relative | |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for name in ["36", "310", "1520", "3072", "36-water", "310-water"] {
        let full = format!("meshed-{name}");
        let (net, flow) = solved(&full);
        let a = apart(&full, &net, &flow);
        let good = flow.status == NetStatus::Solved
            && a.p_bar < 1e-5
            && a.mdot_kg_s < 1e-4
            && a.t_k < 1e-3;
        writeln!(
            out,
            "| {name} | {:.0e} | {:.0e} | {:.0e} | {} | {:.0e} | {:.0e} | {:.0e} | {} |",
            a.p_bar,
            a.mdot_kg_s,
            a.t_k,
            flow.iterations,
            flow.residuals.mass_kg_s,
            flow.residuals.pressure_bar,
            flow.residuals.energy,
            if good { "agrees" } else { "differs" }
        )?;
    }
    out.push_str(
        "\nWhere a pipe carries next to nothing, its loss of heat decides which way the water \
         creeps, and two states may satisfy all equations. In another network of 3072 pipes a \
         pipe was once found with −0.006 or +0.0025 kg/s (of 540), depending on where the \
         iteration began, with temperatures 0.56 K apart near it. That network is not in the \
         set-up; in the one above both programs find the same state, and the residuals say that \
         it is one.\n",
    );
    Ok(out)
}

pub fn open_modelica() -> Section {
    let mut out = String::from(
        "## OpenModelica\n\n\
         The heat networks of pandapipes' own tests with OpenModelica's solutions in their files \
         (`p_om`, `T_om`, `v_om`): largest relative difference of a junction's pressure, of a \
         pipe's mean temperature (K), largest difference of a velocity. *allowed*: what \
         pandapipes' tests ask of pandapipes (velocities: 0.05 m/s). Temperatures are means as \
         those tests take them: here and in pandapipes of the points between a pipe's sections, in \
         OpenModelica of the outlets of its cells, which are mixed and so cool less. That, and not \
         the solution, is most of the difference.\n\n\
         | network | pressure: here | pandapipes | allowed | temperature: here | pandapipes | \
         allowed | velocity, m/s: here | pandapipes | |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (case, most_t, most_p) in OPEN_MODELICA {
        let (ours, peer, flow) = beside_open_modelica(case);
        let good = flow.status == NetStatus::Solved
            && ours.p < most_p
            && ours.t < most_t
            && ours.v_m_s < 0.05;
        writeln!(
            out,
            "| {case} | {:.5} | {:.5} | {most_p} | {:.5} | {:.5} | {most_t} | {:.4} | {:.4} | {} |",
            ours.p,
            peer.p,
            ours.t,
            peer.t,
            ours.v_m_s,
            peer.v_m_s,
            if good { "agrees" } else { "differs" }
        )?;
    }
    Ok(out)
}
