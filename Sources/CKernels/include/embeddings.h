/* The inner loop of word2vec's negative sampling, chosen and compared like the others: see CKernels.h. */
#ifndef RECO_CKERNELS_EMBEDDINGS_H
#define RECO_CKERNELS_EMBEDDINGS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* One row that goes with the input, and the others that were drawn. */
enum { SAMPLED_MOST = 32 };

struct embedding_kernels {
    int level;

    /* One step of logistic regression of a vector on some rows of a matrix: the first row goes with the input, the
       `count` - 1 others do not. With p_r = 1 / (1 + exp(-input . row r)) and g_r = rate * ((r is the first) - p_r),

           error += sum of g_r * row r,    row r += g_r * input

       where all p_r come from the rows as they were, and a row that is named twice moves twice. `error` is memory apart,
       or the input itself, which then moves. Returns the sum of ((r is the first) - p_r)^2: what there was to learn.
       `count` is between 1 and SAMPLED_MOST; the input is no row of the matrix. */
    float (*sampled_step)(const float *input, float *error, float *matrix, size_t rank, const uint32_t *rows,
                          size_t count, float rate);
};

/* The best set up to `level` that this processor can run. */
const struct embedding_kernels *embedding_kernels_up_to(int level);

extern const struct embedding_kernels embedding_kernels_plain;
#if defined(__x86_64__)
extern const struct embedding_kernels embedding_kernels_avx2;
extern const struct embedding_kernels embedding_kernels_avx512;
#endif

#pragma clang assume_nonnull end
#endif
