//! `heat run` on a region.

mod folder;

use folder::{Folder, ok};

/// Two junctions 2 km apart, a boiler house and a substation with hot water and a bypass.
fn village(name: &str) -> Folder {
    let folder = Folder::new(name);
    std::fs::create_dir(folder.0.join("village")).unwrap();
    let write = |name: &str, text: &str| folder.write(&format!("village/{name}"), text);
    write("region.toml", "name = \"Village\"\n[heat_options]\ndesign_supply_c = 95\n");
    write("heat_junctions.csv", "id\nH0\nH1\n");
    write(
        "heat_pipes.csv",
        "id,from,to,length_m,diameter_mm,loss_w_m_k,laid\nP,H0,H1,2000,200,0.4,air\n",
    );
    write("plants.csv", "id,kind,junction,heat_max_mw\nB,boiler_house,H0,4\n");
    write(
        "heat_substations.csv",
        "id,junction,design_mw,hot_water_mw,bypass_share\nS,H1,2,0.3,0.02\n",
    );
    folder
}

/// Rows of a table as the named columns.
fn rows(folder: &Folder, path: &str, columns: &[&str]) -> Vec<Vec<f64>> {
    let table = folder.table(path);
    let at = |c: &&str| table[0].iter().position(|n| n == c).unwrap();
    let at: Vec<usize> = columns.iter().map(at).collect();
    let number = |cell: &String| cell.parse().unwrap_or(f64::NAN);
    table[1..].iter().map(|cells| at.iter().map(|&i| number(&cells[i])).collect()).collect()
}

#[test]
fn a_regions_networks_run_hour_by_hour() {
    let folder = village("heat");
    let line = "heat run village --hours 6 --outdoor-c -10 --strict -o out";
    let said = ok(&folder.run(&line.split(' ').collect::<Vec<_>>()));
    assert!(said.contains("6 hours") && said.contains("junctions.csv"), "{said}");

    let junctions =
        rows(&folder, "out/junctions.csv", &["time_s", "t_supply_c", "t_return_c", "dp_bar"]);
    assert_eq!(junctions.len(), 12);
    let pipes = rows(&folder, "out/pipes.csv", &["mdot_kg_s", "t_in_c", "t_out_c", "loss_kw"]);
    let substations = rows(&folder, "out/substations.csv", &["demand_kw", "delivered_kw"]);
    for hour in 0..6 {
        let [plant, far] = [&junctions[2 * hour], &junctions[2 * hour + 1]];
        assert_eq!(plant[0], 3600.0 * (hour + 1) as f64);
        assert!(plant[1] > far[1] && far[1] > far[2] && far[2] > plant[2]);
        assert!(plant[3] > far[3] && far[3] > 0.0);
        let p = &pipes[hour];
        assert!((p[1] - plant[1]).abs() < 1e-3 && (p[2] - far[1]).abs() < 1e-3);
        // Steady: the pair loses what supply and return cool by, to air of −10 °C.
        let cooling_kw = p[0] * 4.205 * (plant[1] - far[1] + far[2] - plant[2]);
        assert!((p[3] / cooling_kw - 1.0).abs() < 0.01, "{} {cooling_kw}", p[3]);
        // 2 MW at −22 °C: 30/42 of it, and hot water.
        assert!((substations[hour][0] - (2000.0 * 30.0 / 42.0 + 300.0)).abs() < 0.1);
        assert!((substations[hour][1] / substations[hour][0] - 1.0).abs() < 1e-5);
    }
    let status = folder.table("out/status.csv");
    assert_eq!(status.iter().filter(|row| row[1] == "solved").count(), 6);
}

#[test]
fn what_is_no_region_is_told() {
    let folder = Folder::new("no-heat");
    let done = folder.run(&["heat", "run", "."]);
    assert_eq!(done.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&done.stderr).contains("region.toml"));
}

#[test]
fn a_drawn_network_runs_and_other_files_are_refused_in_one_sentence() {
    let folder = village("drawn");
    ok(&folder.run(&["convert", "village", "drawn.geojson"]));
    ok(&folder.run(&["heat", "run", "village", "--hours", "2", "-o", "a"]));
    ok(&folder.run(&["heat", "run", "drawn.geojson", "--hours", "2", "-o", "b"]));
    for table in ["junctions.csv", "pipes.csv", "substations.csv", "status.csv"] {
        let of = |run: &str| folder.table(&format!("{run}/{table}"));
        assert_eq!(of("a"), of("b"), "{table}");
    }
    folder.write("net.inp", "[JUNCTIONS]\n");
    let done = folder.run(&["heat", "run", "net.inp"]);
    assert_eq!(done.status.code(), Some(3));
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(told.matches("error[").count(), 1, "{told}");
    assert!(told.contains("name the region's folder"), "{told}");
}
