//! Ctrl-C while a table is populated.
//!
//! Signals belong to the process, so what is kept here does too. While nothing is populated, Ctrl-C does
//! what it did before: it ends the process, unless the program handles it itself.

#[cfg(unix)]
mod process {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};

    use signal_hook::{consts::SIGINT, flag};

    static HANDLER: OnceLock<Handler> = OnceLock::new();

    struct Handler {
        /// Ctrl-C ends the process while this is true.
        ends_process: Arc<AtomicBool>,
        populating: Mutex<usize>,
    }

    fn handler() -> &'static Handler {
        HANDLER.get_or_init(|| {
            let ends_process = Arc::new(AtomicBool::new(true));
            if !is_caught_already()
                && let Err(error) = flag::register_conditional_default(SIGINT, Arc::clone(&ends_process))
            {
                tracing::warn!(%error, "after a populate, Ctrl-C will not end the process");
            }
            Handler { ends_process, populating: Mutex::new(0) }
        })
    }

    /// True when the program handles Ctrl-C itself, as far as the system tells.
    fn is_caught_already() -> bool {
        let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask & (1 << (SIGINT - 1)) != 0)
    }

    pub(super) fn change(by: isize) {
        let handler = handler();
        let mut populating = handler.populating.lock().unwrap_or_else(PoisonError::into_inner);
        *populating = populating.saturating_add_signed(by);
        handler.ends_process.store(*populating == 0, Ordering::SeqCst);
    }
}

#[cfg(not(unix))]
mod process {
    pub(super) fn change(_: isize) {}
}

/// Takes Ctrl-C for itself as long as it lives.
pub(crate) struct Interrupt {
    is_taken: bool,
}

impl Interrupt {
    /// Takes Ctrl-C, or leaves it alone.
    pub(crate) fn new(is_taken: bool) -> Self {
        if is_taken {
            process::change(1);
        }
        Self { is_taken }
    }

    /// Waits for the next Ctrl-C; poll one of these all the time, as what comes in between is lost.
    pub(crate) async fn pressed(&self) {
        if !self.is_taken || tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if self.is_taken {
            process::change(-1);
        }
    }
}
