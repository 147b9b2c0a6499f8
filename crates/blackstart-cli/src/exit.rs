//! Exit codes, part of the public interface.

use std::process::ExitCode;

/// How the program ended. Documented in `docs/errors.md` and in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All well.
    Ok = 0,
    /// Something unexpected: a full disk, or a bug.
    Failure = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// An input file is wrong; every problem was told, nothing was written.
    InvalidInput = 3,
    /// Finished, but some hours were degraded, and `--strict` was given.
    Degraded = 4,
    /// Interrupted; what was finished has been written.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
