//! Exit code 1, JSON fields that scripts rely on, damaged streams.

mod common;

use common::{Folder, field, table};
use serde_json::Value;
use tolzip::{AnyArray, Array};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[track_caller]
fn has(value: &Value, names: &[&str]) {
    for name in names {
        assert!(keys(value).contains(name), "{name} is missing in {value}");
    }
}

#[test]
fn verify_says_whether_the_bound_holds() {
    let folder = Folder::new();
    let original = field(&[30, 40]);
    folder.save("x.npy", &original);
    folder.run("compress x.npy --abs 0.01").ok();
    let verdict = folder.run("verify x.npy x.npy.tlz --json").ok().json();
    has(
        &verdict,
        &[
            "ok",
            "n",
            "max_abs_error",
            "max_rel_error",
            "max_pw_rel_error",
            "rmse",
            "psnr",
            "value_range",
            "ratio",
        ],
    );
    has(&verdict, &["non_finite_mismatches", "bound"]);
    assert_eq!((&verdict["ok"], &verdict["n"]), (&Value::Bool(true), &Value::from(1200)));
    assert_eq!((&verdict["bound"]["kind"], &verdict["bound"]["value"]), (&"abs".into(), &0.01.into()));
    assert!(verdict["max_abs_error"].as_f64().unwrap() <= 0.01);

    // Another array of the same shape: one value is further away than the bound allows.
    let AnyArray::F32(a) = &original else { panic!() };
    let mut values = a.values().to_vec();
    values[77] += 1.0;
    folder.save("other.npy", &Array::new(values, a.shape()).unwrap().into());
    let broken = folder.run("verify other.npy x.npy.tlz --json");
    assert_eq!((broken.code, &broken.json()["ok"]), (1, &Value::Bool(false)));
    let told = folder.run("verify other.npy x.npy.tlz");
    assert!(told.code == 1 && told.text().contains("BROKEN: abs 0.01, 1 of 1200 values"), "{}", told.text());
}

#[test]
fn bench_measures_what_it_is_asked_for() {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[30, 40]));
    folder.save("t.npy", &table(200));
    let words = "bench x.npy t.npy --methods predict:predictor=lorenzo,transform --rel 1e-2,1e-3 --threads 1 --repeat 2 --json";
    let records = folder.run(words).ok().json();
    let records = records.as_array().unwrap();
    assert_eq!(records.len(), 8);
    for r in records {
        has(r, &["file", "dtype", "shape", "method", "bound", "raw_bytes", "compressed_bytes", "ratio"]);
        has(r, &["bits_per_value", "compress_mb_s", "decompress_mb_s", "max_abs_error", "bound_abs", "psnr"]);
        has(r, &["bound_ok", "threads"]);
        assert_eq!(r["bound_ok"], true, "{r}");
        assert!(r["max_abs_error"].as_f64().unwrap() <= r["bound_abs"].as_f64().unwrap());
        assert!(r["compress_mb_s"].as_f64().unwrap() > 0.0);
    }
    assert_eq!(
        (&records[1]["method"], &records[1]["bound"]["value"]),
        (&"predict:predictor=lorenzo".into(), &1e-3.into())
    );

    for (bound, absent) in [("--lossless", "predict"), ("--rel 1e-3", "lossless"), ("", "auto")] {
        let all = folder.run(&format!("bench x.npy --methods all {bound} --repeat 1 --json")).ok().json();
        let methods: Vec<&str> =
            all.as_array().unwrap().iter().map(|r| r["method"].as_str().unwrap()).collect();
        assert!(methods.len() > 2 && !methods.contains(&absent), "{bound}: {methods:?}");
    }
    let told = folder.run("bench x.npy --methods transform --rel 1e-2 --repeat 1").ok();
    assert!(told.text().contains("transform") && told.text().contains("yes"), "{}", told.text());
}

#[test]
fn integers_are_benched_with_the_methods_that_take_them() {
    let folder = Folder::new();
    let values: Vec<i32> = (0..1000).map(|i| i * i / 100).collect();
    folder.save("i.npy", &Array::new(values, tolzip::Shape::line(1000)).unwrap().into());
    let all = folder.run("bench i.npy --methods all --abs 2.5 --repeat 1 --json").ok().json();
    assert!(all.as_array().unwrap().iter().all(|r| r["method"] != "bitround" && r["bound_ok"] == true));
}

#[test]
fn methods_are_listed_with_their_knobs() {
    let folder = Folder::new();
    let all = folder.run("methods --json").ok().json();
    for m in all.as_array().unwrap() {
        has(m, &["id", "family", "summary", "bounds", "dtypes", "dims", "lossless", "knobs"]);
        for knob in m["knobs"].as_array().unwrap() {
            has(knob, &["name", "kind", "min", "max", "default"]);
        }
    }
    assert!(folder.run("methods").ok().text().contains("predict"));
}

#[test]
fn compress_and_inspect_say_the_same() {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[30, 40]));
    let made = folder.run("compress x.npy --rel 1e-3 --method predict --json").ok().json();
    let seen = folder.run("inspect x.npy.tlz --json").ok().json();
    for field in
        ["dtype", "shape", "method", "bound", "max_abs_error", "raw_bytes", "compressed_bytes", "ratio"]
    {
        assert_eq!(made[field], seen[field], "{field}");
    }
    assert_eq!(seen["compressed_bytes"], folder.read("x.npy.tlz").len());
    assert_eq!(seen["damaged_chunks"], 0);
    let text = folder.run("inspect x.npy.tlz --chunks").ok().text();
    assert!(text.contains("predict") && text.contains("intact") && text.contains("all match"), "{text}");
}

#[test]
fn inspect_shows_every_field_of_the_format() {
    let folder = Folder::new();
    let AnyArray::F32(values) = field(&[30, 40]) else { panic!("it is of f32") };
    let (shape, mut all) = (values.shape(), values.values().to_vec());
    (all[77], all[99]) = (f32::NAN, -999.0);
    folder.save("x.npy", &Array::new(all, shape).unwrap().into());
    folder.run("compress x.npy --psnr 60 --method transform --fill-value -999 --chunk 16x40").ok();
    let seen = folder.run("inspect x.npy.tlz --json").ok().json();
    // The header, in the order of the specification, and the footer.
    for field in [
        "format_version",
        "dtype",
        "shape",
        "chunk_shape",
        "method",
        "bound",
        "axis",
        "fill_value",
        "fill_bits",
        "source_rows",
        "reached",
        "masked",
        "row_index_bytes",
        "max_abs_error",
        "chunks",
    ] {
        assert!(seen.get(field).is_some(), "{field}");
    }
    assert_eq!(seen["fill_bits"], "c479c000");
    let size = folder.read("x.npy.tlz").len() as u64;
    let of_chunks: u64 =
        seen["chunks"].as_array().unwrap().iter().map(|c| c["bytes"].as_u64().unwrap()).sum();
    assert!(of_chunks > 0 && of_chunks < size);
    let mut special = 0;
    for chunk in seen["chunks"].as_array().unwrap() {
        for field in [
            "index",
            "bytes",
            "crc32c",
            "intact",
            "codec",
            "codec_name",
            "bound_abs",
            "max_abs_error",
            "payload_bytes",
            "specials_bytes",
            "corrections_bytes",
            "fields",
        ] {
            assert!(chunk.get(field).is_some(), "{field}");
        }
        let part = |name: &str| chunk[name].as_u64().unwrap_or(0);
        // Codec and flags, the bound and the largest error, and a length before each section.
        let sections = part("specials_bytes") + part("corrections_bytes");
        let rest = part("bytes") - part("payload_bytes") - sections;
        assert!((2..=2 + 16 + 10).contains(&rest), "{chunk}");
        special += part("specials_bytes");
    }
    assert!(special > 0, "{seen}");
    assert_eq!(seen["chunks"][0]["fields"][0]["name"], "specials");
    let text = folder.run("inspect x.npy.tlz --chunks").ok().text();
    for part in [
        "format 1.0",
        "c479c000",
        "reached",
        "payload",
        "specials",
        "corrections",
        "largest error",
        "crc32c",
        "most planes: 64",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_damaged_chunk_costs_that_chunk_only() {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[64, 64]));
    folder.run("compress x.npy --abs 1e-3 --chunk 16x64").ok();
    let mut stream = folder.read("x.npy.tlz");
    let middle = stream.len() / 2;
    stream[middle] ^= 0x55;
    folder.write("bad.tlz", &stream);

    let refused = folder.run("decompress bad.tlz -o y.npy");
    assert!(refused.stderr.contains("bad.tlz") && refused.stderr.contains("--salvage"), "{}", refused.stderr);
    assert_eq!(refused.code, 2);
    assert!(!folder.files().contains(&"y.npy".to_owned()));
    let inspected = folder.run("inspect bad.tlz --json");
    assert_eq!((inspected.code, &inspected.json()["damaged_chunks"]), (1, &1.into()));

    let salvaged = folder.run("decompress bad.tlz -o y.npy --salvage");
    assert_eq!(salvaged.code, 1);
    assert!(salvaged.stderr.contains("lost: region"), "{}", salvaged.stderr);
    folder.run("decompress x.npy.tlz -o whole.npy").ok();
    let (AnyArray::F32(part), AnyArray::F32(whole)) = (folder.array("y.npy"), folder.array("whole.npy"))
    else {
        panic!()
    };
    let lost = part.values().iter().zip(whole.values()).filter(|(a, b)| a != b).count();
    assert!(lost <= 16 * 64, "{lost}");
    folder.run("decompress x.npy.tlz -o again.npy --salvage").ok();
}

#[test]
fn help_and_version() {
    let folder = Folder::new();
    assert!(folder.run("--version").ok().text().starts_with("tolzip "));
    for verb in ["compress", "decompress", "inspect", "verify", "bench", "methods"] {
        let text = folder.run(&format!("{verb} --help")).ok().text();
        assert!(text.contains("Example") && text.contains(&format!("tolzip {verb}")), "{text}");
    }
    folder.run("").refused(&["Usage"]);
    folder.run("compres x").refused(&["compress"]);
}

#[test]
fn what_auto_chose_is_said() {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[30, 40]));
    let told = folder.run("compress x.npy --rel 1e-2").ok().stderr;
    assert!(told.contains("(auto: predict, rel 0.01,"), "{told}");
    let chunk = folder.run("inspect x.npy.tlz --json").ok().json()["chunks"][0].clone();
    assert_eq!((&chunk["codec"], &chunk["codec_name"]), (&3.into(), &"predict".into()));
    assert!(folder.run("inspect x.npy.tlz").ok().text().contains("auto: predict\n"));
}

#[test]
fn a_sample_is_costed_by_all_rows_everywhere() {
    let folder = Folder::new();
    folder.save("x.npy", &field(&[100, 10]));
    let words = "compress x.npy --method sample:mode=first,rate=0.2 --json";
    let ratio = folder.run(words).ok().json()["ratio"].clone();
    // A fifth of the rows, and a header; by its own rows it would be below 1.
    assert!(ratio.as_f64().unwrap() > 4.0, "{ratio}");
    assert_eq!(folder.run("inspect x.npy.tlz --json").ok().json()["ratio"], ratio);
    assert_eq!(folder.run("verify x.npy x.npy.tlz --json").ok().json()["ratio"], ratio);
    // Its rows come back as they were, but nobody asked for that.
    assert!(folder.run("verify x.npy x.npy.tlz").ok().text().contains("none was asked for"));
}

#[test]
fn the_ratio_of_a_sample_counts_every_byte_that_is_stored() {
    let folder = Folder::new();
    folder.save("x.npy", &table(2000));
    let array = folder.run("compress x.npy --lossless -o all.tlz --json").ok().json();
    let raw = array["raw_bytes"].as_f64().unwrap();
    for mode in ["first", "wor", "wr", "decimate", "stratified"] {
        let told = folder.run(&format!("compress x.npy -f --method sample:mode={mode},rate=0.1 --json")).ok();
        let bytes = folder.read("x.npy.tlz").len() as f64;
        assert_eq!(told.json()["ratio"].as_f64().unwrap(), raw / bytes, "{mode}");
        // Only a stratified one can't be drawn again from its settings: labels are not kept of rows that are left out.
        let index = folder.run("inspect x.npy.tlz --json").ok().json()["row_index_bytes"].as_u64().unwrap();
        assert_eq!(index > 0, mode == "stratified", "{mode}: {index}");
        // As a file of its rows alone has it, but for headers (the short form has no place for a sample): nothing that a reader needs is
        // elsewhere.
        let back = "decompress x.npy.tlz -o rows.npy -f";
        folder.run(back).ok();
        folder.run("compress rows.npy -f --lossless").ok();
        let rows = folder.read("rows.npy.tlz").len() as f64;
        let more = bytes - rows - index as f64;
        assert!(
            (0.0..150.0).contains(&more),
            "{mode}: {bytes} bytes, {rows} for the rows, {index} for which"
        );
    }
}

#[test]
fn measurements_as_a_table_for_programs_and_a_drawing() {
    let folder = Folder::new();
    folder.save("x.npy", &table(200));
    let words =
        "bench x.npy --methods predict:predictor=lorenzo,fast --rel 1e-2,1e-3 --repeat 1 --csv --svg x.svg";
    let text = folder.run(words).ok().text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines.iter().all(|l| l.split(',').count() == 17), "{text}");
    assert!(lines[0].starts_with("file,dtype,shape,method,bound,value,") && lines[1].contains(",rel,0.01,"));
    let picture = String::from_utf8(folder.read("x.svg")).unwrap();
    assert!(picture.starts_with("<svg xmlns=") && picture.trim_end().ends_with("</svg>"));
    assert_eq!((picture.matches("<polyline").count(), picture.matches("<circle").count()), (2, 4));
    folder.run(words).refused(&["exists already", "-f"]);
    folder.run(&format!("{words} -f")).ok();
}

/// `tolzip decompress -o - | head`
#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let folder = Folder::new();
    folder.save("x.npy", &table(20_000));
    folder.run("compress x.npy --rel 1e-3").ok();
    let program = env!("CARGO_BIN_EXE_tolzip");
    let script =
        format!("{{ '{program}' decompress x.npy.tlz -o -; echo $? > code; }} | head -c 10 > /dev/null");
    let done =
        std::process::Command::new("sh").args(["-c", &script]).current_dir(folder.path("")).output().unwrap();
    assert_eq!(folder.read("code"), b"0\n", "{}", String::from_utf8_lossy(&done.stderr));
    assert!(done.stderr.is_empty());
}
