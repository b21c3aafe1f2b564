//! Streams and values of libzfp itself, as hashes.
//!
//! Made with zfpy 1.0.1 (libzfp 1.0.1) and numpy:
//! ```python
//! def fnv(b):
//!     h = 0xcbf29ce484222325
//!     for x in b: h = ((h ^ x) * 0x100000001b3) & (2**64 - 1)
//!     return h
//! i = np.arange(np.prod(shape), dtype=np.uint64)
//! a = ((i * i % 4093 + (i * 2654435761 % 2**32 >> 24)) / 16 - 100).astype(t).reshape(shape)
//! s = zfpy.compress_numpy(a, tolerance=0.5)    # or rate=6, precision=11, nothing
//! print(len(s), hex(fnv(s)), hex(fnv(zfpy.decompress_numpy(s).tobytes())))
//! ```

use tolzip_core::{DType, Float, Shape, Word};
use tolzip_transform::zfp::{self, Header, Mode};

/// Type, shape, mode, then of the stream with its header: bytes, hash, hash of what it decompresses to.
type Golden = (DType, &'static [usize], Mode, usize, u64, u64);

#[rustfmt::skip]
const GOLDEN: [Golden; 32] = [
    (DType::F32, &[37], Mode::Accuracy(0.5), 72, 0xae47ace61e219e8c, 0xabc9b419c5664af0),
    (DType::F32, &[37], Mode::Rate(6.0), 48, 0x919527e49619a84b, 0xe3b87ba834cd08db),
    (DType::F32, &[37], Mode::Precision(11), 72, 0x8396c2bd56ce3eef, 0xeb487a5c29a8909f),
    (DType::F32, &[37], Mode::Reversible, 88, 0x0c26fd190735c3a2, 0xb55f6db76365aa17),
    (DType::F32, &[9, 14], Mode::Accuracy(0.5), 248, 0x26a57922f6d0f443, 0xf20f9984c776fd09),
    (DType::F32, &[9, 14], Mode::Rate(6.0), 160, 0x28af40dcfbc581fa, 0xb3715c68c37981ae),
    (DType::F32, &[9, 14], Mode::Precision(11), 184, 0x65d31c6ce8ccce6c, 0x8bfcca325d248afa),
    (DType::F32, &[9, 14], Mode::Reversible, 296, 0x60c23f38e0bdee31, 0xd4b4753af9147bea),
    (DType::F32, &[5, 6, 7], Mode::Accuracy(0.5), 720, 0xb72328182bc73590, 0xd24a5838b7a7bf0c),
    (DType::F32, &[5, 6, 7], Mode::Rate(6.0), 400, 0xd3bf5326fad69fd2, 0xdae08971ffd1e8eb),
    (DType::F32, &[5, 6, 7], Mode::Precision(11), 400, 0xec582dbb023efada, 0x654544448c78a043),
    (DType::F32, &[5, 6, 7], Mode::Reversible, 776, 0xb4eecce431d9603c, 0xd2f4821e1eb87278),
    (DType::F32, &[3, 4, 5, 6], Mode::Accuracy(0.5), 1704, 0x27210b9809e3d59b, 0x566f6c5ae4d867f6),
    (DType::F32, &[3, 4, 5, 6], Mode::Rate(6.0), 784, 0x8ccd9da45b183706, 0x75bb292d650bb6b5),
    (DType::F32, &[3, 4, 5, 6], Mode::Precision(11), 776, 0xcc33a1785512d633, 0xfc86e674bb53c5b9),
    (DType::F32, &[3, 4, 5, 6], Mode::Reversible, 1632, 0xd2fd4096c0498baa, 0x6e0b606586f2c2db),
    (DType::F64, &[37], Mode::Accuracy(0.5), 72, 0x36f196dc48e1827d, 0x464e4896d5f03b60),
    (DType::F64, &[37], Mode::Rate(6.0), 48, 0x6e005c7aefcc75ac, 0x1a010b83e89d1e8b),
    (DType::F64, &[37], Mode::Precision(11), 72, 0xe978b4eb976b5853, 0x899db97caff3ebf8),
    (DType::F64, &[37], Mode::Reversible, 96, 0xc7b9134d308035d9, 0xa06584915667ad59),
    (DType::F64, &[9, 14], Mode::Accuracy(0.5), 256, 0x8c7b0b4194ceb911, 0xa0f54693b3a32adc),
    (DType::F64, &[9, 14], Mode::Rate(6.0), 160, 0x26d1a5b103c7ba44, 0x0f769a903da13162),
    (DType::F64, &[9, 14], Mode::Precision(11), 184, 0x6801d5dd5f76b63e, 0xc77e325e2fd42f92),
    (DType::F64, &[9, 14], Mode::Reversible, 304, 0xc6de6b379b465dbc, 0x0a4748118815e171),
    (DType::F64, &[5, 6, 7], Mode::Accuracy(0.5), 728, 0x1bd2671366bdb689, 0xab2080a4fb9c7e9a),
    (DType::F64, &[5, 6, 7], Mode::Rate(6.0), 400, 0xb4d6b04e326e729b, 0x9e175a381bdc8fbc),
    (DType::F64, &[5, 6, 7], Mode::Precision(11), 408, 0x329b4817c2ed53e5, 0xc2dd60f3cdea8dc9),
    (DType::F64, &[5, 6, 7], Mode::Reversible, 784, 0xc7d2d514a5916824, 0xda1d3d6204ebd58a),
    (DType::F64, &[3, 4, 5, 6], Mode::Accuracy(0.5), 1704, 0x42413518b781a8e1, 0x3129e296cb838303),
    (DType::F64, &[3, 4, 5, 6], Mode::Rate(6.0), 784, 0x18b7e3885faf7855, 0x73f13bee48004df6),
    (DType::F64, &[3, 4, 5, 6], Mode::Precision(11), 776, 0x93e1ea5ed827fc57, 0xa35c028ce33e38f6),
    (DType::F64, &[3, 4, 5, 6], Mode::Reversible, 1632, 0xa46376c7faebccbc, 0xe4a20e0911f54b19),
];

fn fnv(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |h, x| (h ^ u64::from(x)).wrapping_mul(0x100_0000_01b3))
}

fn check<T: Float>(&(_, sides, mode, len, stream, values): &Golden) {
    let shape = Shape::new(sides).unwrap();
    let a: Vec<T> = (0..shape.len() as u64)
        .map(|i| T::from_f64((i * i % 4093 + ((i * 2_654_435_761 % (1 << 32)) >> 24)) as f64 / 16.0 - 100.0))
        .collect();
    let bytes = zfp::encode(&a, shape, mode, true).unwrap();
    assert_eq!((bytes.len(), fnv(bytes.iter().copied())), (len, stream), "{sides:?} {mode:?}");
    assert_eq!(Header::read(&bytes).unwrap().shape(), shape);
    let (back, found) = zfp::decode_with_header::<T>(&bytes, u64::MAX).unwrap();
    assert_eq!(found, shape);
    let size = T::DTYPE.size();
    let hash = fnv(back.iter().flat_map(|v| v.to_bits().to_u64().to_le_bytes()[..size].to_vec()));
    assert_eq!(hash, values, "{sides:?} {mode:?}");
    // Without the header: the same values.
    let bare = zfp::encode(&a, shape, mode, false).unwrap();
    let mut again = vec![T::default(); shape.len()];
    zfp::decode(&bare, shape, mode, &mut again).unwrap();
    assert_eq!(again, back);
}

#[test]
fn streams_and_values_are_libzfps() {
    for golden in &GOLDEN {
        match golden.0 {
            DType::F32 => check::<f32>(golden),
            _ => check::<f64>(golden),
        }
    }
}
