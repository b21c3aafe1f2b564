//! The data sets built into the program; `data/README.md` says what they are and where they come from.

use ndarray::Array2;
use tolzip_core::{AnyArray, DType, Shape};

/// Features and labels of one of the sets.
pub(crate) struct Set {
    pub(crate) features: AnyArray,
    pub(crate) labels: Vec<usize>,
}

/// Handwritten digits, u8 1797 x 8 x 8.
pub(crate) fn digits() -> Set {
    set(include_bytes!("../data/digits_x.npy"), include_bytes!("../data/digits_y.npy"))
}

/// Cell features, f32 2019 x 47.
pub(crate) fn cells() -> Set {
    set(include_bytes!("../data/cells_x.npy"), include_bytes!("../data/cells_y.npy"))
}

fn set(features: &[u8], labels: &[u8]) -> Set {
    let labels = npy(labels).expect("built-in data is well-formed");
    Set {
        features: npy(features).expect("built-in data is well-formed"),
        labels: labels.to_le_bytes().into_iter().map(usize::from).collect(),
    }
}

/// Reads what `numpy.save` writes for little-endian f32 and u8 in C order: the two kinds that are built in.
fn npy(bytes: &[u8]) -> Option<AnyArray> {
    let length = usize::from(u16::from_le_bytes(*bytes.strip_prefix(b"\x93NUMPY\x01\x00")?.first_chunk()?));
    let header = std::str::from_utf8(bytes.get(10..10 + length)?).ok()?;
    let dtype = match header.split_once("'descr': '")?.1.split_once('\'')?.0 {
        "<f4" => DType::F32,
        "|u1" => DType::U8,
        _ => return None,
    };
    if !header.contains("'fortran_order': False") {
        return None;
    }
    let sides = header.split_once("'shape': (")?.1.split_once(')')?.0;
    let sides: Vec<usize> = sides
        .split(',')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(|s| s.parse().ok())
        .collect::<Option<_>>()?;
    AnyArray::from_le_bytes(dtype, Shape::new(&sides).ok()?, bytes.get(10 + length..)?).ok()
}

/// The rows `from..to` of an array's first axis.
pub(crate) fn rows(array: &AnyArray, from: usize, to: usize) -> AnyArray {
    let row = array.byte_len() as usize / array.shape().sides()[0].max(1);
    let mut sides = array.shape().sides().to_vec();
    sides[0] = to - from;
    let shape = Shape::new(&sides).expect("no larger than the whole");
    AnyArray::from_le_bytes(array.dtype(), shape, &array.to_le_bytes()[from * row..to * row])
        .expect("lengths agree")
}

/// The values as a matrix with the first axis as rows; f64 and wider integers are rounded to f32.
pub(crate) fn matrix(array: &AnyArray) -> Array2<f32> {
    let rows = array.shape().sides().first().copied().unwrap_or(1);
    let values: Vec<f32> = crate::metrics::to_f64(array).into_iter().map(|v| v as f32).collect();
    let columns = values.len().checked_div(rows).unwrap_or(0);
    Array2::from_shape_vec((rows, columns), values).expect("rows times columns is the length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_sets_are_what_their_readme_says() {
        let d = digits();
        assert_eq!((d.features.dtype(), d.features.shape().sides()), (DType::U8, &[1797, 8, 8][..]));
        assert_eq!(d.labels.len(), 1797);
        assert_eq!(d.labels[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let c = cells();
        assert_eq!((c.features.dtype(), c.features.shape().sides()), (DType::F32, &[2019, 47][..]));
        assert_eq!(c.labels.iter().sum::<usize>(), 719);
        assert!(matrix(&c.features).iter().all(|v| v.is_finite()));
    }

    #[test]
    fn rows_are_cut_from_the_first_axis() {
        let d = digits().features;
        let part = rows(&d, 10, 12);
        assert_eq!(part.shape().sides(), [2, 8, 8]);
        assert_eq!(part.to_le_bytes(), d.to_le_bytes()[640..768]);
        assert_eq!(matrix(&part).dim(), (2, 64));
        assert_eq!(matrix(&rows(&d, 5, 5)).dim(), (0, 0));
    }

    #[test]
    fn other_files_are_refused() {
        assert!(npy(b"").is_none());
        assert!(npy(b"\x93NUMPY\x01\x00\xff\x00{").is_none());
    }
}
