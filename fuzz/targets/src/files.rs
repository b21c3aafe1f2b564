//! Any bytes as a file: numpy's `.npy` and `.npz`.

use crate::take::Take;
use std::io::Cursor;
use tolzip::{AnyArray, DType};
use tolzip_io::{Hints, npy, npz};

/// What is read from a file is written and read again as the same.
pub fn files(bytes: &[u8]) {
    let mut take = Take(bytes);
    let how = take.u8();
    let file = take.rest();
    let dtype = (how & 2 != 0).then_some(DType::Bf16);
    let hints = Hints::new(dtype, None);
    let read = if how & 1 == 0 {
        let known = (how & 4 != 0).then_some(file.len() as u64);
        npy::read(&mut &*file, known, hints)
    } else {
        npz::read(Cursor::new(file), (how & 8 != 0).then_some("a"), hints)
    };
    match read {
        Ok(array) => rewrite(&array),
        // What people are told must be there to be said.
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
}

fn rewrite(array: &AnyArray) {
    let mut file = Vec::new();
    npy::write(&mut file, array).expect("memory takes all");
    let dtype = (array.dtype() == DType::Bf16).then_some(DType::Bf16);
    let back = npy::read(&mut &*file, Some(file.len() as u64), Hints::new(dtype, None));
    let back = back.expect("what was just written");
    assert!(back.shape() == array.shape() && back.to_le_bytes() == array.to_le_bytes());
}
