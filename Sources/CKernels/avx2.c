/* The kernels with AVX2 and FMA: 8 floats at a time. */
#if defined(__x86_64__)
#include "avx2_vectors.h"

#define LEVEL KERNELS_AVX2
#define KERNELS kernels_avx2

#include "wide.h"
#endif
