/* The hot loops of scoring and of matrix factorisation over float32 rows.

   There is one set of them per instruction set: plain.c everywhere, avx2.c and avx512.c on x86-64. Results of
   different sets differ by rounding only, and each set gives the same bits for the same input. Nothing here allocates,
   fails, keeps state or writes outside its outputs; NaN and infinity in the input come out as NaN and infinity.

   Matrices are row after row without gaps: row i starts at matrix + i * rank. Row numbers in `rows` are trusted,
   except where `row_count` says otherwise. */
#ifndef RECO_CKERNELS_H
#define RECO_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "embeddings.h"
#include "transformer.h"
#include "trees.h"

#pragma clang assume_nonnull begin

/* KERNELS_VNNI multiplies bytes faster; for floats it is KERNELS_AVX512. */
enum { KERNELS_PLAIN = 0, KERNELS_AVX2 = 1, KERNELS_AVX512 = 2, KERNELS_VNNI = 3 };

/* A step of Adam: how much of the moments stays, and what comes from how many steps there were. */
struct adam_step {
    float keep_first, keep_second;
    float decay;      /* times the value, to be added to the gradient */
    float length;     /* of the step */
    float root_scale; /* of the second moments' root */
    float epsilon;
};

struct kernels {
    int level;

    float (*dot)(const float *a, const float *b, size_t count);

    /* y += a * x */
    void (*add_scaled)(float a, const float *x, float *y, size_t count);

    /* out[i] = row i . vector for i < count. Returns the largest score that is a number, -infinity if there is none:
       a caller that keeps the best k can skip the whole block when that is not enough. */
    float (*scores)(const float *matrix, size_t count, size_t rank, const float *vector, float *out);

    /* out[i] = row rows[i] . vector for i < count; 0 for a row that is not below `row_count`. */
    void (*gathered_scores)(const float *matrix, size_t row_count, size_t rank, const uint32_t *rows, size_t count,
                            const float *vector, float *out);

    /* out += sum over i of weights[i] * row rows[i]: a row of sparse times dense. NULL for `rows` means 0, 1, 2 ... */
    void (*weighted_sum)(const float *matrix, size_t rank, const uint32_t *_Nullable rows, const float *weights,
                         size_t count, float *out);

    /* out += sum over i of weights[i] * (row rows[i] . vector) * row rows[i]: a sparse sum of outer products, times a
       vector, without forming it. */
    void (*outer_products)(const float *matrix, size_t rank, const uint32_t *rows, const float *weights, size_t count,
                           const float *vector, float *out);

    /* One gradient step towards user . liked > user . other, on log(1 + exp(-margin)) with margin = user . (liked -
       other): with push = rate / (1 + exp(margin)), user = keep * user + push * (liked - other), liked = keep * liked +
       push * user, other = keep * other - push * user, all from the old values. Returns the margin. The three rows do
       not overlap. */
    float (*pairwise_step)(float *user, float *liked, float *other, float rate, float keep, size_t count);

    /* One step of Adagrad: with g = scale * direction + penalty * row, squares += g * g and row -= rate * g /
       sqrt(squares), number by number. `squares` is above zero; the three do not overlap. */
    void (*adagrad_step)(float *row, float *squares, const float *direction, float scale, float rate, float penalty,
                         size_t count);

    /* One step of Adam, number by number: with g = gradient + decay * value, first = keep_first * first + (1 -
       keep_first) * g, second = keep_second * second + (1 - keep_second) * g * g, value -= length * first / (root_scale *
       sqrt(second) + epsilon). The four rows do not overlap. */
    void (*adam)(const struct adam_step *step, float *values, float *first, float *second, const float *gradients,
                 size_t count);
};

/* The best set up to `level` that this processor can run. Any thread may ask at any time. */
const struct kernels *kernels_up_to(int level);

extern const struct kernels kernels_plain;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;
#endif

#pragma clang assume_nonnull end
#endif
