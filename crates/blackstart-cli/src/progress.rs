//! A bar for long work: only on a terminal, and only after two seconds.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use blackstart::sim::Watch;
use indicatif::{ProgressBar, ProgressStyle};

const QUIET_FOR: Duration = Duration::from_secs(2);

/// Watches long work: draws the bar and listens for Ctrl-C.
pub struct Progress {
    started: Instant,
    bar: Option<ProgressBar>,
    wanted: bool,
    /// What is counted.
    unit: &'static str,
    interrupted: Arc<AtomicBool>,
}

impl Progress {
    /// Starts watching. A second Ctrl-C ends the program at once.
    pub fn start(quiet: bool) -> Self {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        // Without a handler Ctrl-C still ends the program; only the partial results are lost.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        Self {
            started: Instant::now(),
            bar: None,
            wanted: !quiet && std::io::stderr().is_terminal(),
            unit: "hour",
            interrupted,
        }
    }

    /// Counts something else than hours.
    pub fn counting(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// Whether Ctrl-C came.
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Shows that `done` of `all` steps are finished; breaks after Ctrl-C.
    pub fn step(&mut self, done: usize, all: usize) -> ControlFlow<()> {
        if self.wanted && self.bar.is_none() && self.started.elapsed() > QUIET_FOR {
            let bar = ProgressBar::new(all as u64);
            let template = format!("{{bar:30}} {} {{pos}} of {{len}}, {{eta}} left", self.unit);
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
        if self.interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Watch for Progress {
    fn hour(&mut self, done: usize, all: usize) -> ControlFlow<()> {
        self.step(done, all)
    }
}
