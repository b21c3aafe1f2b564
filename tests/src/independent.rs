//! A decoder of the container written from `docs/format.md` alone. It shares no code with the library: where the two
//! disagree, one of the page, the library and this file is wrong. Payloads other than *stored* and *constant*, and compressed
//! sections, are handed to a function of the caller's; the modules decode those of `predict`, `transform`, `lossless` and `fast`.

pub mod entropy;
pub mod fast;
pub mod lossless;
pub mod met;
pub mod predict;
pub mod transform;

/// The sides as `predict` and `lossless` see them: four, without those of 1.
fn folded(sides: &[u64]) -> [usize; 4] {
    let mut folded: Vec<usize> = sides.iter().map(|&s| s as usize).filter(|&s| s != 1).collect();
    while folded.len() > 4 {
        let first = folded.remove(0);
        folded[0] *= first;
    }
    while folded.len() < 4 {
        folded.insert(0, 1);
    }
    folded.try_into().unwrap()
}

/// What the header says.
#[derive(Debug, Default, PartialEq)]
pub struct Stream {
    /// The number of the element type.
    pub dtype: u8,
    /// The array's shape.
    pub shape: Vec<u64>,
    /// The chunks' shape.
    pub chunk: Vec<u64>,
    /// The method's name.
    pub method: String,
    /// Kind, value and axis + 1 of the bound.
    pub bound: (u8, f64, u8),
    /// The largest error, from the footer.
    pub max_error: f64,
    /// The chunks, in order.
    pub chunks: Vec<Chunk>,
}

/// One chunk.
#[derive(Debug, PartialEq)]
pub struct Chunk {
    /// Where it begins in the array.
    pub start: Vec<u64>,
    /// Its shape.
    pub size: Vec<u64>,
    /// The codec's number.
    pub codec: u8,
    /// Promised bound and largest error.
    pub bound: Option<(f64, f64)>,
    /// Section of specials.
    pub specials: Option<Vec<u8>>,
    /// Section of corrections.
    pub corrections: Option<Vec<u8>>,
    /// The payload.
    pub payload: Vec<u8>,
}

/// Bytes a value of the type with this number.
#[must_use]
pub fn width(dtype: u8) -> usize {
    match dtype {
        5 | 9 => 1,
        3 | 4 | 6 | 10 => 2,
        1 | 7 | 11 => 4,
        2 | 8 | 12 => 8,
        other => panic!("type {other}"),
    }
}

/// Takes a stream apart. Panics where the page says a reader refuses: it only ever sees good streams.
#[must_use]
pub fn parse(bytes: &[u8]) -> Stream {
    met::note("form", u8::from(is_short(bytes)));
    if is_short(bytes) { short(bytes) } else { long(bytes) }
}

/// Whether a stream has the short form.
#[must_use]
pub fn is_short(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x89, 0x54, 0x4c, 0x73])
}

/// The length of the header of a stream in the short form.
#[must_use]
pub fn short_header(bytes: &[u8]) -> usize {
    let mut at = 5;
    for _ in 0..bytes[4] >> 4 {
        leb128(bytes, &mut at);
    }
    at += 1;
    if bytes[at - 1] == 0 {
        let length = leb128(bytes, &mut at) as usize;
        at += length;
    }
    at += 1;
    let kind = bytes[at - 1];
    let value = if kind & 16 != 0 || kind == 0 || kind == 4 { 0 } else { 8 };
    at + value + if kind & 15 >= 8 { 8 } else { 0 }
}

fn short(bytes: &[u8]) -> Stream {
    let (header, end) = (short_header(bytes), bytes.len() - 4);
    let chunk = &bytes[header..end];
    assert!(chunk.len() < 1 << 16);
    let sealed = [&bytes[..header], &crc32c(chunk).to_le_bytes()].concat();
    assert_eq!(crc32c(&sealed), u32_at(bytes, end));
    let mut at = 5;
    let shape: Vec<u64> = (0..bytes[4] >> 4).map(|_| leb128(bytes, &mut at)).collect();
    let number = bytes[at];
    at += 1;
    met::note("short method", number);
    let method = match number {
        0 => {
            let length = leb128(bytes, &mut at) as usize;
            at += length;
            String::from_utf8(bytes[at - length..at].to_vec()).expect("UTF-8")
        }
        number => ["auto", "predict", "transform", "fast", "lossless"][usize::from(number) - 1].to_owned(),
    };
    let kind = bytes[at];
    met::note("short bound as promised", kind >> 4);
    let chunk = envelope(chunk, vec![0; shape.len()], shape.clone());
    let value = match kind {
        0 | 4 => 0.0,
        16.. => chunk.bound.expect("a promise").0,
        _ => f64::from_bits(u64_at(bytes, at + 1)),
    };
    met::note("type", bytes[4] & 15);
    met::note("bound", kind & 15);
    Stream {
        dtype: bytes[4] & 15,
        chunk: shape.clone(),
        shape,
        method,
        bound: (kind & 15, value, 0),
        max_error: chunk.bound.map_or(0.0, |b| b.1),
        chunks: vec![chunk],
    }
}

fn long(bytes: &[u8]) -> Stream {
    assert_eq!(bytes[..8], [0x89, 0x54, 0x4c, 0x5a, 0x0d, 0x0a, 0x1a, 0x0a]);
    assert_eq!(u16_at(bytes, 8), 1);
    let length = u32_at(bytes, 12) as usize;
    let end = 16 + length;
    assert_eq!(crc32c(&bytes[..end]), u32_at(bytes, end));
    let mut stream = Stream::default();
    let mut at = 16;
    while at < end {
        let (tag, size) = (u16_at(bytes, at), u16_at(bytes, at + 2) as usize);
        let field = &bytes[at + 4..at + 4 + size];
        at += 4 + size;
        let sides = || field.chunks(8).map(|b| u64_at(b, 0)).collect::<Vec<u64>>();
        met::note("field", if tag & 0xff00 == 0x100 { 0x100 } else { tag });
        match tag {
            0x8001 => {
                stream.dtype = field[0];
                met::note("type", field[0]);
            }
            0x8002 => stream.shape = sides(),
            0x8003 => stream.chunk = sides(),
            0x0004 => stream.method = String::from_utf8(field.to_vec()).expect("UTF-8"),
            0x0005 => {
                stream.bound = (field[0], f64::from_bits(u64_at(field, 1)), field[9]);
                met::note("bound", field[0]);
                met::note("bound by index", field[9].min(1));
            }
            _ => assert_eq!(tag & 0x8000, 0, "an unknown critical field"),
        }
    }
    if stream.chunk.is_empty() {
        stream.chunk = default_chunk(&stream.shape);
    }
    let body = &bytes[end + 4..];
    let boxes = boxes(&stream.shape, &stream.chunk);
    let footer = body.len() - 8 * boxes.len() - 20;
    assert_eq!(body[body.len() - 4..], *b"TLZ$");
    assert_eq!(crc32c(&body[footer..body.len() - 8]), u32_at(body, body.len() - 8));
    assert_eq!(u32_at(body, body.len() - 12) as usize, boxes.len());
    stream.max_error = f64::from_bits(u64_at(body, body.len() - 20));
    let mut from = 0;
    for (i, (start, size)) in boxes.into_iter().enumerate() {
        let length = u32_at(body, footer + 8 * i) as usize;
        let chunk = &body[from..from + length];
        assert_eq!(crc32c(chunk), u32_at(body, footer + 8 * i + 4));
        from += length;
        stream.chunks.push(envelope(chunk, start, size));
    }
    assert_eq!(from, footer);
    stream
}

fn envelope(chunk: &[u8], start: Vec<u64>, size: Vec<u64>) -> Chunk {
    let flags = chunk[1];
    assert_eq!(flags & !7, 0);
    met::note("codec", chunk[0]);
    met::note_bits("chunk flag", flags);
    let mut at = 2;
    let bound = (flags & 1 != 0).then(|| {
        at = 18;
        (f64::from_bits(u64_at(chunk, 2)), f64::from_bits(u64_at(chunk, 10)))
    });
    let mut section = |there: bool| {
        there.then(|| {
            let length = leb128(chunk, &mut at) as usize;
            at += length;
            chunk[at - length..at].to_vec()
        })
    };
    let specials = section(flags & 2 != 0);
    let corrections = section(flags & 4 != 0);
    Chunk { start, size, codec: chunk[0], bound, specials, corrections, payload: chunk[at..].to_vec() }
}

/// Decodes a whole array to its little-endian bytes. `payload` decodes a codec's payload for a chunk of this shape,
/// `compressed` the byte format of the lossless codec.
pub fn decode(
    stream: &Stream,
    payload: impl Fn(u8, &[u8], &[u64]) -> Vec<u8>,
    compressed: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let w = width(stream.dtype);
    let total = stream.shape.iter().product::<u64>() as usize;
    let mut out = vec![0; total * w];
    for chunk in &stream.chunks {
        let n = chunk.size.iter().product::<u64>() as usize;
        let mut values = match chunk.codec {
            0 => chunk.payload.clone(),
            1 => chunk.payload[..w].repeat(n),
            codec => payload(codec, &chunk.payload, &chunk.size),
        };
        assert_eq!(values.len(), n * w);
        let sections = [("corrections of kind", &chunk.corrections), ("specials of kind", &chunk.specials)];
        for (name, section) in sections.into_iter().filter_map(|(name, s)| Some((name, s.as_ref()?))) {
            met::note(name, section[0]);
            patch(section, &mut values, w, &compressed);
        }
        for (i, value) in values.chunks(w).enumerate() {
            let mut rest = i as u64;
            let mut at = 0;
            let mut stride = 1;
            for d in (0..stream.shape.len()).rev() {
                at += (chunk.start[d] + rest % chunk.size[d]) * stride;
                rest /= chunk.size[d];
                stride *= stream.shape[d];
            }
            out[at as usize * w..][..w].copy_from_slice(value);
        }
    }
    out
}

/// Values from the logarithms of codec 16: `logs` are what the codec inside decodes to, widened to f64. What stands
/// before them in the payload is the caller's to hand over: the offset, and the decompressed runs of signs.
#[must_use]
pub fn from_logarithms(logs: &[f64], offset: i16, signs: &[u8]) -> Vec<f64> {
    let mut values: Vec<f64> = logs.iter().map(|l| power_of_two(l + f64::from(offset))).collect();
    let (mut at, mut position, mut negative) = (0, 0, false);
    while at < signs.len() {
        let run = leb128(signs, &mut at) as usize;
        if negative {
            values[position..position + run].iter_mut().for_each(|v| *v = -*v);
        }
        position += run;
        negative = !negative;
    }
    values
}

/// Values of codec 17 from the line of scaled ones: `scales` are offset and step per index.
#[must_use]
pub fn from_scaled(line: &[f64], size: &[u64], axis: Option<usize>, scales: &[(f64, f64)]) -> Vec<f64> {
    let Some(axis) = axis else { return line.iter().map(|y| scales[0].0 + y * scales[0].1).collect() };
    let run: usize = size[axis + 1..].iter().product::<u64>() as usize;
    let count = size[axis] as usize;
    let each = line.len() / count;
    (0..line.len())
        .map(|i| {
            let (index, before) = (i / run % count, i / (run * count));
            let (offset, step) = scales[index];
            offset + line[index * each + before * run + i % run] * step
        })
        .collect()
}

/// As the page writes it down.
fn power_of_two(y: f64) -> f64 {
    let y = if y.is_nan() { -1100.0 } else { y.clamp(-1100.0, 1100.0) };
    let n = y.round_ties_even();
    let u = (y - n) * std::f64::consts::LN_2;
    let mut factorials = vec![1.0];
    for k in 1..=13 {
        factorials.push(factorials[k - 1] * k as f64);
    }
    let mut s = 1.0 / factorials[13];
    for k in (0..13).rev() {
        s = s * u + 1.0 / factorials[k];
    }
    let half = (n / 2.0).round_ties_even();
    s * 2f64.powi(half as i32) * 2f64.powi((n - half) as i32)
}

fn patch(section: &[u8], values: &mut [u8], w: usize, compressed: &impl Fn(&[u8]) -> Vec<u8>) {
    let mut at = 1;
    let length = leb128(section, &mut at) as usize;
    let runs = compressed(&section[at..at + length]);
    let rest = &section[at + length..];
    let patterns = if section[0] == 0 { rest.to_vec() } else { compressed(rest) };
    let (mut at, mut position, mut used) = (0, 0, 0);
    while at < runs.len() {
        position += leb128(&runs, &mut at) as usize;
        for _ in 0..leb128(&runs, &mut at) {
            let pattern = if section[0] == 0 { &patterns[..w] } else { &patterns[used * w..][..w] };
            values[position * w..][..w].copy_from_slice(pattern);
            position += 1;
            used += 1;
        }
    }
}

fn default_chunk(shape: &[u64]) -> Vec<u64> {
    let mut chunk = shape.to_vec();
    if shape.iter().map(|&s| u128::from(s.max(1))).product::<u128>() <= 1 << 24 {
        return chunk;
    }
    let axes: Vec<usize> = (0..shape.len()).rev().filter(|&d| shape[d] > 1).collect();
    let base = match axes.len() {
        1 => (1 << 20) + 1,
        2 => 4097,
        _ => 257,
    };
    let mut left = 1u64 << 24;
    for (i, &d) in axes.iter().enumerate() {
        let cap = match i + 1 {
            1 => base,
            2 | 3 if i + 1 == axes.len() => base.max(left),
            2 | 3 => base,
            _ => left.max(1),
        };
        let p = shape[d].div_ceil(cap);
        let s = shape[d].div_ceil(p);
        chunk[d] = if p > 1 && s % 2 == 0 && s < cap { s + 1 } else { s };
        left /= chunk[d];
    }
    chunk
}

fn boxes(shape: &[u64], chunk: &[u64]) -> Vec<(Vec<u64>, Vec<u64>)> {
    if shape.contains(&0) {
        return Vec::new();
    }
    let mut all = vec![(Vec::new(), Vec::new())];
    for (&side, &cut) in shape.iter().zip(chunk) {
        let mut next = Vec::new();
        for (start, size) in all {
            let mut from = 0;
            while from < side {
                let (mut start, mut size) = (start.clone(), size.clone());
                start.push(from);
                size.push(cut.min(side - from));
                next.push((start, size));
                from += cut;
            }
        }
        all = next;
    }
    all
}

fn u16_at(b: &[u8], at: usize) -> u16 {
    u16::from(b[at]) | u16::from(b[at + 1]) << 8
}

fn u32_at(b: &[u8], at: usize) -> u32 {
    (0..4).map(|i| u32::from(b[at + i]) << (8 * i)).sum()
}

fn u64_at(b: &[u8], at: usize) -> u64 {
    (0..8).map(|i| u64::from(b[at + i]) << (8 * i)).sum()
}

fn leb128(b: &[u8], at: &mut usize) -> u64 {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let byte = b[*at];
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return value;
        }
    }
}

/// Bit by bit, as the definition has it.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &b in bytes {
        crc ^= u32::from(b);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    !crc
}
