//! Bits gathered and counted by a mask, and whole programs compiled for CPUs that have an instruction for it.

/// How bits are gathered and counted.
pub trait Gather: Copy {
    /// Whether there is an instruction, so that it pays to make use of it.
    const IS_FAST: bool;

    /// The bits of `x` where `mask` has ones, side by side at the bottom.
    fn gather(self, x: u64, mask: u64) -> u64;

    /// The place of the one number `n` in `mask`, from the lowest, which is number 0; 64 if there are not so many. `n` is below
    /// 64.
    fn place(self, mask: u64, n: u32) -> u32;

    /// For every bit of `x`, whether the number of ones up to and including it is odd.
    fn parities(self, x: u64) -> u64;
}

/// One bit after another: the definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneByOne;

impl Gather for OneByOne {
    const IS_FAST: bool = false;

    fn gather(self, x: u64, mut mask: u64) -> u64 {
        let (mut out, mut at) = (0, 0);
        while mask != 0 {
            out |= (x >> mask.trailing_zeros() & 1) << at;
            at += 1;
            mask &= mask - 1;
        }
        out
    }

    fn place(self, mut mask: u64, n: u32) -> u32 {
        for _ in 0..n {
            mask &= mask.wrapping_sub(1);
        }
        mask.trailing_zeros()
    }

    #[inline(always)]
    fn parities(self, mut x: u64) -> u64 {
        for by in [1, 2, 4, 8, 16, 32] {
            x ^= x << by;
        }
        x
    }
}

/// A program that [`run`] compiles twice. Only what is inlined into `run` gets the better instructions.
pub trait Program {
    /// What it returns.
    type Output;

    /// To be marked `#[inline(always)]`.
    fn run(self, gather: impl Gather) -> Self::Output;
}

/// Runs a program with what the CPU has: BMI1 and BMI2 where gathering is one fast instruction, else plain code.
#[inline]
pub fn run<P: Program>(program: P) -> P::Output {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    {
        #[target_feature(enable = "bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
        fn with_bmi2<P: Program>(program: P, gather: Bmi2) -> P::Output {
            program.run(gather)
        }
        if let Some(gather) = Bmi2::detect() {
            // SAFETY: the features that the function is compiled for were just found.
            return unsafe { with_bmi2(program, gather) };
        }
    }
    program.run(OneByOne)
}

/// Proof that the CPU has BMI1, BMI2, LZCNT, POPCNT and PCLMULQDQ. Only made by looking.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[derive(Clone, Copy)]
struct Bmi2(());

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
impl Bmi2 {
    #[inline]
    fn detect() -> Option<Self> {
        use crate::cpu::{Cpu, cpu};
        use std::arch::is_x86_feature_detected as has;
        // AMD's CPUs before Zen 3 gather by microcode, a bit at a time. They don't have the last two features.
        let (avx512, zen3) = (has!("avx512f"), has!("vpclmulqdq"));
        (cpu() >= Cpu::Avx2 && has!("pclmulqdq") && (avx512 || zen3)).then_some(Self(()))
    }
}

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
impl Gather for Bmi2 {
    const IS_FAST: bool = true;

    #[inline(always)]
    fn gather(self, x: u64, mask: u64) -> u64 {
        // SAFETY: `self` proves that the CPU has BMI2.
        unsafe { core::arch::x86_64::_pext_u64(x, mask) }
    }

    #[inline(always)]
    fn place(self, mask: u64, n: u32) -> u32 {
        // SAFETY: as above.
        unsafe { core::arch::x86_64::_pdep_u64(1 << (n % 64), mask) }.trailing_zeros()
    }

    #[inline(always)]
    fn parities(self, x: u64) -> u64 {
        use core::arch::x86_64::*;
        // The product with all ones, without carries.
        // SAFETY: `self` proves that the CPU has PCLMULQDQ; the rest is SSE2.
        unsafe {
            let product = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(x as i64), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product) as u64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct GatherOne(u64, u64, u32);

    impl Program for GatherOne {
        type Output = (u64, u32, u64);
        #[inline(always)]
        fn run(self, gather: impl Gather) -> (u64, u32, u64) {
            (gather.gather(self.0, self.1), gather.place(self.1, self.2), gather.parities(self.0))
        }
    }

    proptest! {
        #[test]
        fn the_instructions_agree_with_the_definition(x: u64, mask: u64, n in 0u32..64) {
            let expected = (OneByOne.gather(x, mask), OneByOne.place(mask, n), OneByOne.parities(x));
            prop_assert_eq!(run(GatherOne(x, mask, n)), expected);
        }
    }

    #[test]
    fn bits_come_side_by_side() {
        assert_eq!(OneByOne.gather(0b1010_0110, 0b1110_0010), 0b1011);
        assert_eq!(OneByOne.gather(u64::MAX, u64::MAX), u64::MAX);
        assert_eq!(OneByOne.gather(u64::MAX, 0), 0);
        assert_eq!([0, 1, 2].map(|n| OneByOne.place(0b1010_0000, n)), [5, 7, 64]);
        assert_eq!(OneByOne.parities(0b1001_0100), !0 << 7 | 0b1100);
    }
}
