/* Negative sampling for wide vectors; embeddings_avx2.c and embeddings_avx512.c define the vectors and include it.

   Beside a call of BLAS for each dot product and each update, one pass over all rows loads the input once for all of
   them, hides the latency of one sum behind the others, and takes all exponentials at once. */

#include "wide_exponential.h"

enum { ROWS = 8 };

/* out[r] = rows[r] . x for eight rows. */
INLINE void dots(const float *const rows[ROWS], const float *x, size_t rank, float out[ROWS]) {
    vector_t sums[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) sums[r] = zero();
    size_t k = 0;
    for (; k + WIDTH <= rank; k += WIDTH) {
        vector_t part = load(x + k);
#pragma unroll
        for (int r = 0; r < ROWS; r++) sums[r] = multiply_add(load(rows[r] + k), part, sums[r]);
    }
    if (k < rank) {
        mask_t mask = first(rank - k);
        vector_t part = load_first(x + k, mask);
#pragma unroll
        for (int r = 0; r < ROWS; r++) sums[r] = multiply_add(load_first(rows[r] + k, mask), part, sums[r]);
    }
#pragma unroll
    for (int r = 0; r < ROWS; r += 4) {
        __m128 a = fold(sums[r]), b = fold(sums[r + 1]), c = fold(sums[r + 2]), d = fold(sums[r + 3]);
        _MM_TRANSPOSE4_PS(a, b, c, d);
        _mm_storeu_ps(out + r, _mm_add_ps(_mm_add_ps(a, b), _mm_add_ps(c, d)));
    }
}

TARGET static float sampled_step(const float *input, float *error, float *matrix, size_t rank, const uint32_t *rows,
                                 size_t count, float rate) {
    float *starts[SAMPLED_MOST];
    float gains[SAMPLED_MOST];
    for (size_t r = 0; r < count; r++) starts[r] = matrix + rows[r] * rank;
    for (size_t r = 0; r < count; r += ROWS) {
        const float *group[ROWS];
        /* The last group is filled up with a row that is there already, and at hand. */
        for (size_t i = 0; i < ROWS; i++) group[i] = starts[r + i < count ? r + i : r];
        dots(group, input, rank, gains + r);
    }
    for (size_t r = 0; r < count; r += WIDTH) {
        vector_t likely = spread(1) / (spread(1) + exponential(zero() - load(gains + r)));
        store(gains + r, zero() - likely);
    }
    gains[0] += 1;
    float left = 0;
    for (size_t r = 0; r < count; r++) {
        left += gains[r] * gains[r];
        gains[r] *= rate;
    }
    size_t k = 0;
    for (; k + WIDTH <= rank; k += WIDTH) {
        vector_t x = load(input + k), sum = load(error + k);
        for (size_t r = 0; r < count; r++) {
            vector_t gain = spread(gains[r]), row = load(starts[r] + k);
            sum = multiply_add(gain, row, sum);
            store(starts[r] + k, multiply_add(gain, x, row));
        }
        store(error + k, sum);
    }
    if (k < rank) {
        mask_t mask = first(rank - k);
        vector_t x = load_first(input + k, mask), sum = load_first(error + k, mask);
        for (size_t r = 0; r < count; r++) {
            vector_t gain = spread(gains[r]), row = load_first(starts[r] + k, mask);
            sum = multiply_add(gain, row, sum);
            store_first(starts[r] + k, mask, multiply_add(gain, x, row));
        }
        store_first(error + k, mask, sum);
    }
    return left;
}

const struct embedding_kernels EMBEDDING_KERNELS = {LEVEL, sampled_step};
