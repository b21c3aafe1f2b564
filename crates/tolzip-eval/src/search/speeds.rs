//! What the recommended settings cost in time: the rates that the report's table of links stands on.

use super::outcome::Outcome;
use super::run::Running;
use crate::reduce::{BoundSpec, Setting};
use crate::transfer::Rates;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How fast a setting compresses and decompresses the training arrays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Speed {
    /// SHA-256 of what was measured and where; the line of the store that keeps it has the same.
    pub key: String,
    /// The method.
    pub method: String,
    /// The bound.
    pub bound: BoundSpec,
    /// Raw bytes of all training arrays.
    pub raw_bytes: u64,
    /// Compression ratio.
    pub ratio: f64,
    /// On one core, and on all that the search has: medians of five runs.
    pub rates: Vec<Rates>,
    /// Operating system, architecture and cores of the machine that measured.
    pub machine: String,
}

impl Running<'_> {
    /// The speeds of what is recommended, each setting once, by the order of the margins. What the store knows of this
    /// machine is not measured again.
    pub(super) fn speeds(&self, outcome: &Outcome) -> Vec<Speed> {
        let most = self.trainer.pool().current_num_threads();
        let cores: Vec<usize> = if most > 1 { vec![1, most] } else { vec![1] };
        let machine = format!("{} {}, {most} cores", std::env::consts::OS, std::env::consts::ARCH);
        let mut all: Vec<Speed> = Vec::new();
        for r in &outcome.recommendations {
            if all.iter().any(|s| s.method == r.method && s.bound == r.bound) {
                continue;
            }
            let setting = Setting { method: r.method.clone(), bound: r.bound.clone() };
            let words = format!(
                "{} {setting} {} {} {machine}",
                self.app.fingerprint(),
                self.trainer.raw(),
                self.reducer.name()
            );
            let key = crate::store::hex(&Sha256::digest(words));
            all.extend(self.trainer.speed(&key, || {
                let (raw_bytes, rates) =
                    super::candidates::rates(self.reducer, self.app.arrays(), &setting, &cores)?;
                let Setting { method, bound } = setting.clone();
                let machine = machine.clone();
                Some(Speed { key: key.clone(), method, bound, raw_bytes, ratio: r.ratio, rates, machine })
            }));
        }
        all
    }
}
