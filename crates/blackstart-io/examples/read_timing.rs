//! CPU milliseconds from file to grid, problems and places included (median of 9), and
//! the wall clock's least.
//!
//! `cargo run --release -p blackstart-io --example read_timing -- FILE…`
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::time::Instant;

use blackstart_io::read_grid;

/// Seconds of CPU that this thread has used; the wall clock's where Linux is not there.
fn cpu_s(begin: Instant) -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = stat.split(' ').next().and_then(|n| n.parse::<f64>().ok());
    ns.map_or_else(|| begin.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

fn main() {
    let begin = Instant::now();
    println!("{:>8} {:>9} {:>9} {:>7} {:>7}  file", "MB", "CPU ms", "wall ms", "MB/s", "buses");
    for file in std::env::args().skip(1) {
        let path = Path::new(&file);
        let bytes = std::fs::metadata(path).map_or(0, |m| m.len()) as f64;
        let (mut times, mut wall) = (Vec::new(), f64::INFINITY);
        let mut buses = 0;
        for _ in 0..9 {
            let (start, clock) = (cpu_s(begin), Instant::now());
            let read = read_grid(path);
            times.push(cpu_s(begin) - start);
            wall = wall.min(clock.elapsed().as_secs_f64());
            buses = read.network.map_or(0, |g| g.buses.len());
        }
        times.sort_by(f64::total_cmp);
        let seconds = times[times.len() / 2];
        println!(
            "{:>8.3} {:>9.2} {:>9.2} {:>7.1} {buses:>7}  {file}",
            bytes / 1e6,
            seconds * 1e3,
            wall * 1e3,
            bytes / 1e6 / seconds
        );
    }
}
