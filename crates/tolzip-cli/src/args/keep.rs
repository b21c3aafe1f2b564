//! Columns of a table that are kept bit for bit.

use crate::failure::{Failure, Result};
use std::path::{Path, PathBuf};
use tolzip::AnyArray;
use tolzip_eval::columns::{describe, exact};

/// The numbers of the columns that a text names, ascending: `auto` for labels, ids and other whole numbers, `none`, or a list
/// such as `0,3`.
pub(crate) fn columns(text: &str, array: &AnyArray) -> Result<Vec<usize>> {
    let width = if let &[_, width] = array.shape().sides() { width } else { 0 };
    let list = match text {
        "auto" => return Ok(exact(&describe(array))),
        "none" => return Ok(Vec::new()),
        list => numbers(list)?,
    };
    if let Some(n) = list.iter().find(|&&n| n >= width) {
        return Err(Failure::new(format!(
            "--keep {n}: the table has columns 0 to {}",
            width.saturating_sub(1)
        )));
    }
    if list.len() == width {
        return Err(Failure::new("--keep leaves no column to compress"));
    }
    Ok(list)
}

/// A list of numbers, ascending.
pub(crate) fn numbers(list: &str) -> Result<Vec<usize>> {
    let number = |n: &str| {
        n.trim()
            .parse()
            .map_err(|_| Failure::new(format!("--keep {n}: numbers of columns from 0, as in 0,3")))
    };
    let mut all = list.split(',').map(number).collect::<Result<Vec<usize>>>()?;
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Where the kept columns of a table go, beside the stream of the others.
pub(crate) fn beside(stream: &Path) -> PathBuf {
    let mut name = stream.as_os_str().to_owned();
    name.push(".kept");
    name.into()
}
