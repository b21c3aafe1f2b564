//! Arrays that are read box by box, against the same arrays in memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use tolzip::{
    Array, Bound, Compressor, DType, Element, Error, NonFinite, Result, Scope, Shape, Source, with_any,
};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::methods::with_bounds;

/// An array that counts how much of it is asked for, and fails after so many values.
struct Counted<'a, T> {
    array: &'a Array<T>,
    read: AtomicUsize,
    most: usize,
}

impl<'a, T: Element> Counted<'a, T> {
    fn new(array: &'a Array<T>) -> Self {
        Self { array, read: AtomicUsize::new(0), most: usize::MAX }
    }
}

impl<T: Element> Source<T> for Counted<'_, T> {
    fn shape(&self) -> Shape {
        self.array.shape()
    }

    fn read(&self, start: &[usize], size: Shape, out: &mut Vec<T>) -> Result<()> {
        assert_eq!(start.len(), size.ndim());
        if self.read.fetch_add(size.len(), Ordering::Relaxed) > self.most {
            return Err(Error::Source("the disk is gone".into()));
        }
        self.array.view().gather(start, size, out);
        Ok(())
    }
}

#[test]
fn the_bytes_do_not_depend_on_where_the_values_come_from() {
    for dtype in [DType::F32, DType::I16] {
        for (method, bound) in with_bounds(dtype) {
            for (i, scope) in [Scope::Whole, Scope::Column, Scope::Axis(1)].into_iter().enumerate() {
                let original = array(dtype, &[6, 5, 7], Kind::ALL[i % Kind::ALL.len()], 8);
                let mut c = Compressor::new(method.clone(), bound).by(scope).threads(1 + i);
                if i % 2 == 0 {
                    c = c.chunk(&[4, 5, 3]);
                }
                with_any!(&original, a => {
                    let source = Counted::new(a);
                    let mut written = Vec::new();
                    let here = c.write(a.view(), &mut written);
                    let mut streamed = Vec::new();
                    let there = c.write_from(&source, &mut streamed);
                    match (here, there) {
                        (Ok(here), Ok(there)) => {
                            assert_eq!(streamed, written, "{method} {bound:?} {scope:?}");
                            assert_eq!(c.compress_from(&source).unwrap(), written);
                            assert_eq!(here, there);
                        }
                        (Err(here), Err(there)) => assert_eq!(here.to_string(), there.to_string()),
                        (here, there) => panic!("{method} {bound:?} {scope:?}: {here:?} {there:?}"),
                    }
                });
            }
        }
    }
}

#[test]
fn values_are_read_no_more_often_than_promised() {
    let tolzip::AnyArray::F32(a) = array(DType::F32, &[40, 30], Kind::Noisy, 3) else { unreachable!() };
    for (bound, times) in [(Bound::Abs(1e-3), 1), (Bound::Rel(1e-3), 2), (Bound::PointwiseRel(1e-2), 1)] {
        let source = Counted::new(&a);
        Compressor::new("predict".parse().unwrap(), bound).chunk(&[8, 30]).compress_from(&source).unwrap();
        assert_eq!(source.read.into_inner(), times * 1200, "{bound:?}");
    }
}

#[test]
fn what_a_source_says_comes_back() {
    let tolzip::AnyArray::F64(a) = array(DType::F64, &[40, 30], Kind::Noisy, 3) else { unreachable!() };
    for bound in [Bound::Abs(1e-3), Bound::Rel(1e-3), Bound::Psnr(60.0), Bound::Ratio(4.0)] {
        for most in [0, 500, 1000] {
            for threads in [1, 2] {
                let source = Counted { most, ..Counted::new(&a) };
                let c = Compressor::new("predict".parse().unwrap(), bound).chunk(&[4, 30]).threads(threads);
                let error = Error::Source("the disk is gone".into());
                assert_eq!(c.compress_from(&source), Err(error.clone()), "{bound:?} {most}");
                let source = Counted { most, ..Counted::new(&a) };
                let written = c.write_from(&source, std::io::sink()).unwrap_err();
                assert_eq!(written.downcast::<Error>().unwrap(), error);
            }
        }
    }
}

#[test]
fn values_that_are_refused_are_counted_across_chunks() {
    let mut values = vec![1.0f32; 600];
    for at in [77, 78, 300, 599] {
        values[at] = f32::NAN;
    }
    let a = Array::new(values, Shape::new(&[20, 30]).unwrap()).unwrap();
    let c = Compressor::new("predict".parse().unwrap(), Bound::Abs(0.1)).non_finite(NonFinite::Deny);
    for chunk in [[20, 30], [3, 7], [1, 1], [20, 4]] {
        let c = c.clone().chunk(&chunk);
        let refused = Err(Error::NonFinite { count: 4, first: 77 });
        assert_eq!(c.compress(a.view()), refused);
        assert_eq!(c.compress_from(&Counted::new(&a)), refused);
    }
}
