/* The kernels with AVX-512: 16 floats at a time. */
#if defined(__x86_64__)
#include "avx512_vectors.h"

#define LEVEL KERNELS_AVX512
#define KERNELS kernels_avx512

#include "wide.h"
#endif
