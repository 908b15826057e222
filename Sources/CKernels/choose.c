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
