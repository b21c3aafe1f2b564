//! Writes inputs that mean something, for a fuzzer to begin with: `seeds FOLDER` makes FOLDER/TARGET/... of the streams that
//! the hostile tests damage, of the golden streams, of zfp streams, of numpy files, and of every method with every bound.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tolzip::zfp::{self, Mode, Params, Parts};
use tolzip::{AnyArray, Bound, Compressor, DType, Shape, View};
use tolzip_fuzz_targets::payload_seed;
use tolzip_io::{Destination, Format, npy};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::damage::streams;
use tolzip_tests::methods::with_bounds;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("seeds FOLDER")?);
    for (name, _) in tolzip_fuzz_targets::ALL {
        fs::create_dir_all(folder.join(name))?;
    }
    containers(&folder)?;
    golden(&folder)?;
    raw_zfp(&folder.join("zfp"))?;
    files(&folder.join("files"))?;
    round_trips(&folder.join("round_trip"))?;
    arguments(&folder.join("arguments"))?;
    Ok(())
}

/// Whole streams, and their chunks alone.
fn containers(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for (number, (_, bytes)) in streams().into_iter().enumerate() {
        if number % 7 == 0 {
            fs::write(folder.join(format!("frame/seed{number}")), &bytes)?;
        }
        if let Some(chunk) = payload_seed(&bytes)? {
            fs::write(folder.join(format!("payload/seed{number}")), chunk)?;
        }
    }
    let sample = "sample:mode=wor,rate=0.3".parse()?;
    for (number, method) in
        [tolzip::Method::Auto, "predict".parse()?, "lossless".parse()?, sample].into_iter().enumerate()
    {
        let bound = if number < 2 {
            Bound::Rel(1e-3)
        } else if number == 2 {
            Bound::Lossless
        } else {
            Bound::Knob
        };
        let original = array(DType::F32, &[9, 8, 7], Kind::Runs, 1);
        let compressor = Compressor::new(method, bound);
        let compressor = if number < 3 { compressor.chunk(&[4, 8, 3]) } else { compressor };
        fs::write(folder.join(format!("frame/chunks{number}")), compressor.compress_any(&original)?)?;
    }
    Ok(())
}

/// The golden streams and their chunks: every codec, kind, flag and field of the format, which other arrays meet by chance.
fn golden(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let streams = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/v1");
    for entry in fs::read_dir(streams)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_none_or(|e| e != "tlz") {
            continue;
        }
        let bytes = fs::read(&path)?;
        if let Some(chunk) = payload_seed(&bytes)? {
            fs::write(folder.join(format!("payload/{name}")), chunk)?;
        }
        // Large ones have more lanes and segments.
        if ["rare", "feature", "f32_40x41x42"].iter().any(|kind| name.starts_with(kind)) {
            fs::write(folder.join(format!("frame/{name}")), bytes)?;
        }
    }
    Ok(())
}

fn raw_zfp(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let modes = [
        Mode::Accuracy(1e-3),
        Mode::Rate(9.0),
        Mode::Precision(17),
        Mode::Reversible,
        Mode::Expert(Params::new(30, 700, 23, -20)?),
    ];
    for (number, mode) in modes.into_iter().enumerate() {
        for (sides, dtype) in [
            (vec![37], DType::F32),
            (vec![7, 9], DType::F64),
            (vec![5, 6, 7], DType::F32),
            (vec![3, 5, 4, 2], DType::F64),
        ] {
            let original = array(dtype, &sides, Kind::Noisy, 3);
            let shape = Shape::new(&sides)?;
            for parts in [Parts::FULL, Parts::NONE] {
                let stream = match &original {
                    AnyArray::F32(a) => zfp::encode(View::new(a.values(), shape)?, mode, parts)?,
                    AnyArray::F64(a) => zfp::encode(View::new(a.values(), shape)?, mode, parts)?,
                    _ => continue,
                };
                let mut input = vec![u8::from(parts == Parts::NONE)];
                if parts == Parts::NONE {
                    input.push(u8::from(dtype == DType::F64) << 3);
                    input.push(sides.len() as u8);
                    input.extend(sides.iter().map(|&s| s as u8));
                    input.extend([number as u8, 100, 0, 16, 70, 0]);
                }
                input.extend(stream);
                fs::write(folder.join(format!("seed{number}_{}_{}", sides.len(), parts.magic)), input)?;
            }
        }
        for dtype in 0..4u8 {
            let input = [
                2 + 3 * dtype,
                3,
                5,
                6,
                7,
                number as u8,
                100,
                0,
                16,
                70,
                0,
                dtype & 1,
                20,
                9,
                200,
                3,
                77,
                12,
                65,
            ];
            fs::write(folder.join(format!("peer{number}_{dtype}")), input)?;
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let scratch = tempfile::tempdir()?;
    for (number, dtype) in DType::ALL.into_iter().enumerate() {
        let original = array(dtype, &[2, 3], Kind::Noisy, 1);
        let mut file = fs::File::create(folder.join(format!("npy{number}")))?;
        file.write_all(&[if dtype == DType::Bf16 { 6 } else { 4 }])?;
        npy::write(&mut file, &original)?;
        if number < 2 {
            let path = scratch.path().join("a.npz");
            Destination::new(&path, true)?.write_array(&original, Format::Npz)?;
            fs::write(folder.join(format!("npz{number}")), [&[1][..], &fs::read(&path)?].concat())?;
        }
    }
    for (number, header) in [
        "{'descr': '>f4', 'fortran_order': True, 'shape': (3, 2), }\n",
        "{\"descr\": \"<i8\", \"fortran_order\": False, \"shape\": (3,)}\n",
        "{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': ()}\n",
    ]
    .into_iter()
    .enumerate()
    {
        let mut file = b"\0\x93NUMPY\x02\0".to_vec();
        file.extend((header.len() as u32).to_le_bytes());
        file.extend(header.as_bytes());
        file.extend([7; 24]);
        fs::write(folder.join(format!("by_hand{number}")), file)?;
    }
    Ok(())
}

/// Every method with every bound, on every kind of values.
fn round_trips(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for (place, dtype) in DType::ALL.into_iter().enumerate() {
        let count = with_bounds(dtype).into_iter().filter(|(m, _)| m.family() != "sample").count();
        for number in (place % 5..count).step_by(5) {
            let mut input = vec![place as u8];
            input.extend((number as u16).to_le_bytes());
            input.extend([3, 9, 8, 7]);
            input.extend((40000 + number as u16).to_le_bytes());
            input.extend(50000u16.to_le_bytes());
            input.extend([number as u8, (number % 14) as u8, 1]);
            fs::write(folder.join(format!("seed{place}_{number}")), input)?;
        }
    }
    Ok(())
}

fn arguments(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let lines = [
        "compress field.npy --rel 1e-3 --by axis=1 --fill-value 1e20 --non-finite mask",
        "compress dump.raw --dtype f32 --shape 100x500x500 --abs 0.01 --method predict:level=2 -o out.tlz --threads 3",
        "compress a.npy --abs-and-rel 0.5,1e-3 --method transform:coder=context",
        "compress a.npz:x --rate 8.5 --json",
        "decompress a.tlz --region 0:10,:,250 -o slab.npy",
        "bench field.npy --methods predict,transform:mode=rate,rate=8,lossless --rel 1e-2,1e-3",
        "search --app digits -o study --seed 3",
        "search --data train.npy --run x --metric accuracy --maximize -o study",
        "inspect a.tlz --json",
        "verify a.npy a.tlz",
        "methods --json",
        "io a.npy --help",
        "demo -o out",
    ];
    let methods =
        tolzip::method::all().into_iter().map(|m| format!("compress a --lossless --method {}", m.id));
    for (number, line) in lines.into_iter().map(str::to_owned).chain(methods).enumerate() {
        fs::write(folder.join(format!("line{number}")), line)?;
    }
    Ok(())
}
