/* The kernels with AVX2 and FMA: 8 floats at a time. */
#if defined(__x86_64__)
#include "CKernels.h"

#include <immintrin.h>
#include <math.h>

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE static inline __attribute__((always_inline, target("avx2,fma")))
#define WIDTH 8
#define LEVEL KERNELS_AVX2
#define KERNELS kernels_avx2

typedef __m256 vector_t;
typedef __m256i mask_t;

INLINE vector_t zero(void) { return _mm256_setzero_ps(); }
INLINE vector_t spread(float x) { return _mm256_set1_ps(x); }
INLINE vector_t load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void store(float *p, vector_t v) { _mm256_storeu_ps(p, v); }
INLINE vector_t multiply_add(vector_t a, vector_t b, vector_t c) { return _mm256_fmadd_ps(a, b, c); }

/* The first `count` < 8 lanes. */
INLINE mask_t first(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE vector_t load_first(const float *p, mask_t mask) { return _mm256_maskload_ps(p, mask); }
INLINE void store_first(float *p, mask_t mask, vector_t v) { _mm256_maskstore_ps(p, mask, v); }

/* Four sums whose sum is the sum of all lanes. */
INLINE __m128 fold(vector_t v) { return _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1)); }

#include "wide.h"
#endif
