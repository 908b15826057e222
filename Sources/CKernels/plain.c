/* The kernels in portable C: what the fast sets are compared with, and what other processors run. Eight sums at a time
   let a compiler use whatever vectors it may assume. */
#include "CKernels.h"

#include <math.h>

static float dot(const float *a, const float *b, size_t count) {
    float sums[8] = {0};
    size_t k = 0;
    for (; k + 8 <= count; k += 8)
        for (int lane = 0; lane < 8; lane++) sums[lane] += a[k + lane] * b[k + lane];
    float rest = 0;
    for (; k < count; k++) rest += a[k] * b[k];
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])) + rest;
}

static void add_scaled(float a, const float *x, float *restrict y, size_t count) {
    for (size_t k = 0; k < count; k++) y[k] += a * x[k];
}

static float scores(const float *matrix, size_t count, size_t rank, const float *vector, float *out) {
    float largest = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        out[i] = dot(matrix + i * rank, vector, rank);
        if (out[i] > largest) largest = out[i];
    }
    return largest;
}

static void gathered_scores(const float *matrix, size_t row_count, size_t rank, const uint32_t *rows, size_t count,
                            const float *vector, float *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = rows[i] < row_count ? dot(matrix + rows[i] * rank, vector, rank) : 0;
}

static void weighted_sum(const float *matrix, size_t rank, const uint32_t *rows, const float *weights, size_t count,
                         float *out) {
    for (size_t i = 0; i < count; i++) add_scaled(weights[i], matrix + (rows ? rows[i] : i) * rank, out, rank);
}

static void outer_products(const float *matrix, size_t rank, const uint32_t *rows, const float *weights, size_t count,
                           const float *vector, float *out) {
    for (size_t i = 0; i < count; i++) {
        const float *row = matrix + rows[i] * rank;
        add_scaled(weights[i] * dot(row, vector, rank), row, out, rank);
    }
}

static float pairwise_step(float *restrict user, float *restrict liked, float *restrict other, float rate, float keep,
                           size_t count) {
    float margin = dot(user, liked, count) - dot(user, other, count);
    float push = rate / (1 + expf(margin));
    for (size_t k = 0; k < count; k++) {
        float u = user[k], a = liked[k], b = other[k];
        user[k] = keep * u + push * (a - b);
        liked[k] = keep * a + push * u;
        other[k] = keep * b - push * u;
    }
    return margin;
}

static void adagrad_step(float *restrict row, float *restrict squares, const float *restrict direction, float scale,
                         float rate, float penalty, size_t count) {
    for (size_t k = 0; k < count; k++) {
        float gradient = scale * direction[k] + penalty * row[k];
        squares[k] += gradient * gradient;
        row[k] -= rate * gradient / sqrtf(squares[k]);
    }
}

static void adam(const struct adam_step *step, float *restrict values, float *restrict first, float *restrict second,
                 const float *restrict gradients, size_t count) {
    for (size_t k = 0; k < count; k++) {
        float gradient = gradients[k] + step->decay * values[k];
        first[k] = step->keep_first * first[k] + (1 - step->keep_first) * gradient;
        second[k] = step->keep_second * second[k] + (1 - step->keep_second) * gradient * gradient;
        values[k] -= step->length * first[k] / (step->root_scale * sqrtf(second[k]) + step->epsilon);
    }
}

const struct kernels kernels_plain = {
    KERNELS_PLAIN, dot,            add_scaled,    scores,       gathered_scores,
    weighted_sum,  outer_products, pairwise_step, adagrad_step, adam,
};
