//! How a call ends: a status, a message of the calling thread, never an unwinding stack.

use crate::types::{TolzipStatus, status};
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A call that did not succeed: what to return, and what to say.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: TolzipStatus,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self { status: TolzipStatus::BadArgument, message: message.into() }
    }
}

impl From<tolzip::Error> for Failure {
    fn from(error: tolzip::Error) -> Self {
        Self { status: status(&error), message: error.to_string() }
    }
}

thread_local! {
    static MESSAGE: RefCell<CString> = RefCell::default();
}

fn say(message: &str) {
    // Text with a zero in it (a method's name may be quoted) ends there.
    let text = message.split('\0').next().unwrap_or_default();
    // A thread that is ending has nobody left to read it.
    let _ = MESSAGE.try_with(|m| *m.borrow_mut() = CString::new(text).unwrap_or_default());
}

/// Runs the body of a call from C.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), Failure>) -> TolzipStatus {
    // What a body that panicked has half done is its own: the caller's buffers hold plain numbers whatever happens.
    let outcome = catch_unwind(AssertUnwindSafe(body));
    let failure = match outcome {
        Ok(Ok(())) => return TolzipStatus::Ok,
        Ok(Err(failure)) => failure,
        Err(panic) => {
            let what = panic.downcast_ref::<String>().map(String::as_str);
            let what = what.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
            Failure { status: TolzipStatus::Internal, message: format!("a mistake in tolzip: {what}") }
        }
    };
    say(&failure.message);
    failure.status
}

/// What went wrong in the calling thread's last call that failed, as UTF-8 text; empty if none did. It is valid until this
/// thread's next call of tolzip.
#[unsafe(no_mangle)]
pub extern "C" fn tolzip_message() -> *const c_char {
    const EMPTY: &CStr = c"";
    MESSAGE.try_with(|m| m.borrow().as_ptr()).unwrap_or(EMPTY.as_ptr())
}

/// A status in a few words of English; "unknown status" for any other number. It is valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn tolzip_status_text(status: i32) -> *const c_char {
    let text = match status {
        0 => c"done",
        1 => c"bad argument",
        2 => c"buffer too small",
        3 => c"bad bound",
        4 => c"not supported by the method",
        5 => c"damaged or no tolzip stream",
        6 => c"written by something this build does not know",
        7 => c"out of memory",
        8 => c"a mistake in tolzip",
        _ => c"unknown status",
    };
    text.as_ptr()
}

/// The library's version, such as "0.1.0". It is valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn tolzip_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> String {
        // SAFETY: the pointer is this thread's, zero-terminated, and nothing else is called before it is read.
        unsafe { CStr::from_ptr(tolzip_message()) }.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_panic_becomes_a_status() {
        assert_eq!(guard(|| panic!("on purpose {}", 1)), TolzipStatus::Internal);
        assert_eq!(message(), "a mistake in tolzip: on purpose 1");
        assert_eq!(guard(|| Ok(())), TolzipStatus::Ok);
        assert_eq!(guard(|| Err(Failure::argument("a\0b"))), TolzipStatus::BadArgument);
        assert_eq!(message(), "a");
        std::thread::spawn(|| assert_eq!(message(), "")).join().unwrap();
    }
}
