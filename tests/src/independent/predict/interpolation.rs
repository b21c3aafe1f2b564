//! The interpolating predictor.

use super::source::Source;
use super::{Chunk, activity, context};
use std::collections::HashMap;

/// Points of one class of a level, slow to fast: values, their bits, activities, and integers.
struct Class {
    sides: [usize; 4],
    bits: Vec<u64>,
    activities: Vec<u32>,
    integers: Vec<i32>,
}

impl Class {
    fn new(sides: [usize; 4]) -> Self {
        let n = sides.iter().product();
        Class { sides, bits: vec![0; n], activities: vec![0; n], integers: vec![0; n] }
    }

    fn at(&self, [a, b, c, d]: [usize; 4]) -> usize {
        ((a * self.sides[1] + b) * self.sides[2] + c) * self.sides[3] + d
    }

    /// The integers around a point. What is limited is limited here.
    fn around(&self, at: [usize; 4]) -> [i32; 9] {
        // Axis and distance back, and places to the right.
        let steps = [
            (3, 1, 0),
            (3, 2, 0),
            (2, 1, 0),
            (2, 1, -1),
            (2, 1, 1),
            (2, 2, 0),
            (1, 1, 0),
            (1, 1, 1),
            (0, 1, 0),
        ];
        steps.map(|(axis, back, right)| {
            let mut other = at;
            let (Some(index), Some(j)) = (at[axis].checked_sub(back), at[3].checked_add_signed(right)) else {
                return 0;
            };
            if right != 0 {
                other[3] = j;
            }
            other[axis] = index;
            if other[3] >= self.sides[3] { 0 } else { self.integers[self.at(other)].clamp(-32767, 32767) }
        })
    }
}

const ORDER: [usize; 15] = [8, 4, 2, 1, 12, 10, 6, 9, 5, 3, 14, 13, 11, 7, 15];

fn points(sides: [usize; 4]) -> impl Iterator<Item = [usize; 4]> {
    (0..sides.iter().product::<usize>()).map(move |i| {
        let (i, d) = (i / sides[3], i % sides[3]);
        let (i, c) = (i / sides[2], i % sides[2]);
        [i / sides[1], i % sides[1], c, d]
    })
}

/// What a chunk says of its axes.
pub(super) struct Axes {
    pub(super) whole: u8,
    pub(super) shares: [u16; 3],
    /// The axis that is followed, and the weights.
    pub(super) follow: Option<(usize, [i16; 3])>,
}

pub(super) fn decode(
    chunk: &Chunk,
    Axes { whole, shares, follow }: Axes,
    flagged: bool,
    mut source: Source<'_>,
) -> Vec<u64> {
    let splits = |sides: &[usize; 4]| [0, 1, 2, 3].map(|a| sides[a] > 1 && whole >> (3 - a) & 1 == 0);
    let mut levels = vec![chunk.sides];
    loop {
        let sides = *levels.last().unwrap();
        let split = splits(&sides);
        if !split.contains(&true) {
            break;
        }
        levels.push([0, 1, 2, 3].map(|a| if split[a] { sides[a].div_ceil(2) } else { sides[a] }));
    }
    let last = levels.len() - 1;
    let mut below = coarsest(chunk, last, levels[last], &mut source);
    for level in (0..last).rev() {
        let split = splits(&levels[level]);
        let mut classes = HashMap::from([(0, below)]);
        for class in ORDER {
            if (0..4).any(|a| class >> (3 - a) & 1 == 1 && !split[a]) {
                continue;
            }
            let sides = [0, 1, 2, 3].map(|a| match (split[a], class >> (3 - a) & 1 == 1) {
                (false, _) => levels[level][a],
                (true, true) => levels[level][a] / 2,
                (true, false) => levels[level][a].div_ceil(2),
            });
            let share = shares[level.min(2)];
            let follow = follow.map(|(axis, weights)| (axis, f64::from(weights[level.min(2)]) / 4096.0));
            let coder = Coder { chunk, class, level, classes: &classes, share, follow, flagged };
            let done = coder.decode(Class::new(sides), &mut source);
            classes.insert(class, done);
        }
        let mut whole = Class::new(levels[level]);
        for (i, point) in points(levels[level]).enumerate() {
            let odd = |a: usize| split[a] && point[a] % 2 == 1;
            let class: usize = (0..4).filter(|&a| odd(a)).map(|a| 8 >> a).sum();
            let from = &classes[&class];
            let at = from.at([0, 1, 2, 3].map(|a| if split[a] { point[a] / 2 } else { point[a] }));
            whole.bits[i] = from.bits[at];
            whole.activities[i] = from.activities[at];
        }
        below = whole;
    }
    source.end();
    below.bits
}

fn coarsest(chunk: &Chunk, level: usize, sides: [usize; 4], source: &mut Source<'_>) -> Class {
    let mut out = Class::new(sides);
    let rows = sides.iter().product::<usize>() / sides[3];
    let all: Vec<[usize; 4]> = points(sides).collect();
    let mut before = 0.0f64;
    for row in 0..rows {
        let range = row * sides[3]..(row + 1) * sides[3];
        let mut exceptions = HashMap::new();
        let mut integers = Vec::new();
        for i in range.clone() {
            let around = if source.looks_around() { out.around(all[i]) } else { [0; 9] };
            let k = source.integer(0, 16 * level.min(2), around);
            if k.is_none() && source.bits_at_once() {
                exceptions.insert(i, source.exception(chunk.width));
            }
            out.integers[i] = k.unwrap_or(0);
            integers.push(k);
        }
        for (i, k) in range.zip(integers) {
            out.bits[i] = match k {
                Some(k) => reconstruct(chunk, before, k),
                None => exceptions.get(&i).copied().unwrap_or_else(|| source.exception(chunk.width)),
            };
            before = chunk.value(out.bits[i]);
            if !before.is_finite() {
                before = 0.0;
            }
        }
    }
    out
}

fn reconstruct(chunk: &Chunk, prediction: f64, k: i32) -> u64 {
    chunk.bits(chunk.round(prediction + chunk.round(chunk.round(f64::from(k)) * chunk.step)))
}

struct Coder<'a> {
    chunk: &'a Chunk,
    class: usize,
    level: usize,
    classes: &'a HashMap<usize, Class>,
    share: u16,
    follow: Option<(usize, f64)>,
    flagged: bool,
}

impl Coder<'_> {
    fn odd(&self) -> impl Iterator<Item = usize> + '_ {
        (0..4).filter(|&a| self.class >> (3 - a) & 1 == 1)
    }

    fn decode(&self, mut out: Class, source: &mut Source<'_>) -> Class {
        let [_, _, rows, n] = out.sides;
        let all: Vec<[usize; 4]> = points(out.sides).collect();
        let shares = self.shares();
        let most = (if self.flagged { 1024 } else { 2048 } / n).max(1);
        for plane in 0..out.sides[0] * out.sides[1] {
            let mut row = 0;
            while row < rows {
                let count = most.min(rows - row);
                let slab = (plane * rows + row) * n..(plane * rows + row + count) * n;
                row += count;
                let mut pending = Vec::new();
                let left_out = source.flag();
                for i in slab.clone() {
                    let k = if left_out {
                        Some(0)
                    } else {
                        let energy = self.energy(&out, all[i], row - count, count);
                        let base = if self.odd().count() == 1 { 0 } else { 64 };
                        let around = if source.looks_around() { out.around(all[i]) } else { [0; 9] };
                        source.integer(base + context(energy), 16 * self.level.min(2) + self.class, around)
                    };
                    out.integers[i] = k.unwrap_or(0);
                    out.activities[i] = k.map_or(2047, activity);
                    match k {
                        Some(k) => {
                            out.bits[i] = reconstruct(self.chunk, self.predict(&out, all[i], &shares), k);
                        }
                        None if source.bits_at_once() => out.bits[i] = source.exception(self.chunk.width),
                        None => pending.push(i),
                    }
                }
                for i in pending {
                    out.bits[i] = source.exception(self.chunk.width);
                }
            }
        }
        out
    }

    /// Of the odd axes, in order.
    fn shares(&self) -> Vec<f64> {
        let v: Vec<f64> = self
            .odd()
            .map(|a| {
                let i = self.share >> (12 - 4 * a) & 15;
                let v = 1.0 / f64::from(1u32 << (i / 2));
                if i % 2 == 1 { v * std::f64::consts::FRAC_1_SQRT_2 } else { v }
            })
            .collect();
        let sum: f64 = v.iter().skip(1).fold(v[0], |s, v| s + v);
        v.iter().map(|v| v / sum).collect()
    }

    fn predict(&self, out: &Class, at: [usize; 4], shares: &[f64]) -> f64 {
        let p = self.interpolate(at, shares);
        let w = |x: f64| self.chunk.round(x);
        match self.follow {
            Some((axis, weight)) if weight != 0.0 && at[axis] > 0 => {
                let mut before = at;
                before[axis] -= 1;
                let value = self.chunk.value(out.bits[out.at(before)]);
                w(p + w(weight * w(value - self.interpolate(before, shares))))
            }
            _ => p,
        }
    }

    fn interpolate(&self, at: [usize; 4], shares: &[f64]) -> f64 {
        let w = |x: f64| self.chunk.round(x);
        let mut sum = None;
        for (axis, &share) in self.odd().zip(shares) {
            let class = &self.classes[&(self.class & !(8 >> axis))];
            let i = at[axis];
            let there = |j: usize| j < class.sides[axis];
            let value = |j: usize| {
                let mut p = at;
                p[axis] = j;
                self.chunk.value(class.bits[class.at(p)])
            };
            let weights: [f64; 4] = match (i > 0, there(i + 1), there(i + 2)) {
                (true, true, true) => [-1., 9., 9., -1.],
                (false, true, true) => [0., 6., 12., -2.],
                (true, true, false) => [-2., 12., 6., 0.],
                (false, true, false) => [0., 8., 8., 0.],
                (true, false, _) => [-8., 24., 0., 0.],
                (false, false, _) => [0., 16., 0., 0.],
            };
            let [wa, wb, wc, wd] = weights.map(|x| w(share * (x / 16.0)));
            let a = value(if i > 0 { i - 1 } else { i });
            let b = value(i);
            let c = value(if there(i + 1) { i + 1 } else { i });
            let d = value(match axis {
                _ if there(i + 2) => i + 2,
                3 if there(i + 1) => i + 1,
                _ => i,
            });
            let term = w(w(w(wa * a) + w(wd * d)) + w(w(wb * b) + w(wc * c)));
            sum = Some(sum.map_or(term, |s| w(s + term)));
        }
        sum.unwrap()
    }

    /// `first` and `count` are the rows of the slab that the point is in.
    fn energy(&self, out: &Class, at: [usize; 4], first: usize, count: usize) -> u32 {
        let o = self.odd().count();
        let (near, before) = ([2, 3, 2, 1][o - 1], [4, 3, 1, 1][o - 1]);
        let mut energy = 0;
        for axis in self.odd() {
            let class = &self.classes[&(self.class & !(8 >> axis))];
            let mut next = at;
            if at[axis] + 1 < class.sides[axis] {
                next[axis] += 1;
            }
            energy += near * (class.activities[class.at(at)] + class.activities[class.at(next)]);
            if o > 1 {
                continue;
            }
            // The rows that are moved together: the last one is alone if its neighbour is another one than the others'.
            let (mut top, mut bottom) = (first, first + count - 1);
            if axis == 2 && bottom + 1 >= class.sides[2] {
                if at[2] == bottom {
                    top = bottom;
                } else {
                    bottom -= 1;
                }
            }
            let n = class.sides[3] as isize;
            let moves: &[isize] = match axis {
                3 => &[-n, n],
                2 => &[-1, 1],
                _ => &[-1, 1, -n, n],
            };
            for point in [at, next] {
                let place = class.at(point) as isize;
                // The first and the last of the slab, around the same neighbour.
                let (row, column) = (at[2] as isize, at[3] as isize);
                let (start, end) = if axis == 3 {
                    // All of the rows, neighbours or not.
                    let begin = class.at([at[0], at[1], top, 0]) as isize;
                    (begin, begin + (bottom as isize - top as isize + 1) * n - 1)
                } else {
                    let width = out.sides[3] as isize;
                    let begin = place - (row - top as isize) * n - column;
                    (begin, place + (bottom as isize - row) * n + (width - 1 - column))
                };
                for &by in moves {
                    let inside = start + by >= 0 && end + by < class.activities.len() as isize;
                    energy += class.activities[(place + if inside { by } else { 0 }) as usize];
                }
            }
        }
        for axis in [0, 1] {
            if at[axis] > 0 {
                let mut other = at;
                other[axis] -= 1;
                energy += before * out.activities[out.at(other)];
            }
        }
        energy
    }
}
