//! Programs that are started, watched and ended.

use super::Failure;
use std::io::{self, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The most that is kept of what a command prints, from its end.
const OUTPUT_KEPT: usize = 64 << 10;

/// What a program printed that ended well.
pub(super) struct Output {
    /// Standard output.
    pub(super) out: String,
    error: String,
}

impl Output {
    /// A failure that keeps all that was printed.
    pub(super) fn failure(&self, message: String) -> Failure {
        let mut output = self.out.clone();
        if !self.error.is_empty() {
            output.push_str("\n--- standard error ---\n");
            output.push_str(&self.error);
        }
        Failure { message, output: tail(output) }
    }
}

/// Runs a program, without a shell, for at most this long.
pub(super) fn run(words: &[String], timeout: Duration) -> Result<Output, Failure> {
    let (program, arguments) = words.split_first().ok_or_else(|| Failure::new("the command is empty"))?;
    let mut child = std::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| Failure::new(format!("cannot start {program}: {e}")))?;
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let status = wait(&mut child, timeout);
    // A grandchild may hold the pipes open after its parent was ended: the rest of the output is then lost.
    let patience =
        if matches!(status, Ok(None)) { Duration::from_millis(200) } else { Duration::from_secs(10) };
    let out = stdout.recv_timeout(patience).unwrap_or_default();
    let error = stderr.recv_timeout(patience).unwrap_or_default();
    let output = Output { out, error };
    match status {
        Err(e) => Err(output.failure(format!("cannot wait for {program}: {e}"))),
        Ok(None) => Err(output.failure(format!("ended after {} s", timeout.as_secs_f64()))),
        Ok(Some(s)) if !s.success() => Err(output.failure(format!("{program} ended with {s}"))),
        Ok(Some(_)) => Ok(output),
    }
}

/// Reads a pipe to its end on a thread of its own, so that a command that prints much never blocks.
fn reader(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error still counts.
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

/// Waits until the child ends, or ends it: `None` after a time-out.
fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = timeout.saturating_sub(start.elapsed());
        if left.is_zero() {
            // It may have ended by itself in the meantime.
            let _ = child.kill();
            let _ = child.wait();
            return Ok(None);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// The end of a text.
fn tail(text: String) -> String {
    match text.len().checked_sub(OUTPUT_KEPT) {
        None | Some(0) => text,
        Some(cut) => {
            let cut = (cut..text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len());
            format!("[... {cut} bytes left out]\n{}", &text[cut..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_output_is_cut_at_a_character() {
        let text = "é".repeat(OUTPUT_KEPT);
        let cut = tail(text);
        assert!(cut.len() < OUTPUT_KEPT + 100 && cut.ends_with('é'));
    }
}
