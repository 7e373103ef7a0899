//! A sign of life on a terminal while a command works longer than a second.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Does the work. After a second of it a line on standard error says that it goes on and since when, and goes away at its
/// end: without colours, and only where a person reads standard error, so not in a pipe.
pub(crate) fn work<T>(work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    let (done, is_done) = mpsc::channel::<()>();
    let sign = thread::spawn(move || {
        // The other end is dropped when the work is done.
        if is_done.recv_timeout(Duration::from_secs(1)) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        let style = ProgressStyle::with_template("{spinner} working, {elapsed}");
        let bar = ProgressBar::new_spinner().with_elapsed(Duration::from_secs(1));
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        let _ = is_done.recv();
        bar.finish_and_clear();
    });
    let answer = work();
    drop(done);
    // The line is gone before anything else is printed.
    let _ = sign.join();
    answer
}
