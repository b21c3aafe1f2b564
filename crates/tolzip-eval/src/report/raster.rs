//! The plots as PNG: draws those elements and classes of SVG that this report's plots are made of, in the colours of its light
//! style, at twice their size. Not a renderer of SVG in general.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

/// Pixels of the picture to one of the drawing.
const ZOOM: f64 = 2.0;
const PAPER: [f64; 3] = [255.0; 3];

/// Red, green, blue and opacity.
type Colour = ([f64; 3], f64);

/// A drawing of lines, circles, rectangles, simple paths and text as the bytes of a PNG file; `None` without a size.
pub(super) fn png(svg: &str) -> Option<Vec<u8>> {
    let mut tags = tags(svg);
    let (_, first, _) = tags.next()?;
    let size = |name: &str| first.number(name).filter(|v| (1.0..1e4).contains(v));
    let mut canvas = Canvas::new((size("width")? * ZOOM) as usize, (size("height")? * ZOOM) as usize);
    // The classes of the groups around an element.
    let mut groups: Vec<f64> = Vec::new();
    for (name, tag, content) in tags {
        match name {
            "g" => groups.push(opacity(tag.text("class").unwrap_or(""))),
            "/g" => _ = groups.pop(),
            _ => canvas.element(name, tag, content, groups.iter().product()),
        }
    }
    canvas.encode()
}

/// The attributes of a tag.
#[derive(Clone, Copy)]
struct Tag<'a>(&'a str);

impl<'a> Tag<'a> {
    fn text(self, name: &str) -> Option<&'a str> {
        let from = self.0.find(&format!(" {name}=\""))? + name.len() + 3;
        self.0[from..].split('"').next()
    }

    fn number(self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }

    /// A property of the `style` attribute.
    fn style(self, name: &str) -> Option<&'a str> {
        self.text("style")?.split(';').find_map(|p| p.strip_prefix(name)?.strip_prefix(':'))
    }
}

/// The tags of a drawing: names, attributes, and what follows up to the next tag.
fn tags(svg: &str) -> impl Iterator<Item = (&str, Tag<'_>, &str)> {
    svg.split('<').skip(1).filter_map(|part| {
        let (tag, content) = part.split_once('>')?;
        let name = tag.split([' ', '/']).next().filter(|n| !n.is_empty());
        Some((name.unwrap_or(tag), Tag(tag), content))
    })
}

fn colour(name: &str) -> [f64; 3] {
    let hex: u32 = match name {
        "ink" => 0x1d_23_30,
        "soft" => 0x5b_64_75,
        "line" => 0xd9_dc_e3,
        "grid" => 0xe9_eb_ef,
        "bad" => 0xc2_34_2d,
        "var(--c0)" => 0x1f_5f_bf,
        "var(--c1)" => 0xc9_6a_0b,
        "var(--c2)" => 0x1a_7f_4b,
        "var(--c3)" => 0x8b_3f_b0,
        "var(--c4)" => 0x6b_72_80,
        "var(--c5)" => 0x0e_8a_92,
        "var(--c6)" => 0xb0_30_6a,
        _ => 0xff_ff_ff,
    };
    [hex >> 16, hex >> 8 & 255, hex & 255].map(f64::from)
}

fn opacity(class: &str) -> f64 {
    match class {
        "faint" => 0.5,
        "cliff faint" => 0.3,
        "margin" | "front" => 0.75,
        "base" => 0.6,
        "bar" => 0.55,
        _ => 1.0,
    }
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[f64; 3]>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![PAPER; width * height] }
    }

    fn element(&mut self, name: &str, tag: Tag<'_>, content: &str, group: f64) {
        let class = tag.text("class").unwrap_or("");
        let kind = class.split(' ').next().unwrap_or("");
        let at = |name: &str| tag.number(name).unwrap_or(0.0) * ZOOM;
        let (stroke, width) = match kind {
            "grid" | "line" => ("grid", 1.0),
            "axis" => ("line", 1.0),
            "base" => ("ink", 1.0),
            "front" => ("ink", 1.6),
            "margin" => ("bad", 1.0),
            "cliff" => ("bad", 2.2),
            "dip" => ("bad", 2.0),
            "bar" => ("", 1.2),
            _ => ("", 1.6),
        };
        let stroke = (colour(tag.style("stroke").unwrap_or(stroke)), group * opacity(class));
        let half = width * ZOOM / 2.0;
        match name {
            "line" => {
                let (from, to) = ((at("x1"), at("y1")), (at("x2"), at("y2")));
                let dash = if kind == "margin" { Some((5.0 * ZOOM, 9.0 * ZOOM)) } else { None };
                self.line(from, to, half, stroke, dash);
            }
            "path" => {
                for pair in corners(tag.text("d").unwrap_or("")).windows(2) {
                    let scaled = |p: (f64, f64)| (p.0 * ZOOM, p.1 * ZOOM);
                    self.line(scaled(pair[0]), scaled(pair[1]), half, stroke, None);
                }
            }
            "circle" => {
                let fill = tag.text("fill").or(tag.style("fill")).map(colour);
                let hollow = class.contains("hollow").then_some(PAPER);
                let outlined = tag.style("stroke").is_some() || kind == "dip";
                let (center, r) = ((at("cx"), at("cy")), at("r"));
                if let Some(fill) = fill.or(hollow) {
                    self.cover(center, r + 1.0, (fill, stroke.1), |d| r + 0.5 - d);
                }
                if outlined {
                    self.cover(center, r + half + 1.0, stroke, |d| half + 0.5 - (d - r).abs());
                }
            }
            "rect" if kind == "band" => {
                let (x, y, w, h) = (at("x"), at("y"), at("width"), at("height"));
                let colour = (colour("var(--c0)"), 0.08);
                for row in 0..self.height {
                    let share = (y + h).min(row as f64 + 1.0) - y.max(row as f64);
                    for column in x.max(0.0) as usize..((x + w) as usize).min(self.width) {
                        self.blend(column, row, colour, share);
                    }
                }
            }
            "text" => {
                let ink = colour(if kind == "strong" { "ink" } else { "soft" });
                let text = content.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                self.text((at("x"), at("y")), tag.text("text-anchor").unwrap_or("start"), &text, ink);
            }
            _ => {}
        }
    }

    fn blend(&mut self, x: usize, y: usize, (colour, opacity): Colour, share: f64) {
        let share = opacity * share.clamp(0.0, 1.0);
        if let Some(pixel) = self.pixels.get_mut(y * self.width + x).filter(|_| x < self.width && share > 0.0)
        {
            for (p, c) in pixel.iter_mut().zip(colour) {
                *p += share * (c - *p);
            }
        }
    }

    /// Colours what is around a point, by the distance from it.
    fn cover(&mut self, (x, y): (f64, f64), reach: f64, colour: Colour, share: impl Fn(f64) -> f64) {
        let span = |at: f64, end: usize| {
            (at - reach).clamp(0.0, end as f64) as usize..(at + reach + 1.0).clamp(0.0, end as f64) as usize
        };
        for row in span(y, self.height) {
            for column in span(x, self.width) {
                let d = (column as f64 + 0.5 - x).hypot(row as f64 + 0.5 - y);
                self.blend(column, row, colour, share(d));
            }
        }
    }

    /// A straight line, dashed if so told: length of a dash, and of a dash with its gap.
    fn line(
        &mut self,
        (x1, y1): (f64, f64),
        (x2, y2): (f64, f64),
        half: f64,
        colour: Colour,
        dash: Option<(f64, f64)>,
    ) {
        let (dx, dy) = (x2 - x1, y2 - y1);
        let length = dx.hypot(dy).max(1e-9);
        let span = |a: f64, b: f64, end: usize| {
            let (low, high) = (a.min(b) - half - 1.0, a.max(b) + half + 2.0);
            low.clamp(0.0, end as f64) as usize..high.clamp(0.0, end as f64) as usize
        };
        for row in span(y1, y2, self.height) {
            for column in span(x1, x2, self.width) {
                let (px, py) = (column as f64 + 0.5 - x1, row as f64 + 0.5 - y1);
                let along = (px * dx + py * dy) / length;
                if dash.is_some_and(|(on, all)| along.rem_euclid(all) > on) {
                    continue;
                }
                let beyond = (-along).max(along - length).max(0.0);
                let across = ((px * dy - py * dx) / length).abs();
                self.blend(column, row, colour, half + 0.5 - across.hypot(beyond));
            }
        }
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: &str, text: &str, ink: [f64; 3]) {
        let (weight, height) = (FontWeight::Regular, RasterHeight::Size24);
        let width = get_raster_width(weight, height);
        let all = (width * text.chars().count()) as f64;
        let mut left = match anchor {
            "end" => x - all,
            "middle" => x - all / 2.0,
            _ => x,
        };
        // From the foot of the letters to the top of their boxes.
        let top = y - 0.77 * height.val() as f64;
        for c in text.chars() {
            let Some(glyph) = get_raster(c, weight, height).or_else(|| get_raster('?', weight, height))
            else {
                continue;
            };
            for (row, line) in glyph.raster().iter().enumerate() {
                for (column, &share) in line.iter().enumerate() {
                    let (x, y) = (left + column as f64, top + row as f64);
                    if x >= 0.0 && y >= 0.0 {
                        self.blend(x as usize, y as usize, (ink, 1.0), f64::from(share) / 255.0);
                    }
                }
            }
            left += width as f64;
        }
    }

    fn encode(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder =
            png::Encoder::new(&mut bytes, self.width.try_into().ok()?, self.height.try_into().ok()?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let rgb: Vec<u8> = self.pixels.iter().flatten().map(|v| v.round() as u8).collect();
        encoder.write_header().ok()?.write_image_data(&rgb).ok()?;
        Some(bytes)
    }
}

/// The corners of a path of the commands M, V, H, h, l and z.
fn corners(path: &str) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = Vec::new();
    let mut rest = path;
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |i| i + 1);
        let numbers: Vec<f64> = rest[1..end].split([' ', ',']).filter_map(|n| n.parse().ok()).collect();
        let (x, y) = all.last().copied().unwrap_or((0.0, 0.0));
        match (command, &numbers[..]) {
            ('M', &[a, b]) => all.push((a, b)),
            ('H', &[a]) => all.push((a, y)),
            ('V', &[b]) => all.push((x, b)),
            ('h', &[a]) => all.push((x + a, y)),
            ('l', &[a, b]) => all.push((x + a, y + b)),
            ('z', _) => all.extend(all.first().copied()),
            _ => {}
        }
        rest = &rest[end..];
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_corners() {
        assert_eq!(corners("M1.5 2V4H8"), [(1.5, 2.0), (1.5, 4.0), (8.0, 4.0)]);
        assert_eq!(corners("M1 2h8l-4 6z"), [(1.0, 2.0), (9.0, 2.0), (5.0, 8.0), (1.0, 2.0)]);
        assert!(corners("").is_empty());
    }

    #[test]
    fn what_is_drawn_is_there() {
        let draw = |inside: &str| {
            let svg = format!("<svg width=\"20\" height=\"10\"><style>a{{}}</style>{inside}</svg>");
            let bytes = png(&svg).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
            let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut rgb).unwrap();
            assert_eq!(rgb.len(), 40 * 20 * 3);
            rgb
        };
        assert!(draw("").iter().all(|&v| v == 255));
        let rgb = draw(r#"<line class="base" x1="0" y1="5" x2="20" y2="5"/>"#);
        assert!(rgb[(10 * 40 + 20) * 3] < 160 && rgb[(2 * 40 + 20) * 3] == 255);
        let rgb = draw(r#"<circle cx="10" cy="5" r="3" fill="var(--c0)"/>"#);
        assert_eq!(rgb[(10 * 40 + 20) * 3..][..3], [0x1f, 0x5f, 0xbf]);
        let faint = draw(r#"<g class="faint"><circle cx="10" cy="5" r="3" fill="var(--c0)"/></g>"#);
        assert_eq!(faint[(10 * 40 + 20) * 3], (0x1f_u8 as f64 / 2.0 + 127.5).round() as u8);
        assert!(draw(r#"<text x="1" y="9" text-anchor="start">x</text>"#).iter().any(|&v| v < 150));
        assert!(png("<svg></svg>").is_none() && png("").is_none());
    }
}
