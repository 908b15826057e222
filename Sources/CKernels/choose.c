/* Chooses an instruction set by what the processor and the operating system support. */
#include "CKernels.h"

const struct kernels *kernels_up_to(int level) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (level >= KERNELS_AVX512 && __builtin_cpu_supports("avx512f")) return &kernels_avx512;
    if (level >= KERNELS_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &kernels_avx2;
#endif
    (void)level;
    return &kernels_plain;
}

const struct transformer_kernels *transformer_kernels_up_to(int level) {
#if defined(__x86_64__)
    const struct kernels *base = kernels_up_to(level);
    int has_half = __builtin_cpu_supports("f16c");
    if (base->level >= KERNELS_AVX512 && has_half) {
        int has_vnni = __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw");
        return level >= KERNELS_VNNI && has_vnni ? &transformer_kernels_vnni : &transformer_kernels_avx512;
    }
    if (base->level >= KERNELS_AVX2 && has_half) return &transformer_kernels_avx2;
#endif
    (void)level;
    return &transformer_kernels_plain;
}

const struct tree_kernels *tree_kernels_up_to(int level) {
#if defined(__x86_64__)
    const struct kernels *base = kernels_up_to(level);
    int has_counts = __builtin_cpu_supports("popcnt");
    if (base->level >= KERNELS_AVX512 && has_counts && __builtin_cpu_supports("avx512bw")) return &tree_kernels_avx512;
    if (base->level >= KERNELS_AVX2 && has_counts) return &tree_kernels_avx2;
#endif
    (void)level;
    return &tree_kernels_plain;
}

const struct embedding_kernels *embedding_kernels_up_to(int level) {
#if defined(__x86_64__)
    const struct kernels *base = kernels_up_to(level);
    if (base->level >= KERNELS_AVX512) return &embedding_kernels_avx512;
    if (base->level >= KERNELS_AVX2) return &embedding_kernels_avx2;
#endif
    (void)level;
    return &embedding_kernels_plain;
}
