/* Vectors of AVX-512: 16 floats at a time. What the kernels in wide.h and transformer_wide.h are written in. */
#include "CKernels.h"

#include <immintrin.h>
#include <math.h>

#define TARGET __attribute__((target("avx512f,avx2,fma")))
#define INLINE static inline __attribute__((always_inline, target("avx512f,avx2,fma")))
#define WIDTH 16

typedef __m512 vector_t;
typedef __mmask16 mask_t;

INLINE vector_t zero(void) { return _mm512_setzero_ps(); }
INLINE vector_t spread(float x) { return _mm512_set1_ps(x); }
INLINE vector_t load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void store(float *p, vector_t v) { _mm512_storeu_ps(p, v); }
INLINE vector_t multiply_add(vector_t a, vector_t b, vector_t c) { return _mm512_fmadd_ps(a, b, c); }
INLINE vector_t root(vector_t v) { return _mm512_sqrt_ps(v); }

/* sum += a * b where it stands, and a value that is loaded where it is asked for. Left to itself, the compiler loads all
   inputs of a tile before it uses one, and runs out of registers for the sums: products of 128 rows took half as long
   again. */
INLINE void accumulate(vector_t *sum, vector_t a, vector_t b) {
    __asm__("vfmadd231ps %2, %1, %0" : "+v"(*sum) : "v"(a), "v"(b));
}
INLINE vector_t here(vector_t v) {
    __asm__ volatile("" : "+v"(v));
    return v;
}

/* The first `count` < 16 lanes. */
INLINE mask_t first(size_t count) { return (mask_t)((1u << count) - 1); }
INLINE vector_t load_first(const float *p, mask_t mask) { return _mm512_maskz_loadu_ps(mask, p); }
INLINE void store_first(float *p, mask_t mask, vector_t v) { _mm512_mask_storeu_ps(p, mask, v); }

/* Four sums whose sum is the sum of all lanes. */
INLINE __m128 fold(vector_t v) {
    __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1));
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(v), high);
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

/* Sixteen half-precision numbers as floats. */
INLINE vector_t load_half(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }

INLINE vector_t smaller(vector_t a, vector_t b) { return _mm512_min_ps(a, b); }
INLINE vector_t larger(vector_t a, vector_t b) { return _mm512_max_ps(a, b); }
INLINE vector_t nearest(vector_t v) {
    return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
/* 2 to the power of whole numbers between -126 and 127. */
INLINE vector_t power_of_two(vector_t whole) {
    __m512i bits = _mm512_slli_epi32(_mm512_cvtps_epi32(whole), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(bits, _mm512_set1_epi32(127 << 23)));
}
/* Numbers from 0 to 255 as bytes. */
INLINE void store_bytes(uint8_t *p, vector_t v) {
    _mm_storeu_si128((__m128i *)p, _mm512_cvtusepi32_epi8(_mm512_cvtps_epi32(v)));
}
