/* The hot loops of a transformer encoder for a few tokens, and the scan of quantised vectors.

   As the kernels beside them: one set per instruction set, no allocation, no state, nothing written outside the
   outputs, any number in the input. What multiplies bytes gives the same integers in every set, and the same floats.

   Weights lie in panels of 16 outputs, which every set reads in place: panel p holds, for one input after the other,
   the weights of outputs 16 p to 16 p + 15. A product with few rows is bound by reading the weights, so each panel is
   read once for eight rows. `outputs` is a multiple of 16; what pads the last panel is computed and stored too. */
#ifndef RECO_TRANSFORMER_H
#define RECO_TRANSFORMER_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* out[r][o] = bias[o] + sum over k of x[r][k] * weight(k, o), k ascending, so that a row's result does not depend on
   how many rows there are. */
struct float_product {
    size_t rows, inputs, outputs;
    const float *x;
    size_t x_stride; /* floats from one row to the next */
    const void *panels; /* float, or half-precision numbers as uint16_t */
    size_t panel_step; /* numbers from one input to the next within a panel: 16 where panels are packed */
    size_t panel_gap; /* numbers from one panel to the next: 16 * inputs where panels are packed */
    const float *_Nullable bias;
    float *out;
    size_t out_stride;
};

/* The same with x = x_scales[r] * (x[r][k] - x_zeros[r]) and weights scales[o] * panels, where panels hold four inputs
   of each of 16 outputs together: [inputs / 4][16][4]. sums[o] is the sum of the output's weights as stored. */
struct byte_product {
    size_t rows, inputs, outputs; /* inputs: a multiple of 4 */
    const uint8_t *x;
    size_t x_stride;
    const float *x_scales;
    const int32_t *x_zeros;
    const int8_t *panels;
    const float *scales;
    const int32_t *sums;
    const float *bias;
    float *out;
    size_t out_stride;
};

struct transformer_kernels {
    int level;

    void (*product)(const struct float_product *job);
    void (*half_product)(const struct float_product *job);
    void (*byte_product)(const struct byte_product *job);

    /* One row as bytes: x is about *scale * (out - *zero), with 0 represented exactly. Bytes from `count` to `padded`
       become *zero. */
    void (*quantize)(const float *x, size_t count, size_t padded, uint8_t *out, float *scale, int32_t *zero);

    /* x = softmax(scale * x) */
    void (*softmax)(float *x, size_t count, float scale);

    /* x = gamma * (y - mean(y)) / sqrt(variance(y) + epsilon) + beta with y = x + residual */
    void (*add_and_normalize)(float *x, const float *_Nullable residual, const float *gamma, const float *beta,
                              size_t count, float epsilon);

    /* x = x * (1 + erf(x / sqrt 2)) / 2, off by at most 1e-6 */
    void (*gelu)(float *x, size_t count);
    /* the approximation of it that some models were trained with: x / (1 + exp(-2 u)), u = sqrt(2 / pi) (x + 0.044715 x^3) */
    void (*gelu_tanh)(float *x, size_t count);

    /* out[i] = scales[i] * (row i . query - offset) for `count` rows of `width` bytes, a multiple of 64. Returns the
       largest that is a number, -infinity if there is none. */
    float (*byte_scores)(const uint8_t *rows, size_t count, size_t width, const int8_t *query, int32_t offset,
                         const float *scales, float *out);
};

/* The best set up to `level` that this processor can run. */
const struct transformer_kernels *transformer_kernels_up_to(int level);

extern const struct transformer_kernels transformer_kernels_plain;
#if defined(__x86_64__)
extern const struct transformer_kernels transformer_kernels_avx2;
extern const struct transformer_kernels transformer_kernels_avx512;
extern const struct transformer_kernels transformer_kernels_vnni;

/* Multiplication of bytes; that of AVX2 serves AVX-512 without VNNI too. */
void byte_product_avx2(const struct byte_product *job);
float byte_scores_avx2(const uint8_t *rows, size_t count, size_t width, const int8_t *query, int32_t offset,
                       const float *scales, float *out);
void byte_product_vnni(const struct byte_product *job);
float byte_scores_vnni(const uint8_t *rows, size_t count, size_t width, const int8_t *query, int32_t offset,
                       const float *scales, float *out);
#endif

#pragma clang assume_nonnull end
#endif
