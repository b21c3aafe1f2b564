//! How the causal predictor sees a chunk: rows, neighbours, and the weights that they have.

use crate::mixed::Rows;
use alloc::vec::Vec;
use tolzip_core::Result;
use tolzip_core::bytes::Reader;

/// Weights are multiples of 2^-SHIFT.
pub(crate) const SHIFT: u32 = 12;

/// How the integers lie: rows of `sides[3]`, and within a row, neighbours `lag` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) sides: [usize; 4],
    pub(crate) lag: usize,
    /// In a line folded into segments: values in the last row.
    pub(crate) last_row: usize,
    pub(crate) folded: bool,
}

/// Segments that a line is folded into, so that rows go across them.
const SEGMENTS: usize = 64;
/// Rows of a folded line that are moved together: its segments can be a power of two apart, which caches bear badly.
pub(crate) const BATCH: usize = tolzip_simd::rows::TURNED;

impl Layout {
    /// The layout for an array of these sides.
    pub(crate) fn of(sides: [usize; 4]) -> Self {
        let [s0, s1, s2, s3] = sides;
        let n = sides.iter().product::<usize>();
        let short = s3 < 16;
        if s0 * s1 == 1 && (s2 == 1 || short) {
            // A line of points of `width` values.
            let width = if s2 == 1 { 1 } else { s3 };
            let points = n / width;
            let segments = (points / 64).clamp(1, SEGMENTS);
            let rows = points.div_ceil(segments);
            let last_row = n - (rows - 1) * segments * width;
            return Self { sides: [1, 1, rows, segments * width], lag: width, last_row, folded: true };
        }
        if short {
            return Self { sides: [1, s0, s1, s2 * s3], lag: s3, last_row: s2 * s3, folded: false };
        }
        Self { sides, lag: 1, last_row: s3, folded: false }
    }

    fn is_last(&self, at: [usize; 3]) -> bool {
        (0..3).all(|d| at[d] + 1 == self.sides[d])
    }

    pub(crate) fn row_len(&self, at: [usize; 3]) -> usize {
        if self.is_last(at) { self.last_row } else { self.sides[3] }
    }

    /// The row at a place, for the entropy coder.
    pub(crate) const fn rows(&self, at: [usize; 3]) -> Rows {
        Rows { class: 0, level: 0, sides: self.sides, at, lag: self.lag, folded: self.folded }
    }

    /// Values before the first one that has neighbours along every axis.
    pub(crate) fn begin_of_last_set(&self) -> usize {
        let [s0, s1, s2, s3] = self.sides;
        let rows = if s0 > 1 {
            s1 * s2
        } else if s1 > 1 {
            s2
        } else {
            usize::from(s2 > 1)
        };
        rows * s3
    }

    /// For a folded line: where each segment begins in the array, in values.
    pub(crate) fn segment_begins(&self) -> impl Iterator<Item = usize> + use<> {
        let Self { sides: [_, _, rows, row], lag: width, last_row, .. } = *self;
        // The first segments are one point longer: those that the last row still has points of.
        (0..row / width).map(move |segment| (segment * (rows - 1) + segment.min(last_row / width)) * width)
    }
}

/// A row relative to the current one, clamped into the array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// The row itself.
    Here,
    /// So many rows above.
    Up(usize),
    /// The same row of the previous plane, or the one before or after it; or of the plane before that.
    Plane(isize),
    Plane2,
    /// The same row of the previous volume, or the one above or below, or that of the plane before or after.
    Volume(isize),
    VolumePlane(isize),
}

/// A neighbour: a row, and a shift along it in units of the lag.
pub(crate) type Tap = (Row, isize);

pub(crate) const W: Tap = (Row::Here, -1);
pub(crate) const WW: Tap = (Row::Here, -2);
const N: Tap = (Row::Up(1), 0);
const NN: Tap = (Row::Up(2), 0);
const P: Tap = (Row::Plane(0), 0);
const Q: Tap = (Row::Volume(0), 0);

const LINE: &[Tap] = &[W, WW];
const FLAT: &[Tap] = &[N, W, (Row::Up(1), -1), (Row::Up(1), 1), NN, WW];
const SOLID: &[Tap] = &[
    P,
    W,
    N,
    (Row::Up(1), -1),
    (Row::Up(1), 1),
    (Row::Plane(0), -1),
    (Row::Plane(0), 1),
    (Row::Plane(-1), 0),
    (Row::Plane(1), 0),
    (Row::Plane(-1), -1),
    (Row::Plane2, 0),
    NN,
    WW,
];
const HYPER: &[Tap] = &[
    P,
    W,
    N,
    (Row::Up(1), -1),
    (Row::Up(1), 1),
    (Row::Plane(0), -1),
    (Row::Plane(0), 1),
    (Row::Plane(-1), 0),
    (Row::Plane(1), 0),
    (Row::Plane2, 0),
    Q,
    (Row::Volume(0), -1),
    (Row::Volume(0), 1),
    (Row::Volume(-1), 0),
    (Row::Volume(1), 0),
    (Row::VolumePlane(-1), 0),
    (Row::VolumePlane(1), 0),
];
const FOLDED: &[Tap] = &[N, NN, (Row::Up(3), 0), (Row::Up(4), 0)];

/// The most neighbours of a set.
pub(crate) const MOST_TAPS: usize = 17;
/// Sets of weights: for the first row, the first plane, the first volume, and the rest.
pub(crate) const SETS: usize = 4;

/// The neighbours used in a set. The first one is the reference that the fit measures from.
pub(crate) fn taps(folded: bool, set: usize) -> &'static [Tap] {
    match set {
        0 => LINE,
        1 if folded => FOLDED,
        1 => FLAT,
        2 => SOLID,
        _ => HYPER,
    }
}

/// The set for a row at this place.
pub(crate) const fn set_of(at: [usize; 3]) -> usize {
    if at[0] > 0 {
        3
    } else if at[1] > 0 {
        2
    } else if at[2] > 0 {
        1
    } else {
        0
    }
}

/// Weights of all sets; unused sets have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weights(pub(crate) [Vec<i16>; SETS]);

/// The sets that a layout uses.
pub(crate) fn sets(layout: &Layout) -> [bool; SETS] {
    let s = layout.sides;
    [true, s[2] > 1, s[1] > 1, s[0] > 1]
}

impl Weights {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for weights in &self.0 {
            for w in weights {
                out.extend_from_slice(&w.to_le_bytes());
            }
        }
    }

    pub(crate) fn read(layout: &Layout, reader: &mut Reader<'_>) -> Result<Self> {
        let mut out = Self::default();
        for (set, used) in sets(layout).into_iter().enumerate() {
            for _ in 0..if used { taps(layout.folded, set).len() } else { 0 } {
                out.0[set].push(reader.u16()? as i16);
            }
        }
        Ok(out)
    }
}
