//! The prediction codec from generic code: it has a body per type.

use alloc::vec::Vec;
use tolzip_core::{Codec, DType, Encoded, Fields, Float, Result, Shape, Target};
use tolzip_predict::Predict;
use tolzip_simd::floats::{Floats, FloatsMut, floats, floats_mut};

/// [`Predict`] for whichever of the two types.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AnyPredict(pub(crate) Predict);

impl<C: Float> Codec<C> for AnyPredict {
    fn encode(&self, values: &[C], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        match floats(values) {
            Floats::F32(values) => self.0.encode(values, shape, target, out),
            Floats::F64(values) => self.0.encode(values, shape, target, out),
        }
    }

    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [C]) -> Result<()> {
        match floats_mut(out) {
            FloatsMut::F32(out) => self.0.decode(bytes, shape, out),
            FloatsMut::F64(out) => self.0.decode(bytes, shape, out),
        }
    }

    fn describe(&self, bytes: &[u8], shape: Shape) -> Result<Fields> {
        match C::DTYPE {
            DType::F32 => Codec::<f32>::describe(&self.0, bytes, shape),
            _ => Codec::<f64>::describe(&self.0, bytes, shape),
        }
    }
}
