//! Any text as arguments of the program: shapes, regions, scopes, methods with their settings, bounds, flags.

/// What is not UTF-8 is no argument.
pub fn arguments(bytes: &[u8]) {
    if let Ok(line) = std::str::from_utf8(bytes) {
        let _ = tolzip_cli::understands(line);
    }
}
