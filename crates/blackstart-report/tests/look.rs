//! Writes reports to look at, when asked: `BLACKSTART_LOOK=folder cargo test -p
//! blackstart-report --test look`. Without the variable it checks that the same
//! reports can be made at all.

mod common;

use common::{Make, make};

#[test]
fn reports_to_look_at() {
    let cases = [
        ("plain", Make::default()),
        ("unplaced", Make { areas: 20, positions: false, heat: false, ..Make::default() }),
        ("stopped", Make { hours: 0, ..Make::default() }),
        ("calm", Make { damage: false, hours: 48, horizon_h: 48, ..Make::default() }),
    ];
    let folder = std::env::var_os("BLACKSTART_LOOK").map(std::path::PathBuf::from);
    for (name, m) in cases {
        let made = make(&m);
        let page = blackstart_report::html(&made.input());
        let text = blackstart_report::summary_text(&made.input());
        assert!(page.ends_with("</html>\n") && text.ends_with('\n'), "{name}");
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("{name}.html")), &page).unwrap();
            std::fs::write(folder.join(format!("{name}.txt")), &text).unwrap();
        }
    }
}
