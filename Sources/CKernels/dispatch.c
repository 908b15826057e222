/* Chooses the instruction set once, at the first call, and forwards to it. Two threads that come first choose the
   same, so a plain atomic pointer is enough. */
#include "kernels.h"

#include <stdatomic.h>

static _Atomic(const struct kernels *) chosen;

static const struct kernels *best(int level) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (level >= KERNEL_AVX512 && __builtin_cpu_supports("avx512f")) return &kernels_avx512;
    if (level >= KERNEL_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &kernels_avx2;
#endif
    (void)level;
    return &kernels_plain;
}

static inline const struct kernels *current(void) {
    const struct kernels *kernels = atomic_load_explicit(&chosen, memory_order_acquire);
    if (__builtin_expect(kernels == NULL, 0)) {
        kernels = best(KERNEL_AVX512);
        atomic_store_explicit(&chosen, kernels, memory_order_release);
    }
    return kernels;
}

int kernel_level(void) { return current()->level; }

int kernel_limit_level(int level) {
    const struct kernels *kernels = best(level);
    atomic_store_explicit(&chosen, kernels, memory_order_release);
    return kernels->level;
}

float kernel_dot(const float *a, const float *b, size_t count) { return current()->dot(a, b, count); }

void kernel_axpy(float a, const float *x, float *y, size_t count) { current()->axpy(a, x, y, count); }

float kernel_scores(const float *matrix, size_t count, size_t rank, const float *vector, float *out) {
    return current()->scores(matrix, count, rank, vector, out);
}

void kernel_gathered_scores(const float *matrix, size_t row_count, size_t rank, const uint32_t *rows, size_t count,
                            const float *vector, float *out) {
    current()->gathered_scores(matrix, row_count, rank, rows, count, vector, out);
}

void kernel_weighted_sum(const float *matrix, size_t rank, const uint32_t *rows, const float *weights, size_t count,
                         float *out) {
    current()->weighted_sum(matrix, rank, rows, weights, count, out);
}

void kernel_outer_products(const float *matrix, size_t rank, const uint32_t *rows, const float *weights, size_t count,
                           const float *vector, float *out) {
    current()->outer_products(matrix, rank, rows, weights, count, vector, out);
}
