//! Which versions of the kernels run.
//!
//! All versions give the same results, so nothing but speed depends on it. Tests force it: the environment variable
//! `TOLZIP_SIMD`, read once, takes one of the names that [`level`] gives and leaves out what is above it.

/// The versions that there are, from slow to fast.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cpu {
    /// The scalar definitions, because that is asked for.
    Scalar = 1,
    /// What every CPU of the architecture has, and single instructions beyond it where they were looked for.
    Baseline,
    /// AVX2 and what came with it: BMI1, BMI2, LZCNT, POPCNT.
    Avx2,
    /// Also AVX-512 with the parts that came with its first servers: F, BW, CD, DQ, VL.
    Avx512,
}

/// What the CPU has. Kernels are called for rows and tiles: the answer is kept in one place.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[inline]
pub(crate) fn cpu() -> Cpu {
    use core::sync::atomic::{AtomicU8, Ordering};
    static KNOWN: AtomicU8 = AtomicU8::new(0);
    match KNOWN.load(Ordering::Relaxed) {
        1 => Cpu::Scalar,
        2 => Cpu::Baseline,
        3 => Cpu::Avx2,
        4 => Cpu::Avx512,
        _ => {
            let cpu = detect().min(most(std::env::var("TOLZIP_SIMD").as_deref().unwrap_or_default()));
            KNOWN.store(cpu as u8, Ordering::Relaxed);
            cpu
        }
    }
}

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[cold]
fn detect() -> Cpu {
    use std::is_x86_feature_detected as has;
    if !has!("avx2") || !has!("bmi1") || !has!("bmi2") || !has!("lzcnt") || !has!("popcnt") {
        return Cpu::Baseline;
    }
    if has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512dq") && has!("avx512cd") {
        return Cpu::Avx512;
    }
    Cpu::Avx2
}

/// The most that the variable's text allows: any other text than a level's name allows everything.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
fn most(text: &str) -> Cpu {
    match text {
        "scalar" => Cpu::Scalar,
        "baseline" => Cpu::Baseline,
        "avx2" => Cpu::Avx2,
        _ => Cpu::Avx512,
    }
}

/// The name of what runs: `avx512`, `avx2`, `baseline` or `scalar`. Elsewhere than on x86-64 there is one version, compiled for
/// the target: `neon` where that is the target's baseline, else `scalar`.
#[must_use]
pub fn level() -> &'static str {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    return match cpu() {
        Cpu::Scalar => "scalar",
        Cpu::Baseline => "baseline",
        Cpu::Avx2 => "avx2",
        Cpu::Avx512 => "avx512",
    };
    #[cfg(not(all(feature = "dispatch", target_arch = "x86_64")))]
    if cfg!(target_feature = "neon") { "neon" } else { "scalar" }
}

#[cfg(all(test, feature = "dispatch", target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn no_text_allows_more_than_the_cpu_has() {
        for text in ["scalar", "baseline", "avx2", "avx512", "", "anything"] {
            assert!(detect().min(most(text)) <= detect());
        }
        assert_eq!(most("scalar").min(detect()), Cpu::Scalar);
        assert!(cpu() <= detect());
        assert!(["scalar", "baseline", "avx2", "avx512"].contains(&level()));
    }
}
