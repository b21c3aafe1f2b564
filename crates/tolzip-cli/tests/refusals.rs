//! Bad input of every kind: a message that says what is wrong, exit code 2, and nothing left behind.

mod common;

use common::{Folder, field};
use tolzip::{AnyArray, Array, Shape};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[20, 30]));
    folder.write("x.f32", &[0; 1000]);
    folder
}

#[test]
fn bounds() {
    let folder = folder();
    let run = |words: &str| folder.run(&format!("compress x.npy -o y.tlz {words}"));
    run("").refused(&["a bound is missing", "--abs E"]);
    run("--abs 0").refused(&["--lossless"]);
    run("--rel -1").refused(&["finite number above 0"]);
    run("--rel -1e-3").refused(&["finite number above 0"]);
    run("--abs nan").refused(&["finite number above 0"]);
    run("--abs inf").refused(&["finite number above 0"]);
    run("--pw-rel 1e-3x").refused(&["not a number"]);
    run("--abs 1 --rel 1").refused(&["cannot be used with"]);
    run("--abs 1 --lossless").refused(&["cannot be used with"]);
    run("--norm 80").refused(&["--norm", "bounds are --abs E", "--l2"]);
    run("--psnr high").refused(&["decibels"]);
    run("--abs-and-rel 1").refused(&["as in 0.5,1e-3"]);
    run("--ratio 1e9").refused(&["no bound reaches a ratio of 1000000000:", "reaches"]);
    run("--psnr -3").refused(&["decibels above 0"]);
    folder.run("bench x.npy --rate 8").refused(&["transform:mode=rate,rate=8"]);
    run("--abs 1 --by column --by row").refused(&["--by"]);
    run("--abs 1 --by columns").refused(&["one of column, row, axis=K"]);
    run("--abs 1 --by axis=5").refused(&["axis 5", "2 dimensions"]);
    run("--abs 1 --non-finite drop").refused(&["preserve, deny, mask"]);
    run("--abs 1 --fill-value none").refused(&["not a number"]);
    run("--abs 1 --chunk 4").refused(&["--chunk 4", "1 side", "2 dimensions"]);
    assert_eq!(folder.files(), ["x.f32", "x.npy"]);
}

#[test]
fn a_bound_by_column_needs_columns() {
    let folder = folder();
    folder.save("line.npy", &field(&[100]));
    for by in ["column", "row"] {
        folder.run(&format!("compress line.npy --rel 1e-3 --by {by}")).refused(&[
            "line.npy",
            "at least 2 dimensions",
            "has 1",
        ]);
    }
}

#[test]
fn methods() {
    let folder = folder();
    let run = |words: &str| folder.run(&format!("compress x.npy -o y.tlz {words}"));
    run("--rel 1e-3 --method sz3").refused(&["sz3"]);
    run("--rel 1e-3 --method predict:speed=2").refused(&["speed"]);
    run("--lossless --method lossless:level=9").refused(&["level"]);
    run("--rel 1e-3 --method predict:predictor").refused(&["predictor", "key=value"]);
    run("--rel 1e-3 --method lossless").refused(&["lossless takes no rel bound", "--lossless"]);
    run("--rel 1e-3 --method bitround:bits=7").refused(&["no bound, its settings decide"]);
    folder.run("bench x.npy --rel 1e-2 --methods predict,sz3").refused(&["sz3"]);
    folder.run("bench x.npy --rel 1e-2,x --methods predict").refused(&["not a number"]);
    folder.run("bench x.npy --rel 1e-2 --repeat 0").refused(&["repeat"]);
    assert_eq!(folder.files(), ["x.f32", "x.npy"]);
}

#[test]
fn raw_files() {
    let folder = folder();
    let run = |words: &str| folder.run(&format!("compress x.f32 -o y.tlz --abs 1 {words}"));
    run("").refused(&["x.f32", "1000 bytes", "--dtype f32 --shape"]);
    run("--dtype f32").refused(&["1000 bytes", "250 values of f32"]);
    run("--dtype f32 --shape 10x30").refused(&["1000 bytes", "10x30 of f32 needs 1200"]);
    run("--dtype f32 --shape 10x20").refused(&["needs 800"]);
    run("--dtype float32 --shape 250").refused(&["f32 is its name"]);
    run("--dtype q7 --shape 250").refused(&["one of f32 f64"]);
    run("--dtype f32 --shape 10,25").refused(&["joined by x"]);
    run("--dtype f32 --shape 99999999999x99999999999").refused(&["too large"]);
    folder.run_with("compress - -o y.tlz --abs 1", b"12345").refused(&["5 bytes"]);
    assert_eq!(folder.files(), ["x.f32", "x.npy"]);
}

#[test]
fn npy_and_npz_files() {
    let folder = folder();
    let npy = folder.read("x.npy");
    folder.write("short.npy", &npy[..npy.len() - 100]);
    folder.write("head.npy", &npy[..50]);
    folder.write("empty.npy", b"");
    folder.write("data.npz", b"PK\x03\x04 and then nothing");
    let run = |words: &str| folder.run(&format!("compress {words} -o y.tlz --abs 1"));
    run("short.npy").refused(&["2300 bytes", "20x30 of f32 needs 2400"]);
    run("head.npy").refused(&["ends within the header"]);
    run("empty.npy").refused(&["magic bytes"]);
    run("data.npz:x").refused(&["npz archive"]);
    run("missing.npy").refused(&["missing.npy", "No such file"]);
    run(".").refused(&["is a folder"]);
    run("x.npy --shape 30x20").refused(&["shape 20x30, not shape 30x20"]);
    run("x.npy --dtype f64").refused(&["f32, not f64"]);
    assert!(!folder.files().contains(&"y.tlz".to_owned()));
}

#[test]
fn outputs() {
    let folder = folder();
    folder.write("there.tlz", b"precious");
    folder.run("compress x.npy -o there.tlz --abs 1").refused(&["there.tlz exists", "-f"]);
    assert_eq!(folder.read("there.tlz"), b"precious");
    folder.run("compress x.npy -o no/such/folder.tlz --abs 1").refused(&["No such file"]);
    folder.run("compress x.npy -o . --abs 1").refused(&["is a folder"]);
    folder.run("compress x.npy -o - --abs 1 --json").refused(&["--json"]);
    folder.run("compress x.npy -o there.tlz --abs 1 -f").ok();
    // Not even with -f: what the bound allows to be lost would be.
    let original = folder.read("x.npy");
    folder.run("compress x.npy -o ./x.npy --abs 1 -f").refused(&["x.npy", "input itself"]);
    folder.run("decompress there.tlz -o there.tlz -f").refused(&["input itself"]);
    assert_eq!(folder.read("x.npy"), original);
    folder.run("decompress there.tlz -o x.npy").refused(&["x.npy exists"]);
    folder.run("decompress x.npy").refused(&["does not end with .tlz"]);
    assert_eq!(folder.files(), ["there.tlz", "x.f32", "x.npy"]);
}

#[test]
fn streams() {
    let folder = folder();
    folder.run("compress x.npy --abs 1e-3 --chunk 8x8").ok();
    let stream = folder.read("x.npy.tlz");
    for verb in ["decompress bad.tlz -o y.npy", "inspect bad.tlz", "verify x.npy bad.tlz"] {
        folder.write("bad.tlz", &folder.read("x.npy"));
        folder.run(verb).refused(&["bad.tlz", "not a tolzip stream"]);
        folder.write("bad.tlz", b"");
        folder.run(verb).refused(&["bad.tlz"]);
        folder.write("bad.tlz", &stream[..stream.len() / 2]);
        folder.run(verb).refused(&["bad.tlz"]);
        // The major version stands behind the 8 magic bytes.
        let mut newer = stream.clone();
        newer[8] = 9;
        folder.write("bad.tlz", &newer);
        folder.run(verb).refused(&["version 9", "update tolzip"]);
    }
    let region = |words: &str| folder.run(&format!("decompress x.npy.tlz -o y.npy --region {words}"));
    region("5:3,:").refused(&["5:3 along axis 0", "ends before it begins"]);
    region("0:21,:").refused(&["0:21 along axis 0", "0 to 19"]);
    region("-3:,:").refused(&["no range"]);
    region(":").refused(&["1 ranges", "2 dimensions"]);
    folder.run("decompress x.npy.tlz -o y.npy --limit 100").refused(&["2400", "100", "--limit"]);
    assert!(!folder.files().contains(&"y.npy".to_owned()));
}

#[test]
fn arrays_that_are_not_the_original() {
    let folder = folder();
    folder.run("compress x.npy --abs 1e-3").ok();
    folder.save("other.npy", &field(&[30, 20]));
    folder.run("verify other.npy x.npy.tlz").refused(&["30x20", "20x30", "not the same array"]);
    let doubles = Array::new(vec![0f64; 600], Shape::new(&[20, 30]).unwrap()).unwrap();
    folder.save("other.npy", &AnyArray::from(doubles));
    folder.run("verify other.npy x.npy.tlz").refused(&["f64", "f32"]);
}
