#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tolzip_fuzz_targets::files(bytes));
