//! Sixteen rows in registers of AVX-512, eight in those of AVX2: lane `j` is row `j`, two values behind lane `j - 1`.

use super::{BEFORE, Batch, Near, TURNED};
use core::arch::x86_64::*;

/// Defines all that does not depend on the width of registers, with the instructions of one width. The module around it says
/// the rest.
macro_rules! wave {
    (
        $features:literal, $lanes:ident x $rows:literal, load $load:ident, store $store:ident, splat $splat:ident,
        add $add:ident, and $and:ident, mul $mul:ident, shift $shift:ident,
        unpack $low:ident $high:ident, unpack pairs $low_pair:ident $high_pair:ident
    ) => {
        pub(in super::super) const ROWS: usize = $rows;
        type Lanes = $lanes;

        #[inline]
        #[target_feature(enable = $features)]
        fn load(from: &[i32]) -> Lanes {
            let from = &from[..ROWS];
            // SAFETY: as many values of 4 bytes as there are lanes are there.
            unsafe { $load(from.as_ptr().cast()) }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn store(lanes: Lanes, to: &mut [i32]) {
            let to = &mut to[..ROWS];
            // SAFETY: as many values of 4 bytes as there are lanes have room there.
            unsafe { $store(to.as_mut_ptr().cast(), lanes) }
        }

        /// The values of every four rows for places that are four apart: register `4 q + c` holds, for places `c`, `4 + c` and so
        /// on, those of rows `4 q` to `4 q + 3`.
        #[inline]
        #[target_feature(enable = $features)]
        fn quads(rows: [Lanes; ROWS]) -> [Lanes; ROWS] {
            let (mut pairs, mut quads) = (rows, rows);
            for i in (0..ROWS).step_by(2) {
                pairs[i] = $low(rows[i], rows[i + 1]);
                pairs[i + 1] = $high(rows[i], rows[i + 1]);
            }
            for i in (0..ROWS).step_by(4) {
                for half in 0..2 {
                    quads[i + 2 * half] = $low_pair(pairs[i + half], pairs[i + half + 2]);
                    quads[i + 2 * half + 1] = $high_pair(pairs[i + half], pairs[i + half + 2]);
                }
            }
            quads
        }

        /// [`Batch::integrate`] for as many rows as there are lanes.
        #[target_feature(enable = $features)]
        pub(in super::super) fn integrate(batch: &mut Batch, rows: usize, first: i32, near: &Near) {
            assert!(rows <= ROWS);
            let (n, stride) = (batch.n, batch.stride);
            let mut wave = Wave::new(n, first, near);
            for begin in (0..n + 2 * (rows - 1)).step_by(ROWS) {
                // Lane `j` stands at `begin - 2 j`, for which rows have room.
                let place = |j: usize| j * stride + BEFORE + begin - 2 * j;
                let (mut residuals, mut sums) = ([$splat(0); ROWS], [$splat(0); ROWS]);
                for (j, (residuals, sums)) in residuals.iter_mut().zip(&mut sums).enumerate().take(rows) {
                    *residuals = load(&batch.values[place(j)..]);
                    *sums = load(&batch.sums[place(j)..]);
                }
                let (residuals, sums) = (transposed(residuals), transposed(sums));
                let edge = begin < 2 * ROWS || begin + ROWS > n;
                let values = if edge {
                    wave.steps::<true>(&residuals, &sums)
                } else {
                    wave.steps::<false>(&residuals, &sums)
                };
                for (j, row) in transposed(values).into_iter().enumerate().take(rows) {
                    store(row, &mut batch.values[place(j)..]);
                }
            }
        }

        /// [`turn`](crate::rows::turn).
        #[target_feature(enable = $features)]
        pub(in super::super) fn turn(from: &[i32], stride: usize, to: &mut [i32]) {
            for row in (0..TURNED).step_by(ROWS) {
                for column in (0..stride).step_by(ROWS) {
                    let mut block = [$splat(0); ROWS];
                    for (j, lanes) in block.iter_mut().enumerate() {
                        *lanes = load(&from[(row + j) * stride + column..]);
                    }
                    for (j, lanes) in transposed(block).into_iter().enumerate() {
                        store(lanes, &mut to[(column + j) * TURNED + row..]);
                    }
                }
            }
        }

        /// The latest values of all rows.
        struct Wave {
            left: [Lanes; 2],
            above: [Lanes; 3],
            above2: Lanes,
            /// All bits where residuals count from the value above.
            from_above: Lanes,
            shift: __m128i,
            /// The last two steps' values.
            last: [Lanes; 2],
            /// The values of the last four steps but the latest, each moved to the row below.
            moved: [Lanes; 3],
            /// Where the lanes stand in their rows.
            at: Lanes,
            n: Lanes,
        }

        impl Wave {
            #[inline]
            #[target_feature(enable = $features)]
            fn new(n: usize, first: i32, near: &Near) -> Self {
                let first = $splat(first);
                Self {
                    left: [$splat(near.left[0]), $splat(near.left[1])],
                    above: [$splat(near.above[0]), $splat(near.above[1]), $splat(near.above[2])],
                    above2: $splat(near.above2),
                    from_above: $splat(-i32::from(near.from_above)),
                    shift: _mm_cvtsi32_si128(near.shift as i32),
                    last: [first; 2],
                    moved: [down(first); 3],
                    at: behind_each_other(),
                    n: $splat(n as i32),
                }
            }

            /// A block of steps. With `EDGE`, some rows begin or end in it.
            #[inline]
            #[target_feature(enable = $features)]
            fn steps<const EDGE: bool>(
                &mut self,
                residuals: &[Lanes; ROWS],
                sums: &[Lanes; ROWS],
            ) -> [Lanes; ROWS] {
                let mut out = [$splat(0); ROWS];
                for step in 0..ROWS {
                    let [mut l1, mut l2] = self.last;
                    let [m2, m3, m4] = self.moved;
                    if EDGE {
                        // A row that begins has the first value of the row above before it, which is two steps old.
                        (l1, l2) = (begin(self.at, m2, l1), begin(self.at, m2, l2));
                    }
                    let m1 = down(l1);
                    // What waits for the last step comes last.
                    let old = $add($mul(m3, self.above[0]), $mul(m2, self.above[1]));
                    let older = $add($mul(l2, self.left[1]), $mul(down(m4), self.above2));
                    let known = $add($add(sums[step], old), older);
                    let late = $add($mul(m1, self.above[2]), $mul(l1, self.left[0]));
                    let predicted = $shift($add(known, late), self.shift);
                    let mut k = $add(predicted, $add(residuals[step], $and(m2, self.from_above)));
                    if EDGE {
                        // Behind a row's end, its last value comes again.
                        k = inside(self.at, self.n, k, l1);
                    }
                    self.at = $add(self.at, $splat(1));
                    self.last = [k, l1];
                    self.moved = [m1, m2, m3];
                    out[step] = k;
                }
                out
            }
        }
    };
}

pub(super) mod avx512 {
    use super::*;

    wave! {
        "avx512f,avx512bw,avx512dq,avx512vl", __m512i x 16,
        load _mm512_loadu_si512, store _mm512_storeu_si512, splat _mm512_set1_epi32,
        add _mm512_add_epi32, and _mm512_and_si512, mul _mm512_mullo_epi32, shift _mm512_sra_epi32,
        unpack _mm512_unpacklo_epi32 _mm512_unpackhi_epi32,
        unpack pairs _mm512_unpacklo_epi64 _mm512_unpackhi_epi64
    }

    /// The values of every row for a step, from the values of every step for a row, or back.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn transposed(rows: [Lanes; ROWS]) -> [Lanes; ROWS] {
        let (quads, mut out) = (quads(rows), rows);
        for c in 0..4 {
            let even = _mm512_shuffle_i32x4::<0x88>(quads[c], quads[c + 4]);
            let odd = _mm512_shuffle_i32x4::<0xdd>(quads[c], quads[c + 4]);
            let more_even = _mm512_shuffle_i32x4::<0x88>(quads[c + 8], quads[c + 12]);
            let more_odd = _mm512_shuffle_i32x4::<0xdd>(quads[c + 8], quads[c + 12]);
            out[c] = _mm512_shuffle_i32x4::<0x88>(even, more_even);
            out[c + 8] = _mm512_shuffle_i32x4::<0xdd>(even, more_even);
            out[c + 4] = _mm512_shuffle_i32x4::<0x88>(odd, more_odd);
            out[c + 12] = _mm512_shuffle_i32x4::<0xdd>(odd, more_odd);
        }
        out
    }

    /// Every row's value moved to the row below, and 0 to the first.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn down(a: Lanes) -> Lanes {
        _mm512_alignr_epi32::<15>(a, _mm512_setzero_si512())
    }

    /// Where the rows stand before the first step.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn behind_each_other() -> Lanes {
        _mm512_setr_epi32(0, -2, -4, -6, -8, -10, -12, -14, -16, -18, -20, -22, -24, -26, -28, -30)
    }

    /// `first` for rows at their first value but the first row, `otherwise` for the others.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn begin(at: Lanes, first: Lanes, otherwise: Lanes) -> Lanes {
        let begins = _mm512_mask_testn_epi32_mask(!1, at, at);
        _mm512_mask_mov_epi32(otherwise, begins, first)
    }

    /// `value` for rows at one of their `n` values, `otherwise` for the others.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn inside(at: Lanes, n: Lanes, value: Lanes, otherwise: Lanes) -> Lanes {
        _mm512_mask_mov_epi32(otherwise, _mm512_cmplt_epu32_mask(at, n), value)
    }
}

pub(super) mod avx2 {
    use super::*;

    wave! {
        "avx2", __m256i x 8,
        load _mm256_loadu_si256, store _mm256_storeu_si256, splat _mm256_set1_epi32,
        add _mm256_add_epi32, and _mm256_and_si256, mul _mm256_mullo_epi32, shift _mm256_sra_epi32,
        unpack _mm256_unpacklo_epi32 _mm256_unpackhi_epi32,
        unpack pairs _mm256_unpacklo_epi64 _mm256_unpackhi_epi64
    }

    /// The values of every row for a step, from the values of every step for a row, or back.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn transposed(rows: [Lanes; ROWS]) -> [Lanes; ROWS] {
        let (quads, mut out) = (quads(rows), rows);
        for c in 0..4 {
            out[c] = _mm256_permute2x128_si256::<0x20>(quads[c], quads[c + 4]);
            out[c + 4] = _mm256_permute2x128_si256::<0x31>(quads[c], quads[c + 4]);
        }
        out
    }

    /// Every row's value moved to the row below, and 0 to the first.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn down(a: Lanes) -> Lanes {
        _mm256_alignr_epi8::<12>(a, _mm256_permute2x128_si256::<0x08>(a, a))
    }

    /// Where the rows stand before the first step.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn behind_each_other() -> Lanes {
        _mm256_setr_epi32(0, -2, -4, -6, -8, -10, -12, -14)
    }

    /// `first` for rows at their first value but the first row, `otherwise` for the others.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn begin(at: Lanes, first: Lanes, otherwise: Lanes) -> Lanes {
        let begins = _mm256_cmpeq_epi32(at, _mm256_setzero_si256());
        let begins = _mm256_blend_epi32::<1>(begins, _mm256_setzero_si256());
        _mm256_blendv_epi8(otherwise, first, begins)
    }

    /// `value` for rows at one of their `n` values, `otherwise` for the others.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn inside(at: Lanes, n: Lanes, value: Lanes, otherwise: Lanes) -> Lanes {
        let inside =
            _mm256_andnot_si256(_mm256_cmpgt_epi32(_mm256_setzero_si256(), at), _mm256_cmpgt_epi32(n, at));
        _mm256_blendv_epi8(otherwise, value, inside)
    }
}
