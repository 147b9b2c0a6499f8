//! Measured pipes: how late and how blurred a change of temperature arrives.
#![allow(clippy::print_stdout, reason = "shows the comparison when a test fails")]
#![allow(dead_code, reason = "other tests use the rest of the references")]

mod heat_reference;

use heat_reference::pipes::{self, GRAZ_TOOLS, LIEGE};

#[test]
fn graz_is_met_as_by_the_best_tools() {
    let errors = pipes::graz();
    println!("Graz: {errors:?}");
    // Better than all tools but one, and the wall is why.
    assert!(errors.with < GRAZ_TOOLS[1].1 && errors.without > 2.0 * errors.with, "{errors:?}");
}

#[test]
fn liege_is_met() {
    for (run, other) in LIEGE {
        let errors = pipes::liege(run);
        println!("Liège {run}: {errors:?}, another plug-flow pipe {other:?}");
        // As good as the other pipe to 0.05 K, which is what the data resolve.
        let most = other.unwrap_or(0.2) + 0.05;
        assert!(errors.with < most && errors.without > 2.0 * errors.with, "{run}: {errors:?}");
    }
}
