//! `docs/guarantees.md` names the test behind each promise: the tests it names are there, and no promise is without one.

use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/guarantees.md");

/// Parts of the page, of which the last two promise nothing.
fn promises() -> impl Iterator<Item = String> {
    let promising = PAGE.split("\n## What is not promised").next().expect("a first part");
    promising.split("\n- ").skip(1).map(|item| item.split("\n\n").next().unwrap_or(item).replace('\n', " "))
}

/// The links of a promise: text and target.
fn links(promise: &str) -> Vec<(&str, &str)> {
    let parts = promise.split("](").collect::<Vec<_>>();
    parts
        .windows(2)
        .map(|pair| {
            let text = pair[0].rsplit('[').next().expect("a part");
            (text, pair[1].split(')').next().expect("a part"))
        })
        .collect()
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut tests = 0;
    for promise in promises() {
        let named: Vec<(&str, &str)> =
            links(&promise).into_iter().filter(|(text, _)| text.starts_with('`')).collect();
        assert!(!named.is_empty(), "no test stands behind: {promise}");
        for (text, file) in named {
            let source = fs::read_to_string(docs.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
            let name = text.trim_matches('`');
            if file.ends_with(".rs") {
                let (before, _) = source
                    .split_once(&format!("fn {name}("))
                    .unwrap_or_else(|| panic!("{file} has no test {name}, which stands behind: {promise}"));
                let attribute = before.trim_end().rsplit("\n\n").next().expect("a part");
                assert!(attribute.contains("#[test]"), "{name} of {file} is not a test");
            } else {
                assert!(source.contains(name), "{file} has no {name}, which stands behind: {promise}");
            }
            tests += 1;
        }
    }
    assert!(tests >= 20, "only {tests} tests are named");
}
