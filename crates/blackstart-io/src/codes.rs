//! The stable codes of input problems. Each has a section in `docs/errors.md`.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $word;)*

        const ALL: &[&str] = &[
            "unknown-reference", "duplicate-id", "out-of-range", "contradiction", "missing",
            $($word,)*
        ];
    };
}

codes! {
    /// A file that is not there.
    FILE_NOT_FOUND = "file-not-found";
    /// A file that cannot be read: no permission, a broken disk.
    CANNOT_READ = "cannot-read";
    /// A folder where a file is expected.
    IS_A_FOLDER = "is-a-folder";
    /// A file beyond the size limit.
    TOO_LARGE = "too-large";
    /// A file without content.
    EMPTY_FILE = "empty-file";
    /// A file that is not UTF-8 text.
    NOT_TEXT = "not-text";
    /// A text that does not follow the grammar of its format.
    BAD_SYNTAX = "bad-syntax";
    /// A part of a file that ends before it is complete.
    TRUNCATED = "truncated";
    /// A number that cannot be read as one, or is not finite.
    BAD_NUMBER = "bad-number";
    /// A word that is none of those allowed.
    BAD_WORD = "bad-word";
    /// A value of the wrong type or form.
    BAD_VALUE = "bad-value";
    /// A date or time that is none.
    BAD_DATE = "bad-date";
    /// A row with too few values.
    SHORT_ROW = "short-row";
    /// A row with too many values.
    LONG_ROW = "long-row";
    /// A column that the table does not have.
    UNKNOWN_COLUMN = "unknown-column";
    /// A column that the table must have.
    MISSING_COLUMN = "missing-column";
    /// A column that is there twice.
    DUPLICATE_COLUMN = "duplicate-column";
    /// A column in another unit than the table's.
    WRONG_UNIT = "wrong-unit";
    /// A key that means nothing here.
    UNKNOWN_KEY = "unknown-key";
    /// A key that must be there.
    MISSING_KEY = "missing-key";
    /// A file that includes itself, directly or not.
    CYCLIC_INCLUDE = "cyclic-include";
    /// A section of a file that means nothing to its format.
    UNKNOWN_SECTION = "unknown-section";
    /// Something that is read but not simulated.
    NOT_SIMULATED = "not-simulated";
    /// Something that is skipped.
    IGNORED = "ignored";
    /// Something that was decided where the input left it open.
    ASSUMED = "assumed";
    /// Something that the format written cannot say.
    NOT_CARRIED_OVER = "not-carried-over";
    /// A text that is no report of a strike.
    NO_REPORT = "no-report";
    /// More problems than are told at once.
    MORE_PROBLEMS = "more-problems";
}

/// All codes, those of the engine included, in the order of `docs/errors.md`.
pub fn all() -> impl Iterator<Item = &'static str> {
    ALL.iter().copied()
}
