//! The committed header is what cbindgen makes of the crate.

use std::path::Path;

#[test]
fn the_header_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut made = Vec::new();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in ["types", "report", "compress", "inspect", "decompress"] {
        builder = builder.with_src(root.join(format!("src/{file}.rs")));
    }
    builder.generate().unwrap().write(&mut made);
    let made = String::from_utf8(made).unwrap();
    let path = root.join("include/tolzip.h");
    if std::env::var_os("TOLZIP_WRITE_HEADER").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == made,
        "include/tolzip.h is out of date: TOLZIP_WRITE_HEADER=1 cargo test -p tolzip-capi --test header"
    );
}
