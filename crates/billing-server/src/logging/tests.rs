use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use tracing::dispatcher::with_default;

use super::*;

/// A caller's text: a forged line of the log, an escape sequence, a C1 control, a line separator, a mark of direction.
const FORGED: &str = "HS256\n2026-11-29T03:00:00Z  INFO forged\r\x1b[2K\u{9b}31m\u{2028}\u{202e}\u{7f}\t";

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(format: LogFormat, is_terminal: bool, what: impl FnOnce()) -> String {
    logged_with_filter("info", format, is_terminal, what)
}

fn logged_with_filter(filter: &str, format: LogFormat, is_terminal: bool, what: impl FnOnce()) -> String {
    let written = Written::default();
    let lines = LogLines::to(written.clone(), || {}).unwrap();
    let logging = Logging { filter: filter.to_owned(), format };
    with_default(&subscriber(&logging, lines.clone(), is_terminal).unwrap(), what);
    lines.flush();
    let written = written.0.lock().unwrap();
    String::from_utf8(written.clone()).unwrap()
}

fn with_a_callers_text() {
    let _span = tracing::info_span!("request", id = %FORGED).entered();
    let error = io::Error::other(FORGED);
    tracing::info!(shown = %FORGED, debugged = ?FORGED, text = FORGED, %error, "from a caller: {FORGED}");
}

fn assert_printable(line: &str) {
    assert_eq!(line.matches('\n').count(), 1, "{line:?}");
    let odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}');
    assert_eq!(line.trim_end_matches('\n').find(odd), None, "{line:?}");
}

#[test]
fn what_a_caller_sent_is_escaped_in_a_line_of_text() {
    let line = logged(LogFormat::Text, false, with_a_callers_text);

    assert_printable(&line);
    assert!(line.contains(r"from a caller: HS256\n2026-11-29T03:00:00Z  INFO forged\r"), "{line}");
    assert!(line.contains(r"\u{9b}31m\u{2028}\u{202e}\u{7f}\t"), "{line}");
}

#[test]
fn a_terminal_gets_no_escape_sequence_of_a_caller() {
    let line = logged(LogFormat::Text, true, with_a_callers_text);

    assert_eq!(line.matches('\n').count(), 1, "{line:?}");
    assert!(line.contains("\x1b[32m INFO\x1b[0m") && !line.contains("\x1b[2K"), "{line:?}");
}

#[test]
fn what_a_caller_sent_is_escaped_in_a_line_of_json() {
    let line = logged(LogFormat::Json, false, with_a_callers_text);

    assert_printable(&line);
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["fields"]["shown"], FORGED);
    assert_eq!(line["span"]["id"], FORGED);
}

#[test]
fn letters_of_every_script_stay_readable() {
    let name = "Çağrı “1 kg” 価格 \u{1f600} C:\\x 'y'";
    let line = logged(LogFormat::Text, false, || tracing::info!(name = %name, "named"));
    assert!(line.contains(name), "{line}");
}

#[test]
fn a_panic_is_a_line_of_the_log_whatever_the_filter() {
    let usual = panic::take_hook();
    let line = logged_with_filter("billing_http=error", LogFormat::Json, false, || {
        panic::set_hook(Box::new(log_panic));
        panic::catch_unwind(|| panic!("the {} of it", "end")).unwrap_err();
    });
    panic::set_hook(usual);

    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["fields"]["message"], "panicked: the end of it");
    assert!(line["fields"]["at"].as_str().unwrap().contains("tests.rs"), "{line}");
}

/// Waits for a message before each write, and fails when no more can come.
struct Stuck(Receiver<()>);

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn stuck() -> (LogLines, Sender<()>, Arc<AtomicUsize>) {
    let (go_on, goes_on) = channel();
    let lost = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&lost);
    let count_lost = move || {
        counted.fetch_add(1, Ordering::Relaxed);
    };
    (LogLines::to(Stuck(goes_on), count_lost).unwrap(), go_on, lost)
}

#[test]
fn lines_that_do_not_fit_behind_a_stuck_reader_are_counted() {
    let (lines, go_on, lost) = stuck();
    let quarter = lines::MAX_QUEUED / 4;

    for _ in 0..7 {
        lines.push(vec![b'x'; quarter]);
    }
    assert_eq!(lost.load(Ordering::Relaxed), 3);

    (0..5).for_each(|_| go_on.send(()).unwrap());
    lines.flush();
    lines.push(vec![b'x'; quarter]);
    lines.flush();
    assert_eq!(lost.load(Ordering::Relaxed), 3);
}

#[test]
fn lines_that_cannot_be_written_are_counted() {
    let (lines, go_on, lost) = stuck();
    drop(go_on);

    for _ in 0..3 {
        lines.push(b"a line\n".to_vec());
    }
    lines.flush();

    assert_eq!(lost.load(Ordering::Relaxed), 3);
}
