//! Tables: a caption for everybody, headers that screen readers announce, a box that
//! scrolls by itself on narrow screens.

use crate::facts::class_word;
use crate::format::{esc, w};
use blackstart::region::Facility;

/// Opens a table with one row of headers. A header that begins with `#` heads a
/// column of numbers.
pub(crate) fn open(out: &mut String, class: &str, caption: &str, headers: &[&str]) {
    w!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{c}\"><table class=\"{class}\"><caption>{c}\
         </caption><thead><tr>",
        c = esc(caption)
    );
    for header in headers {
        let (class, text) =
            header.strip_prefix('#').map_or(("", *header), |text| (" class=\"n\"", text));
        w!(out, "<th scope=\"col\"{class}>{}</th>", esc(text));
    }
    out.push_str("</tr></thead><tbody>");
}

/// Closes what [`open`] opened.
pub(crate) fn close(out: &mut String) {
    out.push_str("</tbody></table></div>");
}

/// The cell that names a row.
pub(crate) fn name(out: &mut String, text: &str, detail: &str) {
    w!(out, "<th scope=\"row\">{}", esc(text));
    if !detail.is_empty() {
        w!(out, " <small>{}</small>", esc(detail));
    }
    out.push_str("</th>");
}

/// The cell that names a facility, with its kind where the name does not tell it.
pub(super) fn facility(out: &mut String, facility: &Facility) {
    let kind = class_word(facility.class);
    let told =
        kind.rsplit(' ').next().is_some_and(|word| facility.name.to_lowercase().contains(word));
    name(out, &facility.name, if told { "" } else { kind });
}

/// A cell of text.
pub(super) fn text(out: &mut String, value: &str) {
    w!(out, "<td>{}</td>", esc(value));
}

/// A cell of a number.
pub(super) fn num(out: &mut String, value: &str) {
    w!(out, "<td class=\"n\">{}</td>", esc(value));
}

/// A cell of markup made by this crate.
pub(super) fn raw(out: &mut String, markup: &str) {
    w!(out, "<td>{markup}</td>");
}
