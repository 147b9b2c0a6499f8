//! Heat and water networks against pandapipes and OpenModelica. The networks and their
//! solutions are what `testdata/peers/setup.py` computes.
#![cfg(feature = "peers")]
#![allow(clippy::print_stdout, reason = "shows the comparison when a test fails")]

mod heat_peers;

use blackstart::heat::net::NetStatus;
use heat_peers::{OPEN_MODELICA, apart, beside_open_modelica, names, solved};

#[test]
fn meshed_networks_are_those_of_pandapipes() {
    for name in names("meshed") {
        let (net, flow) = solved(&name);
        let apart = apart(&name, &net, &flow);
        println!(
            "{name}: {:?} {} rounds {apart:?} {:?}",
            flow.status, flow.iterations, flow.residuals
        );
        assert_eq!(flow.status, NetStatus::Solved, "{name}");
        assert!(flow.residuals.mass_kg_s < 1e-9 && flow.residuals.pressure_bar < 1e-7);
        assert!(
            apart.p_bar < 1e-5 && apart.mdot_kg_s < 1e-4 && apart.t_k < 1e-3,
            "{name}: {apart:?}"
        );
    }
}

#[test]
fn networks_of_pandapipes_own_tests_come_out() {
    let mut wrong = Vec::new();
    for name in names("om-").into_iter().chain(names("schutterwald")) {
        let (net, flow) = solved(&name);
        let apart = apart(&name, &net, &flow);
        println!(
            "{name}: {:?} {} rounds {apart:?} {:?} {:?}",
            flow.status, flow.iterations, flow.residuals, flow.notes
        );
        let solved = flow.status == NetStatus::Solved;
        if !(solved && apart.p_bar < 1e-4 && apart.mdot_kg_s < 1e-4 && apart.t_k < 1e-3) {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The solutions of OpenModelica, as near as pandapipes' own tests ask of pandapipes.
#[test]
fn heat_networks_are_those_of_openmodelica() {
    for (case, most_t, most_p) in OPEN_MODELICA {
        let (ours, peer, flow) = beside_open_modelica(case);
        println!("{case}: {ours:?}, pandapipes {peer:?}");
        assert_eq!(flow.status, NetStatus::Solved, "{case}");
        assert!(ours.compared.iter().all(|&n| n > 0), "{case}: {ours:?}");
        assert!(ours.p < most_p && ours.t < most_t && ours.v_m_s < 0.05, "{case}: {ours:?}");
    }
}
