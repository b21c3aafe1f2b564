//! Streams and values of libzfp itself, as hashes.
//!
//! Made with zfpy 1.0.1 (libzfp 1.0.1) and numpy:
//! ```python
//! def fnv(b):
//!     h = 0xcbf29ce484222325
//!     for x in b: h = ((h ^ x) * 0x100000001b3) & (2**64 - 1)
//!     return h
//! i = np.arange(np.prod(shape), dtype=np.uint64)
//! # np.rint(...) for integers
//! a = ((i * i % 4093 + (i * 2654435761 % 2**32 >> 24)) / 16 - 100).astype(t).reshape(shape)
//! s = zfpy.compress_numpy(a, tolerance=0.5)    # or rate=6, precision=11, nothing
//! print(len(s), hex(fnv(s)), hex(fnv(zfpy.decompress_numpy(s).tobytes())))
//! ```

use tolzip_core::{DType, Element, Float, Shape, View, Word};
use tolzip_transform::zfp::{self, Header, Mode, Parts};

/// Type, shape, mode, then of the stream with its header: bytes, hash, hash of what it decompresses to.
type Golden = (DType, &'static [usize], Mode, usize, u64, u64);

#[rustfmt::skip]
const GOLDEN: [Golden; 64] = [
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
    (DType::I32, &[37], Mode::Accuracy(0.5), 80, 0x92b36061cb43a3c6, 0x318ca391031f352f),
    (DType::I32, &[37], Mode::Rate(6.0), 48, 0x7b2dc99d120c389f, 0x63dff573dc19f335),
    (DType::I32, &[37], Mode::Precision(11), 32, 0xf9ba422e2603796c, 0x63dff573dc19f335),
    (DType::I32, &[37], Mode::Reversible, 88, 0x3619e4df99f74270, 0x9da323aafdc3d5da),
    (DType::I32, &[9, 14], Mode::Accuracy(0.5), 168, 0xd52672b99339a32c, 0x047b07203d2b63c7),
    (DType::I32, &[9, 14], Mode::Rate(6.0), 160, 0x592e29978977b758, 0xb88067e3b74ae1b7),
    (DType::I32, &[9, 14], Mode::Precision(11), 32, 0x46d230e4694f3ad6, 0x52014397078ac885),
    (DType::I32, &[9, 14], Mode::Reversible, 232, 0x23cec6773987c347, 0x91ec541c94d71c1f),
    (DType::I32, &[5, 6, 7], Mode::Accuracy(0.5), 360, 0xa6004cde983bd5e7, 0x99af7c1bbe067836),
    (DType::I32, &[5, 6, 7], Mode::Rate(6.0), 400, 0x229f4b54df13f275, 0xd83c61f1ecb07bd7),
    (DType::I32, &[5, 6, 7], Mode::Precision(11), 24, 0x9e93c8d1e71b3d1a, 0xdb696f78397bfac5),
    (DType::I32, &[5, 6, 7], Mode::Reversible, 624, 0x189ff5089fe8c158, 0x66e66d5aa8d23f15),
    (DType::I32, &[3, 4, 5, 6], Mode::Accuracy(0.5), 664, 0xd336ae70582dda56, 0xbcaa3d4816716816),
    (DType::I32, &[3, 4, 5, 6], Mode::Rate(6.0), 784, 0x492e8dabe51e9129, 0x63ad3901ae435d92),
    (DType::I32, &[3, 4, 5, 6], Mode::Precision(11), 24, 0x0d9ed2ef3ba172f4, 0x78e7f76b5c14a3a5),
    (DType::I32, &[3, 4, 5, 6], Mode::Reversible, 1560, 0x12364d056dedb4f0, 0x19b57e646adcc358),
    (DType::I64, &[37], Mode::Accuracy(0.5), 120, 0x4ff7ddda966e9f43, 0x84bed8b05f9ef0f3),
    (DType::I64, &[37], Mode::Rate(6.0), 48, 0x3f1fa14fd9a77596, 0x5350442c19447045),
    (DType::I64, &[37], Mode::Precision(11), 32, 0xaa12f4c488358689, 0x5350442c19447045),
    (DType::I64, &[37], Mode::Reversible, 128, 0xa609e7c14a96c63f, 0xc56b50b40ba1c34e),
    (DType::I64, &[9, 14], Mode::Accuracy(0.5), 216, 0xe6776091d40a02e1, 0x79f059016b2357ef),
    (DType::I64, &[9, 14], Mode::Rate(6.0), 160, 0xcb2bca9723c75658, 0x1949dd581683dd1f),
    (DType::I64, &[9, 14], Mode::Precision(11), 32, 0x2133540182377907, 0xda86b8489fd181e5),
    (DType::I64, &[9, 14], Mode::Reversible, 288, 0x007a7ac4e2f41e4f, 0x9bc8cdad5a11e89f),
    (DType::I64, &[5, 6, 7], Mode::Accuracy(0.5), 392, 0xb476072b586b75ea, 0x29a01dff2b594856),
    (DType::I64, &[5, 6, 7], Mode::Rate(6.0), 400, 0xe486708c5455980b, 0x42c35d985d6e0c6c),
    (DType::I64, &[5, 6, 7], Mode::Precision(11), 24, 0xb35247000dc35dcb, 0x26dfcaf1ebf42665),
    (DType::I64, &[5, 6, 7], Mode::Reversible, 656, 0x1fc1f32c90fa8b46, 0xc0b3e4e6eaa2e3c9),
    (DType::I64, &[3, 4, 5, 6], Mode::Accuracy(0.5), 680, 0x362226e80799d55b, 0xd8bd2819c7041b8a),
    (DType::I64, &[3, 4, 5, 6], Mode::Rate(6.0), 784, 0x06b02306790e8956, 0x1c751ea898f726c1),
    (DType::I64, &[3, 4, 5, 6], Mode::Precision(11), 24, 0x4bcde064d0df6551, 0xdce5896aa4b26425),
    (DType::I64, &[3, 4, 5, 6], Mode::Reversible, 1576, 0xd0a2432052cf7c90, 0xfc308b5e085f940c),
];

fn fnv(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |h, x| (h ^ u64::from(x)).wrapping_mul(0x100_0000_01b3))
}

fn check<T: Element>(&(_, sides, mode, len, stream, values): &Golden) {
    let shape = Shape::new(sides).unwrap();
    let a: Vec<T> = (0..shape.len() as u64)
        .map(|i| {
            T::from_carrier(T::Carrier::from_f64(
                (i * i % 4093 + ((i * 2_654_435_761 % (1 << 32)) >> 24)) as f64 / 16.0 - 100.0,
            ))
        })
        .collect();
    let view = View::new(&a, shape).unwrap();
    let bytes = zfp::encode(view, mode, Parts::FULL).unwrap();
    assert_eq!((bytes.len(), fnv(bytes.iter().copied())), (len, stream), "{sides:?} {mode:?}");
    assert_eq!(Header::read(&bytes).unwrap().shape(), shape);
    let back = zfp::decode::<T>(&bytes, u64::MAX).unwrap();
    assert_eq!(back.shape(), shape);
    let back = back.into_values();
    let size = T::DTYPE.size();
    let hash = fnv(back.iter().flat_map(|v| v.to_bits().to_u64().to_le_bytes()[..size].to_vec()));
    assert_eq!(hash, values, "{sides:?} {mode:?}");
    // With every choice of parts, the reader knowing the others: the same values.
    let known = Header::new(T::DTYPE, shape, mode).unwrap();
    for bits in 0..8 {
        let parts = Parts { magic: bits & 1 > 0, meta: bits & 2 > 0, mode: bits & 4 > 0 };
        let stream = zfp::encode(view, mode, parts).unwrap();
        let other = Header::new(DType::F64, Shape::line(3), Mode::Precision(9)).unwrap();
        let known = if parts.meta && parts.mode { other } else { known };
        let mut again = vec![T::default(); shape.len()];
        zfp::decode_into(&stream, known, parts, &mut again, None).unwrap();
        assert_eq!(again, back);
    }
    strided(&a, shape, mode, &bytes, &back);
}

/// From and to places that are apart, with others between them: the same stream and the same values.
fn strided<T: Element>(a: &[T], shape: Shape, mode: Mode, bytes: &[u8], back: &[T]) {
    // Slow and fast exchanged, and two places for each value along the fastest.
    let mut strides = vec![0; shape.ndim()];
    let mut step = 2;
    for (stride, side) in strides.iter_mut().zip(shape.sides()) {
        *stride = step;
        step *= side;
    }
    let place = |mut i: usize| {
        shape.sides().iter().zip(&strides).rev().fold(0, |at, (side, stride)| {
            let at = at + i % side * stride;
            i /= side;
            at
        })
    };
    let mut spread = vec![T::default(); step];
    for (i, &v) in a.iter().enumerate() {
        spread[place(i)] = v;
    }
    let view = View::strided(&spread, shape, &strides).unwrap();
    assert!(zfp::encode(view, mode, Parts::FULL).unwrap() == bytes);
    let header = Header::read(bytes).unwrap();
    let mut out = vec![T::default(); step];
    zfp::decode_into(bytes, header, Parts::FULL, &mut out, Some(&strides)).unwrap();
    for (i, v) in back.iter().enumerate() {
        assert_eq!(out[place(i)], *v);
        assert_eq!(out[place(i) + 1], T::default());
    }
    let short = &mut out[..step - 2];
    assert!(zfp::decode_into(bytes, header, Parts::FULL, short, Some(&strides)).is_err());
}

#[test]
fn streams_and_values_are_libzfps() {
    for golden in &GOLDEN {
        match golden.0 {
            DType::F32 => check::<f32>(golden),
            DType::F64 => check::<f64>(golden),
            DType::I32 => check::<i32>(golden),
            _ => check::<i64>(golden),
        }
    }
}
