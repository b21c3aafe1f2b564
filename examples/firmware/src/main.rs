//! An example of firmware: the sensor logger on a Cortex-M4, in the flash and memory of a small microcontroller (`memory.x`).
//!
//! `cargo run --release` in this folder runs it in qemu-system-arm; `.ci/targets` does so, too, and holds what it prints against
//! what the same logger prints on the machine around it (`cargo run -p tolzip-sensor-logger --example blocks`).
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use panic_semihosting as _;

/// What the logger may have in use, and a sixth on top for what this allocator leaves between.
const HEAP_BYTES: usize = tolzip_sensor_logger::HEAP / 6 * 7;
#[global_allocator]
static HEAP: emballoc::Allocator<HEAP_BYTES> = emballoc::Allocator::new();

#[entry]
fn main() -> ! {
    // Printing an error would bring along all that prints floats.
    let done = tolzip_sensor_logger::example();
    match done {
        Ok((raw, stored, hash)) => {
            hprintln!("{} bytes of readings became {}, hash {:016x}", raw, stored, hash)
        }
        Err(_) => hprintln!("the logger failed"),
    }
    debug::exit(if done.is_ok() { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    unreachable!("the debugger ends the program")
}
