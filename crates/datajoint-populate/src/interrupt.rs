//! Ctrl-C and SIGTERM while a table is populated.
//!
//! Signals belong to the process, so what is kept here does too. While nothing is populated, they do
//! what they did before: they end the process, unless the program handles them itself.

#[cfg(unix)]
mod process {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;

    use super::Signal;

    static HANDLER: OnceLock<Handler> = OnceLock::new();

    struct Handler {
        /// The signals end the process while this is true.
        ends_process: Arc<AtomicBool>,
        populating: Mutex<usize>,
    }

    fn handler() -> &'static Handler {
        HANDLER.get_or_init(|| {
            let ends_process = Arc::new(AtomicBool::new(true));
            for signal in [SIGINT, SIGTERM] {
                if !is_caught_already(signal)
                    && let Err(error) = flag::register_conditional_default(signal, Arc::clone(&ends_process))
                {
                    tracing::warn!(%error, signal, "after a populate, a signal will not end the process");
                }
            }
            Handler { ends_process, populating: Mutex::new(0) }
        })
    }

    /// True when the program handles a signal itself, as far as the system tells.
    fn is_caught_already(signal: i32) -> bool {
        let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
    }

    pub(super) fn end(signal: Signal) -> ! {
        // As the shell knows it of a program that the signal ends.
        let number = if signal == Signal::Terminate { SIGTERM } else { SIGINT };
        let _ = signal_hook::low_level::emulate_default_handler(number);
        std::process::exit(signal.exit_status());
    }

    /// Waits for the next signal.
    pub(super) async fn signal() -> Signal {
        use tokio::signal::unix::{SignalKind, signal};

        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return super::ctrl_c().await };
        tokio::select! {
            interrupt = super::ctrl_c() => interrupt,
            Some(()) = terminate.recv() => Signal::Terminate,
        }
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

    pub(super) fn end(signal: super::Signal) -> ! {
        std::process::exit(signal.exit_status());
    }

    pub(super) async fn signal() -> super::Signal {
        super::ctrl_c().await
    }
}

/// What stops a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// What Slurm, Kubernetes and systemd send before they kill.
    Terminate,
}

impl Signal {
    /// What a shell shows of a program that the signal ended.
    const fn exit_status(self) -> i32 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

async fn ctrl_c() -> Signal {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    Signal::Interrupt
}

/// Ends the process as the signal does where nothing handles it: it would wait for ever for a thread that never ends.
pub(crate) fn end_process(signal: Signal) -> ! {
    tracing::error!("a `compute` did not end: the process ends without it, and its key was not made");
    process::end(signal)
}

/// Takes the signals for itself as long as it lives.
pub(crate) struct Interrupt {
    is_taken: bool,
}

impl Interrupt {
    /// Takes the signals, or leaves them alone.
    pub(crate) fn new(is_taken: bool) -> Self {
        if is_taken {
            process::change(1);
        }
        Self { is_taken }
    }

    /// Waits for the next signal; poll one of these all the time, as what comes in between is lost.
    pub(crate) async fn pressed(&self) -> Signal {
        if !self.is_taken {
            std::future::pending::<()>().await;
        }
        process::signal().await
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if self.is_taken {
            process::change(-1);
        }
    }
}
