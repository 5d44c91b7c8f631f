//! How far a run is, while it runs: one line that is written again and again on a terminal, and a line now and then elsewhere.

use std::io::{IsTerminal as _, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::recorder::Tally;

/// The line on a terminal is not written again before this.
const REDRAWN: Duration = Duration::from_millis(200);
/// Elsewhere no line follows another before this, however fast the run is.
const AT_LEAST: Duration = Duration::from_secs(5);
/// Elsewhere a line follows another after this, however slow the run is.
const AT_MOST: Duration = Duration::from_secs(60);
/// Elsewhere a line says that so many more of a hundred cells have ended.
const STEP: usize = 10;
/// What is left is guessed once the run is so old.
const OLD_ENOUGH: Duration = Duration::from_secs(2);
/// How wide a terminal is that does not say it.
const WIDTH: usize = 80;

/// The progress of one run.
pub struct Progress {
    planned: usize,
    began: Instant,
    way: Way,
    state: Mutex<State>,
}

/// Where it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nowhere.
    Quiet,
    /// On a terminal, which takes a line back.
    Terminal,
    /// In a log, which takes nothing back.
    Log,
}

struct State {
    told: Instant,
    /// Of a hundred cells.
    percent: usize,
    /// Whether the line of the terminal is to be seen.
    shown: bool,
    /// Whether nothing more is told.
    over: bool,
}

impl Way {
    /// The way for standard error; `quiet` where nobody wants to know.
    #[must_use]
    pub fn of_stderr(quiet: bool) -> Way {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        match std::io::stderr().is_terminal() && !dumb {
            _ if quiet => Way::Quiet,
            true => Way::Terminal,
            false => Way::Log,
        }
    }
}

impl Progress {
    /// The progress of a run of so many cells that begins now.
    #[must_use]
    pub fn new(planned: usize, way: Way, now: Instant) -> Progress {
        let state = State { told: now, percent: 0, shown: false, over: false };
        Progress { planned, began: now, way, state: Mutex::new(state) }
    }

    /// A cell has ended.
    pub fn ended(&self, tally: Tally, now: Instant) {
        if let Some(text) = self.due(tally, now) {
            self.put(&text);
        }
    }

    /// The run is over: takes the line of a terminal back, so that something else can stand there, and says no more.
    pub fn over(&self) {
        let mut state = self.state();
        state.over = true;
        if std::mem::take(&mut state.shown) {
            self.put("\r\x1b[2K");
        }
    }

    fn put(&self, text: &str) {
        let mut out = std::io::stderr().lock();
        // Whoever reads it may have gone.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// What is to be written now, if anything is.
    fn due(&self, tally: Tally, now: Instant) -> Option<String> {
        let mut state = self.state();
        let since = now.saturating_duration_since(state.told);
        let percent = (tally.ended * 100).checked_div(self.planned).unwrap_or(100);
        let due = match self.way {
            _ if state.over => false,
            Way::Quiet => false,
            Way::Terminal => !state.shown || since >= REDRAWN || tally.ended == self.planned,
            Way::Log => {
                let stepped = percent / STEP > state.percent / STEP;
                since >= AT_MOST || (since >= AT_LEAST && stepped)
            }
        };
        if !due {
            return None;
        }
        state.told = now;
        state.percent = percent;
        state.shown = self.way == Way::Terminal;
        let line = self.line(tally, now);
        Some(match self.way {
            Way::Terminal => format!("\r\x1b[2K{}", cut(&line, width())),
            _ => line + "\n",
        })
    }

    /// `120/340 cells, 3 not as they should be, 12 skipped, about 40 s left`.
    fn line(&self, tally: Tally, now: Instant) -> String {
        let Tally { ended, wrong, skipped } = tally;
        let mut line = format!("{ended}/{} cells, {wrong} not as they should be", self.planned);
        if skipped > 0 {
            line.push_str(&format!(", {skipped} skipped"));
        }
        let took = now.saturating_duration_since(self.began);
        let left = self.planned.saturating_sub(ended);
        if took >= OLD_ENOUGH && ended > 0 && left > 0 {
            let seconds = took.as_secs_f64() / ended as f64 * left as f64;
            line.push_str(&format!(", about {} left", rounded(seconds)));
        }
        line
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds as somebody says them: `40 s`, `3 min`, `2 h 05 min`.
fn rounded(seconds: f64) -> String {
    // A guess beyond any number of seconds that there is says nothing anyhow.
    let seconds = seconds.clamp(0.0, 1e9).ceil() as u64;
    let minutes = seconds.div_ceil(60);
    match (seconds, minutes) {
        (..100, _) => format!("{seconds} s"),
        (_, ..100) => format!("{minutes} min"),
        _ => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

/// What of a line a terminal shows without going on below, where it could not be taken back.
fn cut(line: &str, width: usize) -> String {
    line.chars().take(width.saturating_sub(1)).collect()
}

/// How wide the terminal is.
fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stderr());
    match size.map(|size| usize::from(size.ws_col)) {
        Ok(width @ 1..) => width,
        _ => WIDTH,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn began() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "only the time since then counts")]
        Instant::now()
    }

    fn tally(ended: usize, wrong: usize, skipped: usize) -> Tally {
        Tally { ended, wrong, skipped }
    }

    /// What a run of 200 cells writes that ends one in each of these many milliseconds.
    fn lines(way: Way, millis: u64) -> Vec<String> {
        let began = began();
        let progress = Progress::new(200, way, began);
        (1..=200)
            .filter_map(|ended| {
                let now = began + Duration::from_millis(millis * ended);
                progress.due(tally(ended as usize, ended as usize / 100, 3), now)
            })
            .collect()
    }

    #[test]
    fn a_terminal_has_one_line_a_few_times_a_second() {
        let lines = lines(Way::Terminal, 100);
        // The first, every other, and the last.
        assert_eq!(lines.len(), 101);
        assert!(lines.iter().all(|line| line.starts_with("\r\x1b[2K") && !line.contains('\n')));
        assert_eq!(lines[0], "\r\x1b[2K1/200 cells, 0 not as they should be, 3 skipped");
        assert_eq!(
            lines[50],
            "\r\x1b[2K101/200 cells, 1 not as they should be, 3 skipped, about 10 s left"
        );
        assert_eq!(lines[100], "\r\x1b[2K200/200 cells, 2 not as they should be, 3 skipped");
    }

    #[rstest]
    #[case::a_second(5, 0)]
    #[case::twenty_seconds(100, 4)]
    #[case::three_minutes(1_000, 10)]
    #[case::two_hours(36_000, 100)]
    fn a_log_has_a_line_now_and_then(#[case] millis: u64, #[case] expected: usize) {
        let lines = lines(Way::Log, millis);
        assert_eq!(lines.len(), expected, "{lines:#?}");
        assert!(lines.iter().all(|line| line.ends_with('\n') && !line.contains('\x1b')));
    }

    #[test]
    fn who_wants_no_progress_sees_none() {
        assert!(lines(Way::Quiet, 60_000).is_empty());
    }

    #[test]
    fn a_run_that_is_over_says_no_more() {
        let progress = Progress::new(10, Way::Terminal, began());
        progress.over();
        assert_eq!(progress.due(tally(1, 0, 0), began() + Duration::from_secs(60)), None);
    }

    #[rstest]
    #[case(0.2, "1 s")]
    #[case(99.0, "99 s")]
    #[case(100.5, "2 min")]
    #[case(5_940.0, "99 min")]
    #[case(7_501.0, "2 h 06 min")]
    #[case(f64::INFINITY, "277777 h 47 min")]
    #[case(f64::NAN, "0 s")]
    fn time_is_said_as_people_say_it(#[case] seconds: f64, #[case] expected: &str) {
        assert_eq!(rounded(seconds), expected);
    }

    #[rstest]
    #[case(80, "12/340 cells, 3 not")]
    #[case(10, "12/340 ce")]
    #[case(1, "")]
    #[case(0, "")]
    fn a_narrow_terminal_keeps_one_line(#[case] width: usize, #[case] expected: &str) {
        assert_eq!(cut("12/340 cells, 3 not", width), expected);
    }
}
