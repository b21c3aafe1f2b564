/* tolzip: error-bounded compression of arrays of numbers.
 *
 * Made by cbindgen from crates/tolzip-capi/src; a test holds the two together.
 *
 * Every function that can fail returns a TolzipStatus; tolzip_message() says more about the calling thread's last failure.
 * All memory is the caller's: nothing returned has to be freed. Functions may be called from any number of threads at a
 * time, as long as no two write to the same buffer. No panic leaves them. */

#ifndef TOLZIP_H
#define TOLZIP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

// What became of a call.
typedef enum {
  // Done.
  TOLZIP_STATUS_OK = 0,
  // A null pointer, a length that can't be, overlapping buffers, an unknown number or text.
  TOLZIP_STATUS_BAD_ARGUMENT = 1,
  // The output does not fit: the number of bytes it takes is in the place for the written ones.
  TOLZIP_STATUS_BUFFER_TOO_SMALL = 2,
  // A bound that is not a number of its kind.
  TOLZIP_STATUS_BAD_BOUND = 3,
  // The method does not take this bound, type or setting; or no bound reaches the ratio.
  TOLZIP_STATUS_UNSUPPORTED = 4,
  // The bytes are not a whole tolzip stream.
  TOLZIP_STATUS_DAMAGED = 5,
  // The stream was written by a newer tolzip, or by a method that this build does not have.
  TOLZIP_STATUS_UNKNOWN = 6,
  // Memory could not be had.
  TOLZIP_STATUS_OUT_OF_MEMORY = 7,
  // A mistake in tolzip: please report it.
  TOLZIP_STATUS_INTERNAL = 8,
} TolzipStatus;

// Types of values. The numbers are those of the format.
typedef enum {
  // `float`
  TOLZIP_DTYPE_F32 = 1,
  // `double`
  TOLZIP_DTYPE_F64 = 2,
  // IEEE binary16
  TOLZIP_DTYPE_F16 = 3,
  // bfloat16
  TOLZIP_DTYPE_BF16 = 4,
  // `int8_t`
  TOLZIP_DTYPE_I8 = 5,
  // `int16_t`
  TOLZIP_DTYPE_I16 = 6,
  // `int32_t`
  TOLZIP_DTYPE_I32 = 7,
  // `int64_t`
  TOLZIP_DTYPE_I64 = 8,
  // `uint8_t`
  TOLZIP_DTYPE_U8 = 9,
  // `uint16_t`
  TOLZIP_DTYPE_U16 = 10,
  // `uint32_t`
  TOLZIP_DTYPE_U32 = 11,
  // `uint64_t`
  TOLZIP_DTYPE_U64 = 12,
} TolzipDtype;

// Kinds of bounds: what `value` (and, of the last two, `second`) means. `x` is a value, `x'` what comes back.
typedef enum {
  // Bit-exact.
  TOLZIP_BOUND_LOSSLESS = 0,
  // `|x - x'| <= value`
  TOLZIP_BOUND_ABS = 1,
  // `|x - x'| <= value * (max - min)`
  TOLZIP_BOUND_REL = 2,
  // `|x - x'| <= value * |x|`
  TOLZIP_BOUND_POINTWISE_REL = 3,
  // The method's own knobs decide.
  TOLZIP_BOUND_KNOB = 4,
  // A peak signal-to-noise ratio of at least `value` decibels.
  TOLZIP_BOUND_PSNR = 5,
  // A root mean square error of at most `value`.
  TOLZIP_BOUND_L2 = 6,
  // A stream smaller by at least the factor `value`.
  TOLZIP_BOUND_RATIO = 7,
  // `value` as an absolute and `second` as a relative bound: both hold.
  TOLZIP_BOUND_ABS_AND_REL = 8,
  // `value` as an absolute and `second` as a relative bound: the looser one holds.
  TOLZIP_BOUND_ABS_OR_REL = 9,
} TolzipBound;

// How to compress. Begin with `tolzip_settings` and change what should differ.
typedef struct {
  // A method as the command line spells it, such as "predict:level=2"; null lets tolzip choose.
  const char *method;
  // Sides of a chunk, as many as the array has, each at least 1 (along `axis` they become 1); null to leave that to tolzip.
  const size_t *chunk;
  // The bound's number.
  double value;
  // The relative bound of the kinds that have two numbers.
  double second;
  // With `has_fill_value` 1, the number that stands for a missing value: it comes back exactly and is outside of every range.
  double fill_value;
  // With `has_fill_value` 2, its bits, zero-extended: for integers of 64 bits, which are not all `double`.
  uint64_t fill_bits;
  // One of TolzipBound.
  uint32_t bound;
  // 0 if there is no fill value, 1 for `fill_value`, 2 for `fill_bits`.
  uint32_t has_fill_value;
  // 1 if each index of `axis` shall have a range and a bound of its own, 0 for one range of the whole array.
  uint32_t has_axis;
  // With `has_axis`, the axis, counted from 0.
  uint32_t axis;
  // The most threads to work on; 0 stands for all cores. The stream does not depend on it.
  uint32_t threads;
  // Room for what later versions can be told; all zero.
  uint64_t reserved[4];
} TolzipSettings;

// What a stream says about itself.
typedef struct {
  // Bytes of the decompressed values: what `tolzip_decompress` needs room for.
  uint64_t raw_bytes;
  // Bytes of the stream.
  uint64_t compressed_bytes;
  // Number of chunks.
  uint64_t chunks;
  // One of TolzipDtype.
  uint32_t dtype;
  // Number of dimensions.
  uint32_t ndim;
  // Sides, slow to fast; those beyond `ndim` are 1.
  uint64_t shape[8];
  // One of TolzipBound: what was asked for.
  uint32_t bound;
  // The bound's number; 0 if it has none.
  double value;
  // The relative bound of the kinds that have two numbers, else 0.
  double second;
  // The largest absolute error found when the stream was written.
  double max_error;
  // Sides of a chunk; those beyond `ndim` are 1.
  uint64_t chunk[8];
  // With `has_fill_value`, the number that stands for a missing value (of integers of 64 bits, the nearest `double`).
  double fill_value;
  // Its bits, zero-extended.
  uint64_t fill_bits;
  // 1 if there is a fill value, 0 if not.
  uint32_t has_fill_value;
  // 1 if the indices of an axis have ranges and bounds of their own, 0 if not.
  uint32_t has_axis;
  // With `has_axis`, the axis, counted from 0.
  uint32_t axis;
  // Always 0.
  uint32_t padding;
  // Zero; room for what later versions tell.
  uint64_t reserved[4];
} TolzipInfo;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// What went wrong in the calling thread's last call that failed, as UTF-8 text; empty if none did. It is valid until this
// thread's next call of tolzip.
const char *tolzip_message(void);

// A status in a few words of English; "unknown status" for any other number. It is valid for ever.
const char *tolzip_status_text(int32_t status);

// The library's version, such as "0.1.0". It is valid for ever.
const char *tolzip_version(void);

// Settings of a bound, with everything else as most people want it: the method chosen automatically, one thread.
TolzipSettings tolzip_settings(uint32_t bound,
                               double value);

// The most bytes that an array of this type and shape can be compressed to, whatever its values are: a buffer of so many has
// room for every stream of these settings. It is little more than the array itself takes.
//
// `dtype`, `shape`, `ndim` and `settings` are as in `tolzip_compress`. Does not allocate what it tells.
//
// # Safety
// `shape` and what `settings` points to must be readable and unchanged during the call, `bytes` writable and untouched by anybody
// else. Null pointers are refused.
TolzipStatus tolzip_max_compressed_bytes(uint32_t dtype,
                                         const size_t *shape,
                                         size_t ndim,
                                         const TolzipSettings *settings,
                                         size_t *bytes);

// Compresses an array into `out`.
//
// `values` are `values_bytes` bytes of type `dtype` (one of TolzipDtype) in the machine's byte order, aligned or not; `shape`
// has `ndim` sides, slow to fast (C order). Without a `settings` pointer it is lossless. `*written` becomes the bytes of the
// stream; if they don't fit in `capacity`, nothing is written to `out`, and the status is TOLZIP_STATUS_BUFFER_TOO_SMALL:
// `tolzip_max_compressed_bytes` tells a capacity that always does.
// Needs working memory of a few times the array's size (of one-byte types, eight times); no chunk takes more than the largest
// ones do.
//
// # Safety
// `values`, `shape` and what `settings` points to must be readable and unchanged during the call, `out` and `written` writable and
// untouched by anybody else. Null pointers are refused, and an `out` that overlaps `values` or `written`.
TolzipStatus tolzip_compress(const void *values,
                             size_t values_bytes,
                             uint32_t dtype,
                             const size_t *shape,
                             size_t ndim,
                             const TolzipSettings *settings,
                             void *out,
                             size_t capacity,
                             size_t *written);

// Reads header and chunk table of a stream into `*info`. Allocates a few bytes for each chunk and no more. On
// failure `*info` is left as it was.
//
// # Safety
// `stream` must be readable and unchanged during the call, `info` writable and untouched by anybody else.
TolzipStatus tolzip_inspect(const void *stream,
                            size_t stream_bytes,
                            TolzipInfo *info);

// Decompresses a stream into `values`, in the machine's byte order, slow to fast.
//
// `capacity` is the limit of what the stream may ask for: one that holds more values is refused as
// TOLZIP_STATUS_BUFFER_TOO_SMALL before memory is got for them, with the bytes it takes in `*written`. Decoding takes, on each
// thread, up to 24 bytes for each value of a chunk (48 of F64 and of integers of 32 and 64 bits) and the chunk itself where it is
// not whole rows of the array; that may be 1 GiB, or `capacity` if it is more, before a stream is refused for it. If `values`
// are not aligned to their type, as much memory as they take is used besides. `threads` is the most threads to work on; 0 stands
// for all cores. What `values` hold after a failure is not specified.
//
// # Safety
// `stream` must be readable and unchanged during the call, `values` and `written` writable and untouched by anybody else.
// Null pointers and overlapping buffers are refused.
TolzipStatus tolzip_decompress(const void *stream,
                               size_t stream_bytes,
                               void *values,
                               size_t capacity,
                               size_t *written,
                               uint32_t threads);

// Decompresses a box of the array into `values`, in the machine's byte order, slow to fast: along axis `d` the indices from
// `start[d]` on, `count[d]` of them. `ndim` is the array's own number of dimensions. Only the chunks that the box touches are
// read and checked.
//
// Values that take more than `capacity` are refused as TOLZIP_STATUS_BUFFER_TOO_SMALL, with the bytes they take in `*written`.
// `limit` is the most bytes of values that may be decoded at a time, the box and each whole chunk that it touches; 0 stands for
// 4 GiB, and a stream that asks for more is refused as TOLZIP_STATUS_BUFFER_TOO_SMALL, too. `threads` is the most threads to
// work on; 0 stands for all cores. What `values` hold after a failure is not specified.
//
// # Safety
// `stream`, `start` and `count` must be readable and unchanged during the call, `values` and `written` writable and untouched by
// anybody else. Null pointers and overlapping buffers are refused.
TolzipStatus tolzip_decompress_region(const void *stream,
                                      size_t stream_bytes,
                                      const size_t *start,
                                      const size_t *count,
                                      size_t ndim,
                                      void *values,
                                      size_t capacity,
                                      size_t *written,
                                      uint64_t limit,
                                      uint32_t threads);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TOLZIP_H */
