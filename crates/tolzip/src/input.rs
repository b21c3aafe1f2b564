//! The array to be compressed: in memory, or read box by box.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use tolzip_core::{Element, Error, MAX_DIMS, Result, Shape, Source, View};
use tolzip_simd::memory::room;

/// Where the values come from.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a, T: Element> {
    Memory(View<'a, T>),
    Source(&'a dyn Source<T>),
}

impl<'a, T: Element> Input<'a, T> {
    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Memory(view) => view.shape(),
            Self::Source(source) => source.shape(),
        }
    }

    /// A box of the array: borrowed where it is one run in memory. Of `start` as many indices count as there are dimensions.
    pub(crate) fn values(&self, start: &[usize; MAX_DIMS], size: Shape) -> Result<Cow<'a, [T]>> {
        let start = &start[..self.shape().ndim()];
        if let Self::Memory(view) = self
            && let Some(all) = view.as_slice()
            && let Some(begin) = run_of(view.shape(), start, size)
            && let Some(values) = all.get(begin..begin + size.len())
        {
            return Ok(Cow::Borrowed(values));
        }
        let mut out = room(size.len())?;
        self.append(start, size, &mut out)?;
        Ok(Cow::Owned(out))
    }

    /// Appends a box to `out`.
    pub(crate) fn append(&self, start: &[usize], size: Shape, out: &mut Vec<T>) -> Result<()> {
        let before = out.len();
        match self {
            Self::Memory(view) => view.gather(start, size, out),
            Self::Source(source) => source.read(start, size, out)?,
        }
        // Whoever wrote the source may have been mistaken.
        let got = out.len().wrapping_sub(before);
        if got != size.len() {
            return Err(Error::Source(format!("{got} values came where {} were asked for", size.len())));
        }
        Ok(())
    }
}

/// Where a box begins that is one run of a dense array's values: whole along all axes behind the first that is longer
/// than 1.
fn run_of(shape: Shape, start: &[usize], size: Shape) -> Option<usize> {
    let (sides, box_sides) = (shape.sides(), size.sides());
    let cut = box_sides.iter().position(|&side| side != 1).unwrap_or(box_sides.len());
    if sides.iter().zip(box_sides).skip(cut + 1).any(|(a, b)| a != b) {
        return None;
    }
    Some(sides.iter().zip(start).fold(0, |at, (side, start)| at * side + start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_that_are_runs_are_borrowed_and_all_are_right() {
        let data: Vec<f32> = (0..3 * 4 * 5).map(|i| i as f32).collect();
        let view = View::new(&data, Shape::new(&[3, 4, 5]).unwrap()).unwrap();
        let (mut borrowed, mut owned) = (0, 0);
        for start in [[0, 0, 0], [1, 0, 0], [2, 1, 0], [1, 3, 2], [0, 0, 1]] {
            for size in
                [[3, 4, 5], [2, 4, 5], [1, 4, 5], [1, 2, 5], [1, 1, 3], [1, 1, 1], [2, 1, 5], [1, 2, 4]]
            {
                if (0..3).any(|d| start[d] + size[d] > [3, 4, 5][d]) {
                    continue;
                }
                let size = Shape::new(&size).unwrap();
                let mut expected = Vec::new();
                view.gather(&start, size, &mut expected);
                let mut at = [0; MAX_DIMS];
                at[..3].copy_from_slice(&start);
                let found = Input::Memory(view).values(&at, size).unwrap();
                assert_eq!(found, expected, "{start:?} {size:?}");
                assert_eq!(Input::Source(&view).values(&at, size).unwrap(), expected);
                match found {
                    Cow::Borrowed(_) => borrowed += 1,
                    Cow::Owned(_) => owned += 1,
                }
            }
        }
        assert!(borrowed >= 10 && owned >= 5, "{borrowed} borrowed, {owned} owned");
    }

    #[test]
    fn a_source_that_gives_too_little_is_an_error() {
        struct Half;
        impl Source<u8> for Half {
            fn shape(&self) -> Shape {
                Shape::line(10)
            }
            fn read(&self, _: &[usize], size: Shape, out: &mut Vec<u8>) -> Result<()> {
                out.resize(out.len() + size.len() / 2, 1);
                Ok(())
            }
        }
        let found = Input::Source(&Half).values(&[0; MAX_DIMS], Shape::line(10));
        assert!(matches!(found, Err(Error::Source(text)) if text == "5 values came where 10 were asked for"));
    }
}
