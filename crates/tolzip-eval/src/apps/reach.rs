//! How far compression reaches: into training and validation features as a rule, into the first of them alone, or also into
//! what the model is tested on.

use super::{Application, Failure, Part, Recorded, TrainingArray};
use std::borrow::Cow;
use tolzip_core::Scope;

/// An application of whose arrays fewer or more are compressed.
pub struct Reach {
    inner: Box<dyn Application>,
    arrays: Vec<TrainingArray>,
    data: String,
    /// Whether the last array is the test set.
    test: bool,
}

impl Reach {
    /// Only the training features are compressed; validation stays as it is.
    #[must_use]
    pub fn train_only(inner: Box<dyn Application>) -> Self {
        let arrays = inner.arrays()[..1].to_vec();
        let data = format!("{}; only the training features are compressed", inner.data());
        Self { inner, arrays, data, test: false }
    }

    /// The test features are compressed like the rest, as they will be where a deployed model is fed with compressed data.
    /// What is asked of the model stays the original's. `None` if the application keeps its test set to itself.
    #[must_use]
    pub fn with_test(inner: Box<dyn Application>) -> Option<Self> {
        let test = inner.test()?;
        let arrays = inner.arrays().iter().cloned().chain([test]).collect();
        let data = format!("{}; the test features are compressed, too", inner.data());
        Some(Self { inner, arrays, data, test: true })
    }
}

impl Application for Reach {
    fn id(&self) -> &str {
        self.inner.id()
    }
    fn summary(&self) -> &str {
        self.inner.summary()
    }
    fn data(&self) -> &str {
        &self.data
    }
    fn model(&self) -> &str {
        self.inner.model()
    }
    fn metric(&self) -> &str {
        self.inner.metric()
    }
    fn maximize(&self) -> bool {
        self.inner.maximize()
    }
    fn recorded(&self) -> Recorded {
        self.inner.recorded()
    }
    fn arrays(&self) -> &[TrainingArray] {
        &self.arrays
    }
    fn scopes(&self) -> Vec<Scope> {
        self.inner.scopes()
    }
    /// A test set has to stay whole.
    fn takes_samples(&self) -> bool {
        !self.test && self.inner.takes_samples()
    }
    fn deterministic(&self) -> bool {
        self.inner.deterministic()
    }
    fn fingerprint(&self) -> Cow<'_, str> {
        format!("{}|{}", self.inner.fingerprint(), if self.test { "test too" } else { "train only" }).into()
    }

    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        if self.test {
            let (test, parts) = parts.split_last().ok_or_else(|| Failure::new("a test set expected"))?;
            return self.inner.train_and_test(parts, Some(&test.array), seed);
        }
        let rest = self.inner.arrays().iter().skip(parts.len()).map(Part::from);
        let all: Vec<Part> = parts.iter().cloned().chain(rest).collect();
        self.inner.train(&all, seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::{get, list};
    use tolzip_core::AnyArray;

    fn raw(app: &dyn Application) -> Vec<Part> {
        app.arrays().iter().map(Part::from).collect()
    }

    fn zeros(array: &AnyArray) -> AnyArray {
        let bytes = vec![0; array.to_le_bytes().len()];
        AnyArray::from_le_bytes(array.dtype(), array.shape(), &bytes).unwrap()
    }

    #[test]
    fn raw_arrays_train_the_same_however_far_it_reaches() {
        for info in list() {
            let app = get(&info.id).unwrap();
            let base = app.train(&raw(app.as_ref()), 3).unwrap();
            let all = app.arrays().len();
            let only = Reach::train_only(get(&info.id).unwrap());
            assert_eq!(only.arrays().len(), 1);
            assert_eq!(only.train(&raw(&only), 3), Ok(base), "{}", info.id);
            let test = Reach::with_test(get(&info.id).unwrap()).unwrap();
            assert_eq!(test.arrays().len(), all + 1);
            assert_eq!(test.train(&raw(&test), 3), Ok(base), "{}", info.id);
            assert_ne!(app.fingerprint(), only.fingerprint());
            assert_ne!(test.fingerprint(), only.fingerprint());

            // And the test set matters.
            let mut parts = raw(&test);
            parts[all].array = zeros(&parts[all].array);
            let worse = test.train(&parts, 3).unwrap();
            assert!(if app.maximize() { worse < base } else { worse > base }, "{}: {worse}", info.id);
        }
    }
}
