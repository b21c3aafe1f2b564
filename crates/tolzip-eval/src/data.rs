//! The data sets built into the program; `data/README.md` says what they are and where they come from.

use ndarray::Array2;
use tolzip::{Limits, Stream};
use tolzip_core::{AnyArray, Shape};

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

/// California housing: features f32 20640 x 8, values in units of 100000 dollars.
pub(crate) fn housing() -> (AnyArray, Vec<f64>) {
    // Stored column after column.
    let columns = tlz(include_bytes!("../data/housing_x.tlz"));
    let &[width, rows] = columns.shape().sides() else { panic!("built-in data is a table") };
    let (bytes, size) = (columns.to_le_bytes(), columns.dtype().size());
    let mut out = Vec::with_capacity(bytes.len());
    for row in 0..rows {
        for column in 0..width {
            out.extend_from_slice(&bytes[(column * rows + row) * size..][..size]);
        }
    }
    let shape = Shape::new(&[rows, width]).expect("as large as the other way around");
    let features = AnyArray::from_le_bytes(columns.dtype(), shape, &out).expect("lengths agree");
    let values = crate::metrics::to_f64(&tlz(include_bytes!("../data/housing_y.tlz")));
    (features, values.into_iter().map(|v| v / 1e5).collect())
}

/// Half-hourly electricity demand, f64 17520.
pub(crate) fn demand() -> AnyArray {
    tlz(include_bytes!("../data/demand.tlz"))
}

/// Gene expression, f32 102 x 400.
pub(crate) fn genes() -> Set {
    let labels = npy(include_bytes!("../data/genes_y.npy")).expect("built-in data is well-formed");
    Set {
        features: tlz(include_bytes!("../data/genes_x.tlz")),
        labels: labels.to_le_bytes().into_iter().map(usize::from).collect(),
    }
}

fn tlz(bytes: &[u8]) -> AnyArray {
    Stream::open(bytes, Limits::default())
        .and_then(|s| s.decode_any(1))
        .expect("built-in data is well-formed")
}

fn set(features: &[u8], labels: &[u8]) -> Set {
    let labels = npy(labels).expect("built-in data is well-formed");
    Set {
        features: npy(features).expect("built-in data is well-formed"),
        labels: labels.to_le_bytes().into_iter().map(usize::from).collect(),
    }
}

/// Reads what `numpy.save` writes (version 1 of its format) for little-endian numbers in C order.
pub(crate) fn npy(bytes: &[u8]) -> Option<AnyArray> {
    let length = usize::from(u16::from_le_bytes(*bytes.strip_prefix(b"\x93NUMPY\x01\x00")?.first_chunk()?));
    let header = std::str::from_utf8(bytes.get(10..10 + length)?).ok()?;
    let dtype = crate::apps::dtype(header.split_once("'descr': '")?.1.split_once('\'')?.0)?;
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

/// These rows of an array's first axis.
pub(crate) fn pick(array: &AnyArray, rows: &[usize]) -> AnyArray {
    let row = array.byte_len() as usize / array.shape().sides()[0].max(1);
    let bytes = array.to_le_bytes();
    let picked: Vec<u8> = rows.iter().flat_map(|&r| &bytes[r * row..(r + 1) * row]).copied().collect();
    let mut sides = array.shape().sides().to_vec();
    sides[0] = rows.len();
    let shape = Shape::new(&sides).expect("no larger than memory");
    AnyArray::from_le_bytes(array.dtype(), shape, &picked).expect("lengths agree")
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
    use tolzip_core::DType;

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
        let (x, y) = housing();
        assert_eq!((x.dtype(), x.shape().sides()), (DType::F32, &[20640, 8][..]));
        assert_eq!(matrix(&x).row(0).to_vec(), [-122.23, 37.88, 41.0, 880.0, 129.0, 322.0, 126.0, 8.3252]);
        assert_eq!(matrix(&x).iter().filter(|v| v.is_nan()).count(), 207);
        assert!((y[0] - 4.526).abs() < 1e-12 && y.len() == 20640);
        let d = demand();
        assert_eq!((d.dtype(), d.shape().sides()), (DType::F64, &[17520][..]));
        assert_eq!(crate::metrics::to_f64(&d)[..3], [3.9146, 3.6725, 3.4975]);
        let g = genes();
        assert_eq!((g.features.dtype(), g.features.shape().sides()), (DType::F32, &[102, 400][..]));
        assert_eq!(
            (0..4).map(|k| g.labels.iter().filter(|&&l| l == k).count()).collect::<Vec<_>>(),
            [25, 26, 28, 23]
        );
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
