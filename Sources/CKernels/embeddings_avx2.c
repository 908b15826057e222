/* Negative sampling with AVX2 and FMA. */
#if defined(__x86_64__)
#include "avx2_vectors.h"

#define LEVEL KERNELS_AVX2
#define EMBEDDING_KERNELS embedding_kernels_avx2

#include "embeddings_wide.h"
#endif
