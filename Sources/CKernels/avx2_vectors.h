/* Vectors of AVX2 and FMA: 8 floats at a time. What the kernels in wide.h and transformer_wide.h are written in. */
#include "CKernels.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline, target("avx2,fma,f16c")))
#define WIDTH 8

typedef __m256 vector_t;
typedef __m256i mask_t;

INLINE vector_t zero(void) { return _mm256_setzero_ps(); }
INLINE vector_t spread(float x) { return _mm256_set1_ps(x); }
INLINE vector_t load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void store(float *p, vector_t v) { _mm256_storeu_ps(p, v); }
INLINE vector_t multiply_add(vector_t a, vector_t b, vector_t c) { return _mm256_fmadd_ps(a, b, c); }
INLINE vector_t root(vector_t v) { return _mm256_sqrt_ps(v); }

/* sum += a * b where it stands, and a value that is loaded where it is asked for. Left to itself, the compiler loads all
   inputs of a tile before it uses one, and runs out of registers for the sums: products of 128 rows took half as long
   again. */
INLINE void accumulate(vector_t *sum, vector_t a, vector_t b) {
    __asm__("vfmadd231ps %2, %1, %0" : "+x"(*sum) : "x"(a), "x"(b));
}
INLINE vector_t here(vector_t v) {
    __asm__ volatile("" : "+x"(v));
    return v;
}

/* The first `count` < 8 lanes. */
INLINE mask_t first(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE vector_t load_first(const float *p, mask_t mask) { return _mm256_maskload_ps(p, mask); }
INLINE void store_first(float *p, mask_t mask, vector_t v) { _mm256_maskstore_ps(p, mask, v); }

/* Four sums whose sum is the sum of all lanes. */
INLINE __m128 fold(vector_t v) { return _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1)); }

/* Eight half-precision numbers as floats. */
INLINE vector_t load_half(const uint16_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }

INLINE vector_t smaller(vector_t a, vector_t b) { return _mm256_min_ps(a, b); }
INLINE vector_t larger(vector_t a, vector_t b) { return _mm256_max_ps(a, b); }
INLINE vector_t nearest(vector_t v) { return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/* 2 to the power of whole numbers between -126 and 127. */
INLINE vector_t power_of_two(vector_t whole) {
    __m256i bits = _mm256_slli_epi32(_mm256_cvtps_epi32(whole), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(bits, _mm256_set1_epi32(127 << 23)));
}
/* Numbers from 0 to 255 as bytes. */
INLINE void store_bytes(uint8_t *p, vector_t v) {
    __m256i whole = _mm256_cvtps_epi32(v);
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64((__m128i *)p, _mm_packus_epi16(words, words));
}
