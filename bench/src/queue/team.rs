//! Processes that work on a queue at the same time.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use crate::Result;

/// Processes that wait for the word to begin.
pub(super) struct Team(Vec<Member>);

struct Member {
    child: Child,
    words: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Team {
    /// Starts them, and waits until all are ready.
    pub(super) fn start(url: &str, table: &str, processes: usize, workers: usize) -> Result<Self> {
        let mut members = Vec::new();
        for _ in 0..processes {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["work", url, table, &workers.to_string()]);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let (Some(words), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
                return Err("a process has no input or output".into());
            };
            members.push(Member { child, words, answers: BufReader::new(answers).lines() });
        }
        members.iter_mut().try_for_each(Member::hear)?;
        Ok(Self(members))
    }

    /// Lets them work; gives the seconds until the last one has found nothing more to do.
    pub(super) fn work(&mut self) -> Result<f64> {
        let begin = Instant::now();
        for member in &mut self.0 {
            writeln!(member.words, "go")?;
        }
        self.0.iter_mut().try_for_each(Member::hear)?;
        Ok(begin.elapsed().as_secs_f64())
    }

    /// Waits for their end.
    pub(super) fn end(self) -> Result<()> {
        for mut member in self.0 {
            drop(member.words);
            let status = member.child.wait()?;
            if !status.success() {
                return Err(format!("a process ended with {status}").into());
            }
        }
        Ok(())
    }
}

impl Member {
    fn hear(&mut self) -> Result<()> {
        match self.answers.next().transpose()? {
            Some(answer) if !answer.contains("\"error\"") => Ok(()),
            Some(answer) => Err(answer.into()),
            None => Err("a process ended before its work".into()),
        }
    }
}
