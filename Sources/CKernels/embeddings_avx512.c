/* Negative sampling with AVX-512. */
#if defined(__x86_64__)
#include "avx512_vectors.h"

#define LEVEL KERNELS_AVX512
#define EMBEDDING_KERNELS embedding_kernels_avx512

#include "embeddings_wide.h"
#endif
