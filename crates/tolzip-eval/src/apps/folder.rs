//! Larger sets of the user's: every sub-folder of `$TOLZIP_DATA` that holds training and test data is an application.

use super::{Application, Failure, Part, Recorded, TrainingArray, kept, kept_classes, scopes_of};
use crate::data;
use crate::nn::{Boosting, Config, Scale, Target, boost, train};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use tolzip_core::{AnyArray, DType, Scope};

/// Features and labels in `.npy` files whose names begin with `x_train`, `y_train`, `x_test` and `y_test`.
///
/// Whole-number labels are classes: a perceptron is trained, log-loss is its metric, since accuracy is often at its ceiling.
/// Other labels are values: boosted trees, coefficient of determination. The last fifth of the training rows validates.
pub(super) struct Folder {
    id: String,
    summary: String,
    data: String,
    fingerprint: String,
    parts: Vec<TrainingArray>,
    labels: Labels,
    test: AnyArray,
    test_labels: Labels,
    classes: usize,
}

enum Labels {
    Classes(Vec<usize>),
    Values(Vec<f64>),
}

/// Where larger sets are.
fn root() -> Option<PathBuf> {
    std::env::var_os("TOLZIP_DATA").map(PathBuf::from)
}

/// The ids of what is there, sorted.
pub(super) fn ids() -> Vec<String> {
    let Some(entries) = root().and_then(|root| fs::read_dir(root).ok()) else { return Vec::new() };
    let folders = entries.filter_map(|e| Some(e.ok()?.path()));
    let mut ids: Vec<String> = folders
        .filter(|f| ["x_train", "y_train", "x_test", "y_test"].iter().all(|name| file(f, name).is_some()))
        .filter_map(|f| Some(f.file_name()?.to_str()?.to_owned()))
        .collect();
    ids.sort();
    ids
}

/// The application of this id, if there is such a sub-folder and it can be read.
pub(super) fn get(id: &str) -> Option<Folder> {
    ids().iter().any(|known| known == id).then(|| Folder::open(&root()?.join(id), id))?
}

/// The file whose name begins so.
fn file(folder: &Path, begin: &str) -> Option<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
    all.sort();
    all.into_iter().find(|p| {
        let name = p.file_name().and_then(|n| n.to_str()).unwrap_or("");
        let rest = name.strip_prefix(begin).and_then(|rest| rest.strip_suffix(".npy"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

impl Folder {
    fn open(folder: &Path, id: &str) -> Option<Self> {
        let mut hash = Sha256::new();
        let mut read = |name| {
            let bytes = fs::read(file(folder, name)?).ok()?;
            hash.update(&bytes);
            data::npy(&bytes)
        };
        let (x, y, test, test_y) = (read("x_train")?, read("y_train")?, read("x_test")?, read("y_test")?);
        let rows = |a: &AnyArray| a.shape().sides().first().copied().unwrap_or(0);
        let all = rows(&x);
        if all < 10
            || y.shape().len() != all
            || rows(&test) != test_y.shape().len()
            || x.dtype() != test.dtype()
        {
            return None;
        }
        let (mut labels, mut test_labels) = (Labels::of(&y)?, Labels::of(&test_y)?);
        if let (Labels::Classes(a), Labels::Classes(b)) = (&mut labels, &mut test_labels) {
            // Some count from 1.
            let low = a.iter().chain(b.iter()).copied().min().unwrap_or(0);
            a.iter_mut().chain(b.iter_mut()).for_each(|class| *class -= low);
        }
        let classes = labels.classes().max(test_labels.classes());
        let train = all - all / 5;
        let parts: Vec<TrainingArray> = [("train", 0, train), ("validation", train, all)]
            .into_iter()
            .map(|(name, from, to)| TrainingArray::table(name, data::rows(&x, from, to)))
            .collect();
        // What one part of a table keeps, the other has to keep as well.
        let exact = parts[0].exact.clone();
        let parts = parts.into_iter().map(|p| TrainingArray { exact: exact.clone(), ..p }).collect();
        let kind = if classes > 0 { format!("{classes} classes") } else { "values".to_owned() };
        Some(Self {
            id: id.to_owned(),
            summary: format!("{id} of $TOLZIP_DATA, {kind}"),
            data: format!(
                "{} {} for training, of which {} rows validate, {} for the test",
                x.dtype(),
                x.shape(),
                all - train,
                test.shape()
            ),
            fingerprint: format!("folder|{id}|{}", crate::store::hex(&hash.finalize())),
            parts,
            labels,
            test,
            test_labels,
            classes,
        })
    }
}

impl Labels {
    fn of(array: &AnyArray) -> Option<Self> {
        let values = crate::metrics::to_f64(array);
        if array.dtype().is_float() {
            return Some(Self::Values(values));
        }
        // More classes than these are numbers of something.
        let class = |v: f64| (0.0..1000.0).contains(&v).then_some(v as usize);
        match values.iter().map(|&v| class(v)).collect::<Option<Vec<usize>>>() {
            Some(classes) => Some(Self::Classes(classes)),
            None => Some(Self::Values(values)),
        }
    }

    fn classes(&self) -> usize {
        match self {
            Self::Classes(all) => all.iter().max().map_or(0, |top| top + 1),
            Self::Values(_) => 0,
        }
    }
}

impl Application for Folder {
    fn id(&self) -> &str {
        &self.id
    }
    fn summary(&self) -> &str {
        &self.summary
    }
    fn data(&self) -> &str {
        &self.data
    }
    fn model(&self) -> &str {
        match self.labels {
            Labels::Classes(_) => {
                "standardised features, perceptron with a hidden layer of 64, Adam, 20 epochs of batches of 32, weights of the best \
                 validation epoch"
            }
            Labels::Values(_) => {
                "gradient-boosted trees: 120 of 31 leaves, rate 0.1, each on a random 90 % of the rows"
            }
        }
    }
    fn metric(&self) -> &str {
        if self.classes > 0 { "log_loss" } else { "r2" }
    }
    fn maximize(&self) -> bool {
        self.classes == 0
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: f64::NAN, std: f64::NAN, seeds: 0, seconds: f64::NAN }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &self.parts
    }
    fn scopes(&self) -> Vec<Scope> {
        scopes_of(&self.parts[0])
    }
    fn fingerprint(&self) -> Cow<'_, str> {
        self.fingerprint.as_str().into()
    }

    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        self.train_and_test(parts, None, seed)
    }
    fn test(&self) -> Option<TrainingArray> {
        let exact = self.parts[0].exact.clone();
        Some(TrainingArray { exact, ..TrainingArray::new("test", self.test.clone()) })
    }

    fn train_and_test(&self, parts: &[Part], test: Option<&AnyArray>, seed: u64) -> Result<f64, Failure> {
        let [train_part, val_part] = parts else { return Err(Failure::new("two arrays expected")) };
        let split = self.parts[0].array.shape().sides()[0];
        let x = data::matrix(&train_part.array);
        let test_x = data::matrix(test.unwrap_or(&self.test));
        match (&self.labels, &self.test_labels) {
            (Labels::Classes(labels), Labels::Classes(truth)) => {
                let y = kept_classes(&labels[..split], train_part, self.classes)?;
                let val_y = kept(&labels[split..], val_part)?;
                let scale = Scale::of(&x);
                let val_x = scale.apply(&data::matrix(&val_part.array));
                let config =
                    Config { hidden: &[64], epochs: 20, batch: 32, learning_rate: 1e-3, decay: 1e-2 };
                let model = train(
                    &config,
                    (&scale.apply(&x), Target::Classes(&y, self.classes)),
                    (&val_x, Target::Classes(&val_y, self.classes)),
                    seed,
                );
                Ok(super::score::log_loss(&model.probabilities(&scale.apply(&test_x)), truth))
            }
            (Labels::Values(labels), Labels::Values(truth)) => {
                let y = kept(&labels[..split], train_part)?;
                let config = Boosting { trees: 120, leaves: 31, least: 20, rate: 0.1, bagging: 0.9 };
                Ok(super::score::r2(&boost(&config, &x, &y, seed).predict(&test_x), truth))
            }
            _ => Err(Failure::new("labels of training and test are of different kinds")),
        }
    }
}

/// The type that a description of `numpy.save` names.
pub(crate) fn dtype(descr: &str) -> Option<DType> {
    Some(match descr {
        "<f4" => DType::F32,
        "<f8" => DType::F64,
        "<f2" => DType::F16,
        "|u1" => DType::U8,
        "|i1" => DType::I8,
        "<u2" => DType::U16,
        "<i2" => DType::I16,
        "<u4" => DType::U32,
        "<i4" => DType::I32,
        "<u8" => DType::U64,
        "<i8" => DType::I64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(descr: &str, sides: &str, bytes: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sides}), }}\n");
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), bytes].concat()
    }

    fn set(folder: &Path, labels: (&str, &dyn Fn(usize) -> Vec<u8>)) {
        fs::create_dir_all(folder).unwrap();
        for (part, rows, from) in [("train", 200, 0), ("test", 50, 1000)] {
            let x: Vec<u8> = (from..from + rows)
                .flat_map(|i| {
                    let sign = if i % 2 == 0 { 1.0 } else { -1.0f32 };
                    [sign + (i as f32 * 0.37).sin() * 0.5, (i as f32 * 0.11).cos()]
                })
                .flat_map(f32::to_le_bytes)
                .collect();
            fs::write(folder.join(format!("x_{part}_f32.npy")), npy("<f4", &format!("{rows}, 2"), &x))
                .unwrap();
            let y: Vec<u8> = (from..from + rows).flat_map(labels.1).collect();
            fs::write(folder.join(format!("y_{part}.npy")), npy(labels.0, &format!("{rows},"), &y)).unwrap();
        }
    }

    #[test]
    fn folders_are_applications() {
        let root = tempfile::tempdir().unwrap();
        let (kinds, values) = (root.path().join("kinds"), root.path().join("values"));
        set(&kinds, ("|u1", &|i| vec![(i % 2) as u8]));
        set(&values, ("<f8", &|i| (if i % 2 == 0 { 3.0f64 } else { -3.0 }).to_le_bytes().to_vec()));
        let quality = |folder: &Path| {
            let app = Folder::open(folder, "it").unwrap();
            let parts: Vec<Part> = app.arrays().iter().map(Part::from).collect();
            assert_eq!(parts[1].array.shape().sides(), [40, 2]);
            (app.metric().to_owned(), app.train(&parts, 1).unwrap())
        };
        let (metric, loss) = quality(&kinds);
        assert!(metric == "log_loss" && loss < 0.2, "{loss}");
        let (metric, r2) = quality(&values);
        assert!(metric == "r2" && r2 > 0.9, "{r2}");
        // The labels are part of what results are stored under.
        let before = Folder::open(&kinds, "it").unwrap().fingerprint;
        set(&kinds, ("|u1", &|i| vec![(i % 3) as u8]));
        assert_ne!(before, Folder::open(&kinds, "it").unwrap().fingerprint);
        fs::remove_file(kinds.join("y_test.npy")).unwrap();
        assert!(Folder::open(&kinds, "it").is_none());
    }
}
