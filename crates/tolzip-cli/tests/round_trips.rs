//! Files in, files out: every format, standard streams, regions.

mod common;

use common::{Folder, field, table};
use tolzip::{AnyArray, Array, DType, F16, Shape};

fn f32s(array: &AnyArray) -> Vec<f32> {
    match array {
        AnyArray::F32(a) => a.values().to_vec(),
        other => panic!("{}", other.dtype()),
    }
}

fn largest_difference(a: &AnyArray, b: &AnyArray) -> f32 {
    f32s(a).iter().zip(f32s(b)).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
}

#[test]
fn npy_to_stream_and_back() {
    let folder = Folder::new();
    let original = field(&[20, 30, 40]);
    folder.save("x.npy", &original);
    let done = folder.run("compress x.npy --abs 0.05").ok();
    assert!(done.stdout.is_empty() && done.stderr.contains("ratio"), "{}", done.stderr);
    folder.run("decompress x.npy.tlz -o y.npy").ok();
    let back = folder.array("y.npy");
    assert_eq!(back.shape(), original.shape());
    let difference = largest_difference(&original, &back);
    assert!(difference > 0.0 && difference <= 0.05, "{difference}");
    assert_eq!(folder.files(), ["x.npy", "x.npy.tlz", "y.npy"]);
}

#[test]
fn raw_files_come_back_as_raw_files() {
    let folder = Folder::new();
    let original = field(&[50, 60]);
    folder.write("x.f32", &original.to_le_bytes());
    folder.run("compress x.f32 --dtype f32 --shape 50x60 --lossless").ok();
    std::fs::remove_file(folder.path("x.f32")).unwrap();
    folder.run("decompress x.f32.tlz").ok();
    assert_eq!(folder.read("x.f32"), original.to_le_bytes());
    folder.run("verify x.f32 x.f32.tlz").ok();
}

#[test]
fn members_of_archives() {
    let folder = Folder::new();
    folder.save("data.npz:train", &table(500));
    folder.run("compress data.npz:train --lossless").ok();
    folder.run("compress data.npz -o same.tlz --lossless").ok();
    assert_eq!(folder.read("same.tlz"), folder.read("data.train.npy.tlz"));
    folder.run("verify data.npz:train same.tlz").ok();
    folder.run("decompress same.tlz -o out.npz:train").ok();
    assert_eq!(folder.array("out.npz:train"), table(500));
    folder.run("decompress data.train.npy.tlz").ok();
    assert_eq!(folder.array("data.train.npy"), table(500));
}

#[test]
fn standard_streams() {
    let folder = Folder::new();
    let original = field(&[40, 50]);
    folder.save("x.npy", &original);
    let npy = folder.read("x.npy");
    let stream = folder.run_with("compress - --lossless", &npy).ok().stdout;
    assert_eq!(folder.run_with("decompress -", &stream).ok().stdout, npy);
    let raw = folder.run_with("decompress - --format raw", &stream).ok().stdout;
    assert_eq!(raw, original.to_le_bytes());
    let again = folder.run_with("compress - -o - --dtype f32 --shape 40x50 --lossless", &raw).ok().stdout;
    assert_eq!(again, stream);
    folder.write("x.tlz", &stream);
    folder.run_with("verify - x.tlz", &npy).ok();
    let info = folder.run_with("inspect - --json", &stream).ok().json();
    assert_eq!(info["shape"], serde_json::json!([40, 50]));
}

#[test]
fn every_type_is_kept_bit_for_bit() {
    let folder = Folder::new();
    for dtype in DType::ALL {
        let shape = Shape::new(&[6, 64 / dtype.size()]).unwrap();
        let bytes: Vec<u8> = (0..6 * 64u32).map(|i| (i * i / 7) as u8).collect();
        folder.write("x.raw", &bytes);
        folder.run(&format!("compress x.raw --dtype {dtype} --shape {shape} --lossless -f")).ok();
        folder.run("decompress x.raw.tlz -o y.raw -f").ok();
        assert_eq!(folder.read("y.raw"), bytes, "{dtype}");
        assert_eq!(folder.run("inspect x.raw.tlz --json").ok().json()["dtype"], dtype.name());
    }
}

#[test]
fn halves_hold_the_bound_in_their_own_type() {
    let folder = Folder::new();
    let values = (0..5000).map(|i| F16::from_f32((i as f32 * 0.01).sin())).collect();
    folder.save("x.npy", &Array::new(values, Shape::new(&[50, 100]).unwrap()).unwrap().into());
    folder.run("compress x.npy --abs 0.01").ok();
    folder.run("verify x.npy x.npy.tlz").ok();
    folder.run("compress x.npy -o b.tlz --dtype bf16 --abs 0.01").refused(&["holds f16, not bf16"]);
}

#[test]
fn regions_are_parts_of_the_whole() {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[20, 30, 40]));
    folder.run("compress x.npy --abs 0.01 --chunk 8x8x16").ok();
    folder.run("decompress x.npy.tlz -o whole.npy").ok();
    folder.run("decompress x.npy.tlz -o part.npy --region 3:12,:,7").ok();
    let (whole, part) = (f32s(&folder.array("whole.npy")), folder.array("part.npy"));
    assert_eq!(part.shape().sides(), [9, 30, 1]);
    for (i, x) in f32s(&part).into_iter().enumerate() {
        assert_eq!(x, whole[(3 + i / 30) * 1200 + (i % 30) * 40 + 7]);
    }
    folder.run("decompress x.npy.tlz -o p2.npy --region 3:12,:").refused(&["2 ranges", "3 dimensions"]);
    folder.run("decompress x.npy.tlz -o p2.npy --region 3:12,:,39:41").refused(&["axis 2", "0 to 39"]);
    folder.run("decompress x.npy.tlz -o p2.npy --region 3:x,:,:").refused(&["\"3:x\" is no range"]);
}

#[test]
fn the_bytes_do_not_depend_on_threads() {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[30, 40, 50]));
    folder.run("compress x.npy -o a.tlz --rel 1e-3 --chunk 16x16x16 -T 1").ok();
    folder.run("compress x.npy -o b.tlz --rel 1e-3 --chunk 16x16x16 --threads 3").ok();
    assert_eq!(folder.read("a.tlz"), folder.read("b.tlz"));
}

#[test]
fn columns_hold_bounds_of_their_own() {
    let folder = Folder::new();
    folder.save("t.npy", &table(2000));
    folder.run("compress t.npy --rel 1e-3 --by column").ok();
    folder.run("verify t.npy t.npy.tlz").ok();
    let info = folder.run("inspect t.npy.tlz --json").ok().json();
    assert_eq!(info["axis"], 1);
    let (AnyArray::F64(x), _) = (table(2000), ()) else { panic!() };
    folder.run("decompress t.npy.tlz -o back.npy").ok();
    let AnyArray::F64(y) = folder.array("back.npy") else { panic!() };
    for (a, b) in x.values().iter().zip(y.values()).skip(2).step_by(3) {
        assert!((a - b).abs() <= 2.1e-9, "{a} {b}");
    }
}

#[test]
fn missing_values_are_kept() {
    let folder = Folder::new();
    let mut values = f32s(&field(&[40, 40]));
    values[7] = f32::NAN;
    values[8] = f32::INFINITY;
    for v in &mut values[100..200] {
        *v = 1e20;
    }
    folder.save("x.npy", &Array::new(values, Shape::new(&[40, 40]).unwrap()).unwrap().into());
    let told = folder.run("compress x.npy --rel 1e-3 -o w.tlz").ok().stderr;
    assert!(told.contains("say --fill-value 1e20"), "{told}");
    let told = folder.run("compress x.npy --rel 1e-3 --fill-value 1e20").ok().stderr;
    assert!(!told.contains("note:"), "{told}");
    let verdict = folder.run("verify x.npy x.npy.tlz --json").ok().json();
    assert!(verdict["value_range"].as_f64().unwrap() < 1000.0);
    assert_eq!(verdict["non_finite_mismatches"], 0);
    folder.run("compress x.npy -o m.tlz --rel 1e-3 --non-finite mask").ok();
    folder.run("verify x.npy m.tlz").ok();
    assert_eq!(folder.run("inspect m.tlz --json").ok().json()["masked"], true);
    folder
        .run("compress x.npy -o d.tlz --rel 1e-3 --non-finite deny")
        .refused(&["2 values are NaN", "position 7"]);
    assert!(!folder.files().contains(&"d.tlz".to_owned()));
}

#[test]
fn bare_zfp_streams() {
    let folder = Folder::new();
    let original = field(&[20, 30, 40]);
    folder.save("x.npy", &original);
    folder.run("compress x.npy -o x.zfp --method transform --raw-zfp --abs 0.01").ok();
    assert!(folder.read("x.zfp").starts_with(b"zfp\x05"));
    folder.run("decompress x.zfp -o y.npy").ok();
    assert!(largest_difference(&original, &folder.array("y.npy")) <= 0.01);
    folder.run("compress x.npy -o r.zfp --raw-zfp --rate 8").ok();
    let told = folder.run("compress x.npy --raw-zfp --rate 8").ok().stderr;
    assert!(folder.read("x.npy.zfp") == folder.read("r.zfp") && !told.contains("warning"), "{told}");
    folder.save("n.npy", &Array::new(vec![1.0f32, f32::NAN, 3.0], Shape::line(3)).unwrap().into());
    let told = folder.run("compress n.npy --raw-zfp --abs 1").ok().stderr;
    assert!(told.contains("warning: n.npy: 1 values"), "{told}");
    // Exactly 8 bits a value of whole blocks, and a header of 12 bytes in whole words of 8.
    assert_eq!(folder.read("r.zfp").len(), 20 * 32 * 40 + 16);
    folder.run("compress x.npy -o l.zfp --raw-zfp --lossless").ok();
    folder.run("decompress l.zfp").ok();
    assert_eq!(folder.array("l.npy"), original);
    let zfp = folder.read("x.zfp");
    folder.write("cut.zfp", &zfp[..zfp.len() / 2]);
    folder.run("decompress cut.zfp -o no.npy").refused(&["cut.zfp", "truncated"]);
    folder.run("decompress x.zfp -o no.npy --region 1,2,3").refused(&["only be read whole"]);
    folder.run("decompress x.zfp -o no.npy --limit 100").refused(&["limit"]);
    folder.run("compress x.npy -o no.zfp --raw-zfp --rel 1e-3").refused(&["--abs E, --rate BITS"]);
    folder
        .run("compress x.npy -o no.zfp --raw-zfp --method lossless --abs 1")
        .refused(&["--method transform"]);
}

#[test]
fn sizes_in_place_of_bounds() {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[64, 64]));
    let made = folder.run("compress x.npy --rate 8 --json").ok().json();
    assert_eq!(made["method"], "transform:mode=rate,rate=8");
    let ratio = made["ratio"].as_f64().unwrap();
    assert!(ratio > 3.5 && ratio <= 4.0, "{ratio}");
    folder.run("verify x.npy x.npy.tlz").ok();
    folder.run("compress x.npy -o p.tlz --method transform --precision 20").ok();
    assert_eq!(
        folder.run("inspect p.tlz --json").ok().json()["method"],
        "transform:mode=precision,precision=20"
    );
    folder.run("compress x.npy -o q.tlz --method predict --rate 8").refused(&["--method transform only"]);
    folder.run("compress x.npy -o q.tlz --rate 0").refused(&["above 0, at most 128"]);
    folder.run("compress x.npy -o q.tlz --precision 65").refused(&["precision"]);
}
