//! The table of policies, the best of each column marked by word.

use blackstart::ensemble::Quantity;

use super::{CompareInput, residents, words};
use crate::format::{NBSP, energy, esc, number, w};
use crate::page::table;

/// Head of a column and how its values are told.
fn column(quantity: Quantity) -> (&'static str, Scale) {
    match quantity {
        Quantity::WithoutElectricity => ("Without electricity", Scale::PerPerson),
        Quantity::WithoutHeat => ("Without heat", Scale::PerPerson),
        Quantity::WithoutWater => ("Without water", Scale::PerPerson),
        Quantity::Below16 => ("Home below 16 °C", Scale::PerPerson),
        Quantity::Below12 => ("Home below 12 °C", Scale::PerPerson),
        Quantity::EnergyNotServed => ("Electricity not served", Scale::Energy),
        Quantity::ElectricityTo95 => ("95 % have electricity after", Scale::Days),
        Quantity::HeatTo95 => ("95 % have heat after", Scale::Days),
        Quantity::WaterTo95 => ("95 % have water after", Scale::Days),
    }
}

#[derive(Clone, Copy)]
enum Scale {
    PerPerson,
    Energy,
    Days,
}

impl Scale {
    fn words(self, value: f64, people: f64) -> String {
        match self {
            Self::PerPerson => format!("{}{NBSP}h", words::hours(value / people)),
            Self::Energy => energy(value),
            Self::Days => format!("{}{NBSP}d", number(value, 1)),
        }
    }

    fn short(self, value: f64, people: f64) -> String {
        match self {
            Self::PerPerson => words::hours(value / people),
            Self::Energy => energy(value),
            Self::Days => number(value, 1),
        }
    }
}

/// The policy with the lowest mean, if not all are alike.
fn best(input: &CompareInput<'_>, quantity: Quantity) -> Option<usize> {
    let mean = |case: usize| input.comparison.spreads[case][quantity as usize].mean;
    let cases = 0..input.cases.len();
    let lowest = cases.clone().reduce(|a, b| if mean(b) < mean(a) { b } else { a })?;
    cases.clone().any(|case| mean(case) > mean(lowest)).then_some(lowest)
}

pub(super) fn section(out: &mut String, input: &CompareInput<'_>) {
    let people = residents(input.region);
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-table\"><h2 id=\"h-table\">Side by side</h2>\
         <p class=\"lead\">Means over draws for the average person; small, what nine in ten draws \
         are between, then the difference to the first row with the 95\u{202f}% confidence \
         interval of its mean.</p>",
    );
    let mut headers = vec!["Policy"];
    let heads: Vec<String> = Quantity::ALL.iter().map(|q| format!("#{}", column(*q).0)).collect();
    headers.extend(heads.iter().map(String::as_str));
    table::open(out, "policies-table", "Policies side by side", &headers);
    for (case, policy) in input.cases.iter().enumerate() {
        out.push_str("<tr>");
        table::name(out, &policy.name, "");
        for quantity in Quantity::ALL {
            let scale = column(quantity).1;
            let spread = &input.comparison.spreads[case][quantity as usize];
            let mut cell = esc(&scale.words(spread.mean, people));
            if best(input, quantity) == Some(case) {
                cell.push_str(" <b class=\"best\">best</b>");
            }
            w!(
                cell,
                "<br><small>{}–{}</small>",
                esc(&scale.short(spread.p5, people)),
                esc(&scale.short(spread.p95, people))
            );
            if case > 0 {
                let d = &input.comparison.differences[case][quantity as usize];
                let sign = if d.mean > 0.0 { "+" } else { "" };
                let half = if d.half_width.is_finite() {
                    format!(" ±{NBSP}{}", scale.short(d.half_width, people))
                } else {
                    String::new()
                };
                w!(
                    cell,
                    "<br><small class=\"diff\">{sign}{}{}</small>",
                    esc(&scale.short(d.mean, people)),
                    esc(&half)
                );
            }
            w!(out, "<td class=\"n\">{cell}</td>");
        }
        out.push_str("</tr>");
    }
    table::close(out);
    out.push_str(
        "<p class=\"remark\">Days until 95\u{202f}% are served count to the end of the scenario \
         where that is not reached.</p></section>",
    );
}
