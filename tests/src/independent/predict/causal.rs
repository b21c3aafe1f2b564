//! The causal predictor: integers in rows.

use super::source::Source;
use super::{Chunk, activity, context};
use crate::independent::entropy::Bytes;
use crate::independent::met;

/// Where a row is: volume, plane, row.
type Place = [usize; 3];

struct Rows {
    /// Volumes, planes, rows.
    counts: Place,
    lag: usize,
    folded: bool,
    /// The length of each row.
    lengths: Vec<usize>,
    integers: Vec<Vec<i32>>,
    residuals: Vec<Vec<i32>>,
}

const SET_0: &[[isize; 4]] = &[[0, 0, 0, -1], [0, 0, 0, -2]];
const SET_1: &[[isize; 4]] =
    &[[0, 0, -1, 0], [0, 0, 0, -1], [0, 0, -1, -1], [0, 0, -1, 1], [0, 0, -2, 0], [0, 0, 0, -2]];
const FOLDED: &[[isize; 4]] = &[[0, 0, -1, 0], [0, 0, -2, 0], [0, 0, -3, 0], [0, 0, -4, 0]];
const SET_2: &[[isize; 4]] = &[
    [0, -1, 0, 0],
    [0, 0, 0, -1],
    [0, 0, -1, 0],
    [0, 0, -1, -1],
    [0, 0, -1, 1],
    [0, -1, 0, -1],
    [0, -1, 0, 1],
    [0, -1, -1, 0],
    [0, -1, 1, 0],
    [0, -1, -1, -1],
    [0, -2, 0, 0],
    [0, 0, -2, 0],
    [0, 0, 0, -2],
];
const SET_3: &[[isize; 4]] = &[
    [0, -1, 0, 0],
    [0, 0, 0, -1],
    [0, 0, -1, 0],
    [0, 0, -1, -1],
    [0, 0, -1, 1],
    [0, -1, 0, -1],
    [0, -1, 0, 1],
    [0, -1, -1, 0],
    [0, -1, 1, 0],
    [0, -2, 0, 0],
    [-1, 0, 0, 0],
    [-1, 0, 0, -1],
    [-1, 0, 0, 1],
    [-1, 0, -1, 0],
    [-1, 0, 1, 0],
    [-1, -1, 0, 0],
    [-1, 1, 0, 0],
];

impl Rows {
    fn new([s0, s1, s2, s3]: [usize; 4]) -> Self {
        let (counts, lag, lengths, folded) = if s0 == 1 && s1 == 1 && (s2 == 1 || s3 < 16) {
            let (points, w) = if s2 == 1 { (s3, 1) } else { (s2, s3) };
            let segments = (points / 64).clamp(1, 64);
            let rows = points.div_ceil(segments);
            let lengths =
                (0..rows).map(|t| w * if t < points / segments { segments } else { points % segments });
            ([1, 1, rows], w, lengths.collect(), true)
        } else if s3 < 16 {
            ([1, s0, s1], s3, vec![s2 * s3; s0 * s1], false)
        } else {
            ([s0, s1, s2], 1, vec![s3; s0 * s1 * s2], false)
        };
        Rows { counts, lag, folded, lengths, integers: Vec::new(), residuals: Vec::new() }
    }

    fn number(&self, [v, z, y]: Place) -> usize {
        (v * self.counts[1] + z) * self.counts[2] + y
    }

    /// The row before, behind or beside another one, with what the page says of edges.
    fn row(&self, [v, z, y]: Place, [dv, dz, dy]: [isize; 3]) -> Place {
        let near = |i: usize, d: isize, n: usize| (i as isize + d).clamp(0, n as isize - 1) as usize;
        if dv < 0 {
            return [v - 1, near(z, dz, self.counts[1]), near(y, dy, self.counts[2])];
        }
        if dz < 0 {
            let y = near(y, dy, self.counts[2]);
            return match z {
                0 => [v - 1, 0, y],
                1 => [v, 0, y],
                _ => [v, (z as isize + dz) as usize, y],
            };
        }
        match (y, dy) {
            (_, 0) => [v, z, y],
            (0, _) if z > 0 => [v, z - 1, 0],
            (0, _) => [v - 1, z, 0],
            _ => [v, z, near(y, dy, self.counts[2])],
        }
    }

    /// An integer of a row or of the room around it.
    fn at(&self, place: Place, j: isize) -> i32 {
        let row = &self.integers[self.number(place)];
        let n = self.lengths[self.number(place)] as isize;
        let lag = self.lag as isize;
        if j >= n {
            row[(j - lag) as usize]
        } else if j >= 0 {
            row[j as usize]
        } else if place == [0; 3] {
            0
        } else {
            let above = self.row(place, [0, 0, -1]);
            self.integers[self.number(above)][j.rem_euclid(lag) as usize]
        }
    }

    fn energy(&self, set: usize, place: Place, j: usize) -> u32 {
        let at = |row: [isize; 3], dx: isize| {
            let j = j as isize + dx * self.lag as isize;
            let row = &self.residuals[self.number(self.row(place, row))];
            usize::try_from(j).ok().and_then(|j| row.get(j)).map_or(0, |&k| activity(k))
        };
        let above = |a, b, c| a * at([0, 0, -1], 0) + b * at([0, 0, -1], -1) + c * at([0, 0, -1], 1);
        match set {
            0 => 0,
            1 if self.folded => [6, 4, 3, 3].iter().zip(1..).map(|(w, d)| w * at([0, 0, -d], 0)).sum(),
            1 => above(6, 4, 4),
            2 => above(4, 2, 2) + 6 * at([0, -1, 0], 0),
            _ => above(4, 1, 1) + 4 * at([0, -1, 0], 0) + 4 * at([-1, 0, 0], 0),
        }
    }

    /// Residuals around one: what is not there is 0.
    fn around(&self, [v, z, y]: Place, j: usize) -> [i32; 9] {
        let at = |dv: usize, dz: usize, dy: usize, dx: isize| {
            let j = usize::try_from(j as isize + dx * self.lag as isize).ok()?;
            let place = [v.checked_sub(dv)?, z.checked_sub(dz)?, y.checked_sub(dy)?];
            Some(self.residuals[self.number(place)].get(j)?.clamp(&-32767, &32767)).copied()
        };
        let all = if self.folded {
            let [a, b, c, d] = [1, 2, 3, 4].map(|dy| at(0, 0, dy, 0));
            [b, c, a, d, None, b, None, None, None]
        } else {
            [
                at(0, 0, 0, -1),
                at(0, 0, 0, -2),
                at(0, 0, 1, 0),
                at(0, 0, 1, -1),
                at(0, 0, 1, 1),
                at(0, 0, 2, 0),
                at(0, 1, 0, 0),
                at(0, 1, 0, 1),
                at(1, 0, 0, 0),
            ]
        };
        all.map(Option::unwrap_or_default)
    }
}

/// The integers, in the order of the values.
pub(super) fn decode<'a>(
    chunk: &Chunk,
    mut bytes: Bytes<'a>,
    source: impl FnOnce(Bytes<'a>) -> Source<'a>,
) -> Vec<i32> {
    let mut rows = Rows::new(chunk.sides);
    let sets = [SET_0, if rows.folded { FOLDED } else { SET_1 }, SET_2, SET_3];
    met::note(
        "predict rows",
        if rows.folded {
            0u32
        } else if rows.lag > 1 {
            1
        } else {
            2
        },
    );
    let occurs = [true, rows.counts[2] > 1, rows.counts[1] > 1, rows.counts[0] > 1];
    let weights: Vec<Vec<i32>> = (0..4)
        .map(|set| {
            let mut weight = || {
                let b = bytes.take(2);
                i32::from(i16::from_le_bytes([b[0], b[1]]))
            };
            if occurs[set] { sets[set].iter().map(|_| weight()).collect() } else { Vec::new() }
        })
        .collect();
    let mut source = source(bytes);
    for number in 0..rows.lengths.len() {
        let [_, planes, per] = rows.counts;
        let place = [number / per / planes, number / per % planes, number % per];
        let set = match place {
            [0, 0, 0] => 0,
            [0, 0, _] => 1,
            [0, ..] => 2,
            _ => 3,
        };
        rows.integers.push(Vec::new());
        rows.residuals.push(Vec::new());
        let left_out = source.flag();
        for j in 0..rows.lengths[number] {
            let residual = if left_out {
                0
            } else {
                let around = if source.looks_around() { rows.around(place, j) } else { [0; 9] };
                source.integer(context(rows.energy(set, place, j)), 0, around).expect("no exceptions here")
            };
            let neighbours: Vec<i32> = sets[set]
                .iter()
                .map(|&[dv, dz, dy, dx]| {
                    rows.at(rows.row(place, [dv, dz, dy]), j as isize + dx * rows.lag as isize)
                })
                .collect();
            let sum = neighbours
                .iter()
                .zip(&weights[set])
                .fold(2048i32, |sum, (k, w)| sum.wrapping_add(k.wrapping_mul(*w)));
            let first = if set == 0 { 0 } else { neighbours[0] };
            let k = (sum >> 12).wrapping_add(first).wrapping_add(residual);
            rows.integers[number].push(k);
            rows.residuals[number].push(residual);
        }
    }
    source.end();
    if !rows.folded {
        return rows.integers.concat();
    }
    let segments = rows.lengths[0] / rows.lag;
    (0..segments)
        .flat_map(|s| rows.integers.iter().filter_map(move |row| row.chunks(rows.lag).nth(s)))
        .flatten()
        .copied()
        .collect()
}
