//! What a code means, from the page that lists them all.

/// `docs/errors.md`: one section `## code` each.
const PAGE: &str = include_str!("../../../docs/errors.md");

/// The explanation of `code`, as in `docs/errors.md`; none for a word that is no code.
#[must_use]
pub fn explain(code: &str) -> Option<&'static str> {
    crate::codes::all().find(|c| *c == code)?;
    let heading = format!("\n## {code}\n");
    let start = PAGE.find(&heading)? + heading.len();
    let rest = &PAGE[start..];
    Some(rest[..rest.find("\n## ").unwrap_or(rest.len())].trim())
}

#[cfg(test)]
mod tests {
    use super::{PAGE, explain};

    #[test]
    fn every_code_is_explained_and_nothing_else() {
        for code in crate::codes::all() {
            let text = explain(code).unwrap_or_default();
            assert!(text.len() > 60, "docs/errors.md says too little about `{code}`: {text}");
        }
        for line in PAGE.lines() {
            if let Some(code) = line.strip_prefix("## ") {
                assert!(crate::codes::all().any(|c| c == code), "`{code}` is no code");
            }
        }
        assert_eq!(explain("no-such-code"), None);
    }
}
