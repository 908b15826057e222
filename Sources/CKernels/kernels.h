/* What each instruction set provides. */
#ifndef RECO_KERNELS_H
#define RECO_KERNELS_H

#include "include/CKernels.h"

struct kernels {
    int level;
    float (*dot)(const float *, const float *, size_t);
    void (*axpy)(float, const float *, float *, size_t);
    float (*scores)(const float *, size_t, size_t, const float *, float *);
    void (*gathered_scores)(const float *, size_t, size_t, const uint32_t *, size_t, const float *, float *);
    void (*weighted_sum)(const float *, size_t, const uint32_t *, const float *, size_t, float *);
    void (*outer_products)(const float *, size_t, const uint32_t *, const float *, size_t, const float *, float *);
};

extern const struct kernels kernels_plain;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;
#endif

#endif
