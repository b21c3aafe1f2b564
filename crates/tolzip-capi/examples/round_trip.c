/* Compresses a field, looks at the stream, decompresses it, and sees what errors look like.
 *
 *   cargo build --release -p tolzip-capi
 *   cc examples/round_trip.c -Iinclude ../../target/release/libtolzip_c.a -lm -lpthread -ldl -o round_trip && ./round_trip
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tolzip.h"

#define SIDE 64
#define VALUES ((size_t)SIDE * SIDE * SIDE)

/* Ends the program, with failure, unless a call went as expected. */
static void expect(TolzipStatus got, TolzipStatus expected, const char *what) {
    if (got != expected) {
        fprintf(stderr, "%s: status %d (%s), %s\n", what, (int)got, tolzip_status_text(got), tolzip_message());
        exit(1);
    }
}

static void check(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        exit(1);
    }
}

int main(void) {
    const size_t shape[3] = {SIDE, SIDE, SIDE};
    const size_t bytes = VALUES * sizeof(float);
    float *field = malloc(bytes), *back = malloc(bytes);
    check(field && back, "there is memory");
    for (size_t i = 0; i < VALUES; i++) {
        float x = (float)(i % SIDE) / SIDE, y = (float)(i / SIDE % SIDE) / SIDE, z = (float)(i / SIDE / SIDE) / SIDE;
        field[i] = x * (1 - x) + y * y * z - 0.25f * z;
    }

    /* No value may be off by more than 1e-4. */
    TolzipSettings settings = tolzip_settings(TOLZIP_BOUND_ABS, 1e-4);
    settings.method = "predict";
    size_t size = 0, most = 0;
    expect(tolzip_max_compressed_bytes(TOLZIP_DTYPE_F32, shape, 3, &settings, &most), TOLZIP_STATUS_OK, "the most bytes");
    check(most > bytes && most < bytes + 1000, "not much more than the values take");
    unsigned char *stream = malloc(most);
    check(stream != NULL, "there is memory");
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &settings, stream, most, &size), TOLZIP_STATUS_OK,
           "compress");
    check(size > 0 && size < bytes / 10, "the stream is much smaller");

    /* What is in it, and how much room it takes. */
    TolzipInfo info;
    expect(tolzip_inspect(stream, size, &info), TOLZIP_STATUS_OK, "inspect");
    check(info.raw_bytes == bytes && info.ndim == 3 && info.shape[2] == SIDE && info.shape[3] == 1, "the shape");
    check(info.dtype == TOLZIP_DTYPE_F32 && info.bound == TOLZIP_BOUND_ABS && info.value == 1e-4, "type and bound");
    check(info.max_error <= 1e-4, "the error that was found");

    size_t written = 0;
    expect(tolzip_decompress(stream, size, back, bytes, &written, 1), TOLZIP_STATUS_OK, "decompress");
    check(written == bytes, "all values");
    for (size_t i = 0; i < VALUES; i++) {
        double error = (double)field[i] - (double)back[i];
        check(error <= 1e-4 && -error <= 1e-4, "the bound");
    }

    /* A part of it: ten rows of one plane. */
    const size_t start[3] = {7, 20, 0}, count[3] = {1, 10, SIDE}, far[3] = {SIDE, 20, 0};
    float part[10 * SIDE];
    expect(tolzip_decompress_region(stream, size, start, count, 3, part, sizeof part, &written, 0, 1), TOLZIP_STATUS_OK,
           "decompress a region");
    check(written == sizeof part && memcmp(part, back + (7 * SIDE + 20) * SIDE, sizeof part) == 0, "the region's values");
    expect(tolzip_decompress_region(stream, size, start, count, 3, part, sizeof part - 1, &written, 0, 1),
           TOLZIP_STATUS_BUFFER_TOO_SMALL, "a region into too little");
    check(written == sizeof part, "the room that would do");
    expect(tolzip_decompress_region(stream, size, start, count, 3, part, sizeof part, &written, bytes - 1, 1),
           TOLZIP_STATUS_BUFFER_TOO_SMALL, "a chunk above the limit");
    expect(tolzip_decompress_region(stream, size, far, count, 3, part, sizeof part, &written, 0, 1),
           TOLZIP_STATUS_BAD_ARGUMENT, "a region beyond the array");
    expect(tolzip_decompress_region(stream, size, start, count, 2, part, sizeof part, &written, 0, 1),
           TOLZIP_STATUS_BAD_ARGUMENT, "a region of fewer dimensions");
    expect(tolzip_decompress_region(stream, size, NULL, count, 3, part, sizeof part, &written, 0, 1),
           TOLZIP_STATUS_BAD_ARGUMENT, "a region that starts nowhere");

    /* Missing values come back as they are, each plane has a range of its own, and chunks of a plane are read by themselves. */
    const size_t plane[3] = {1, SIDE, SIDE};
    TolzipSettings planes = tolzip_settings(TOLZIP_BOUND_REL, 1e-3);
    planes.has_fill_value = 1;
    planes.fill_value = -999;
    planes.has_axis = 1;
    planes.axis = 0;
    planes.chunk = plane;
    float kept = field[5];
    field[5] = -999;
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &planes, stream, most, &size), TOLZIP_STATUS_OK,
           "compress with a fill value");
    expect(tolzip_inspect(stream, size, &info), TOLZIP_STATUS_OK, "inspect");
    check(info.has_fill_value == 1 && info.fill_value == -999 && info.has_axis == 1 && info.axis == 0, "fill value and axis");
    check(info.chunks == SIDE && info.chunk[0] == 1 && info.chunk[2] == SIDE, "a chunk for each plane");
    expect(tolzip_decompress(stream, size, back, bytes, &written, 1), TOLZIP_STATUS_OK, "decompress");
    check(back[5] == -999 && back[6] != -999, "the fill value");
    field[5] = kept;
    for (size_t z = 0; z < SIDE; z++) {
        const float *values = field + z * SIDE * SIDE, *decoded = back + z * SIDE * SIDE;
        float least = values[0], largest = values[0];
        for (size_t i = 0; i < SIDE * SIDE; i++) {
            least = values[i] < least ? values[i] : least;
            largest = values[i] > largest ? values[i] : largest;
        }
        for (size_t i = 0; i < SIDE * SIDE; i++) {
            double error = (double)values[i] - (double)decoded[i], bound = 1e-3 * ((double)largest - (double)least);
            check((z == 0 && i == 5) || (error <= bound && -error <= bound), "the bound of each plane");
        }
    }
    planes.has_fill_value = 3;
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &planes, stream, most, &size),
           TOLZIP_STATUS_BAD_ARGUMENT, "a fill value of no kind");
    planes.has_fill_value = 0;
    planes.axis = 3;
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &planes, stream, most, &size),
           TOLZIP_STATUS_BAD_ARGUMENT, "an axis that is not there");
    planes.has_axis = 0;
    planes.reserved[2] = 1;
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &planes, stream, most, &size),
           TOLZIP_STATUS_BAD_ARGUMENT, "what a later version may understand");
    const size_t flat[3] = {1, 0, SIDE};
    planes.reserved[2] = 0;
    planes.chunk = flat;
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &planes, stream, most, &size),
           TOLZIP_STATUS_BAD_ARGUMENT, "chunks of nothing");

    /* Of integers of 64 bits, a fill value is told by its bits. */
    const int64_t times[4] = {1700000000000000001, INT64_MAX, 1700000000000000009, INT64_MAX - 1};
    const size_t four = 4;
    int64_t times_back[4];
    TolzipSettings exact = tolzip_settings(TOLZIP_BOUND_ABS, 2);
    exact.has_fill_value = 2;
    exact.fill_bits = INT64_MAX;
    expect(tolzip_compress(times, sizeof times, TOLZIP_DTYPE_I64, &four, 1, &exact, stream, most, &size), TOLZIP_STATUS_OK,
           "compress integers");
    expect(tolzip_decompress(stream, size, times_back, sizeof times_back, &written, 1), TOLZIP_STATUS_OK, "and back");
    check(times_back[1] == INT64_MAX && times_back[3] >= INT64_MAX - 3, "the fill value and its neighbour");
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &settings, stream, most, &size), TOLZIP_STATUS_OK,
           "compress again");
    expect(tolzip_decompress(stream, size, back, bytes, &written, 1), TOLZIP_STATUS_OK, "decompress again");

    /* An array without values takes no room, whatever its other sides are. */
    const size_t none[3] = {3000, 0, 1000};
    unsigned char empty[300];
    size_t empty_size = 0;
    expect(tolzip_compress(NULL, 0, TOLZIP_DTYPE_F32, none, 3, &settings, empty, sizeof empty, &empty_size),
           TOLZIP_STATUS_OK, "compress nothing");
    expect(tolzip_decompress(empty, empty_size, NULL, 0, &written, 1), TOLZIP_STATUS_OK, "decompress nothing");
    check(written == 0, "no values");

    /* Values at an odd address are read as well. */
    unsigned char *odd = malloc(bytes + 1), *again = malloc(bytes);
    check(odd && again, "there is memory");
    memcpy(odd + 1, field, bytes);
    size_t other = 0;
    expect(tolzip_compress(odd + 1, bytes, TOLZIP_DTYPE_F32, shape, 3, &settings, again, bytes, &other), TOLZIP_STATUS_OK,
           "compress unaligned values");
    check(other == size && memcmp(stream, again, size) == 0, "the same bytes");

    /* As are they written there. */
    expect(tolzip_decompress(stream, size, odd + 1, bytes, &written, 1), TOLZIP_STATUS_OK, "decompress to an odd address");
    check(memcmp(odd + 1, back, bytes) == 0, "the same values");

    /* Too little room: nothing is written, and the size that would do is told. */
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &settings, again, 100, &other),
           TOLZIP_STATUS_BUFFER_TOO_SMALL, "compress into 100 bytes");
    check(other == size, "the size that would do");
    expect(tolzip_decompress(stream, size, back, bytes - 1, &written, 1), TOLZIP_STATUS_BUFFER_TOO_SMALL,
           "decompress into too little");
    check(written == bytes, "the room that would do");

    /* Damage is found. */
    stream[size / 2] ^= 1;
    expect(tolzip_decompress(stream, size, back, bytes, &written, 1), TOLZIP_STATUS_DAMAGED, "a flipped bit");
    printf("a flipped bit: %s\n", tolzip_message());
    expect(tolzip_inspect(stream, size / 2, &info), TOLZIP_STATUS_DAMAGED, "half a stream");

    /* What makes no sense is refused. */
    settings.value = -1;
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &settings, again, bytes, &other),
           TOLZIP_STATUS_BAD_BOUND, "a negative bound");
    settings = tolzip_settings(99, 1e-4);
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &settings, again, bytes, &other),
           TOLZIP_STATUS_BAD_ARGUMENT, "a bound of no kind");
    settings = tolzip_settings(TOLZIP_BOUND_REL, 1e-4);
    settings.method = "no such method";
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &settings, again, bytes, &other),
           TOLZIP_STATUS_BAD_ARGUMENT, "an unknown method");
    settings.method = "lossless";
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, &settings, again, bytes, &other),
           TOLZIP_STATUS_UNSUPPORTED, "a relative bound of a lossless method");
    expect(tolzip_compress(NULL, bytes, TOLZIP_DTYPE_F32, shape, 3, NULL, again, bytes, &other), TOLZIP_STATUS_BAD_ARGUMENT,
           "no values");
    expect(tolzip_compress(field, bytes - 4, TOLZIP_DTYPE_F32, shape, 3, NULL, again, bytes, &other),
           TOLZIP_STATUS_BAD_ARGUMENT, "a value less than the shape needs");
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 9, NULL, again, bytes, &other),
           TOLZIP_STATUS_BAD_ARGUMENT, "nine dimensions");
    expect(tolzip_compress(field, bytes, 77, shape, 3, NULL, again, bytes, &other), TOLZIP_STATUS_BAD_ARGUMENT,
           "an unknown type");
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, NULL, (char *)field + 4, bytes - 4, &other),
           TOLZIP_STATUS_BAD_ARGUMENT, "an output inside of the input");
    expect(tolzip_compress(field, bytes, TOLZIP_DTYPE_F32, shape, 3, NULL, again, bytes, NULL), TOLZIP_STATUS_BAD_ARGUMENT,
           "no place for the size");
    expect(tolzip_max_compressed_bytes(77, shape, 3, NULL, &most), TOLZIP_STATUS_BAD_ARGUMENT, "the most of no type");
    check(most == 0, "no size where there is none");
    expect(tolzip_max_compressed_bytes(TOLZIP_DTYPE_F32, NULL, 3, NULL, &most), TOLZIP_STATUS_BAD_ARGUMENT, "of no shape");
    expect(tolzip_max_compressed_bytes(TOLZIP_DTYPE_F32, shape, 3, NULL, NULL), TOLZIP_STATUS_BAD_ARGUMENT, "to nowhere");
    const size_t huge[2] = {(size_t)-1, 3};
    expect(tolzip_max_compressed_bytes(TOLZIP_DTYPE_F32, huge, 2, NULL, &most), TOLZIP_STATUS_BAD_ARGUMENT,
           "of more values than can be");
    expect(tolzip_decompress(NULL, 0, back, bytes, &written, 1), TOLZIP_STATUS_DAMAGED, "no bytes at all");

    printf("tolzip %s: %zu bytes became %zu\n", tolzip_version(), bytes, size);
    free(field);
    free(back);
    free(stream);
    free(odd);
    free(again);
    return 0;
}
