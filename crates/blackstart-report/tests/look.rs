//! Writes reports to look at, when asked: `BLACKSTART_LOOK=folder cargo test -p
//! blackstart-report --test look`. Without the variable it checks that the same
//! reports can be made at all.

mod common;

use common::{Make, make, make_fictional, simulate};

#[test]
fn reports_to_look_at() {
    let folder = std::env::var_os("BLACKSTART_LOOK").map(std::path::PathBuf::from);
    let usual = Make::default();
    let (people, days) = if folder.is_some() { (1_000_000, 7) } else { (20_000, 1) };
    let cases = [
        ("plain", make(&usual)),
        ("real", simulate(people, &Make { horizon_h: 24 * days, ..usual.clone() })),
        ("million", make_fictional(1_000_000, &usual)),
        ("town", make_fictional(20_000, &usual)),
        ("unplaced", make(&Make { areas: 20, positions: false, heat: false, ..usual.clone() })),
        ("stopped", make(&Make { hours: 0, ..usual.clone() })),
        ("calm", make(&Make { damage: false, hours: 48, horizon_h: 48, ..usual.clone() })),
    ];
    for (name, made) in cases {
        let page = blackstart_report::html(&made.input());
        let text = blackstart_report::summary_text(&made.input());
        assert!(page.ends_with("</html>\n") && text.ends_with('\n'), "{name}");
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("{name}.html")), &page).unwrap();
            std::fs::write(folder.join(format!("{name}.txt")), &text).unwrap();
        }
    }
}
