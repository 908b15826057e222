/* Negative sampling in portable C. */
#include "CKernels.h"

#include <math.h>

static float sampled_step(const float *input, float *error, float *matrix, size_t rank, const uint32_t *rows,
                          size_t count, float rate) {
    float gains[SAMPLED_MOST], left = 0;
    for (size_t r = 0; r < count; r++) {
        const float *row = matrix + rows[r] * rank;
        float rest = (r == 0) - 1 / (1 + expf(-kernels_plain.dot(input, row, rank)));
        left += rest * rest;
        gains[r] = rate * rest;
    }
    for (size_t k = 0; k < rank; k++) {
        float x = input[k], sum = error[k];
        for (size_t r = 0; r < count; r++) {
            float *place = matrix + rows[r] * rank + k;
            sum += gains[r] * *place;
            *place += gains[r] * x;
        }
        error[k] = sum;
    }
    return left;
}

const struct embedding_kernels embedding_kernels_plain = {KERNELS_PLAIN, sampled_step};
