/* The trees with AVX-512: 64 rows at a time. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "trees_plain.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx2,fma,popcnt")))
#define INLINE static inline __attribute__((always_inline, target("avx512f,avx512bw,avx2,fma,popcnt")))
#define LEVEL KERNELS_AVX512
#define KERNELS tree_kernels_avx512

enum { VECTOR_ROWS = 64, FEW_ROWS = 3 };
typedef __m512i bytes_t;
typedef __m512 pivots_t;

INLINE pivots_t load_pivots(const float *p) { return _mm512_loadu_ps(p); }
INLINE size_t rank_among(pivots_t pivots, float x) {
    return (size_t)_mm_popcnt_u32(_mm512_cmp_ps_mask(pivots, _mm512_set1_ps(x), _CMP_LT_OQ));
}

INLINE bytes_t no_bytes(void) { return _mm512_setzero_si512(); }
INLINE bytes_t load_bytes(const uint8_t *p) { return _mm512_loadu_si512(p); }
/* From a table of bytes in fours: loading spreads them for nothing, spreading one byte takes the port of comparisons. */
INLINE bytes_t spread(const uint32_t *p) { return _mm512_set1_epi32((int)*p); }

INLINE bytes_t moved(bytes_t leaves, bytes_t x, bytes_t code, bytes_t here, bytes_t right) {
    __mmask64 above = _mm512_cmpgt_epu8_mask(x, code);
    /* What depends on the node before comes last; the compiler would put it first, and each node would wait longer. */
    __asm__("" : "+Yk"(above));
    return _mm512_mask_mov_epi8(leaves, _mm512_mask_cmpeq_epi8_mask(above, leaves, here), right);
}

/* Sums are added up in the order in which they come of looking up four vectors of 32-bit numbers by the first, second,
   third and fourth byte of each four; doubles are put together of two halves. */
#define OF_FLOAT(q) q, q + 4, q + 8, q + 12, q + 16, q + 20, q + 24, q + 28, q + 32, q + 36, q + 40, q + 44, q + 48, \
                    q + 52, q + 56, q + 60
#define OF_DOUBLE(q) q, q + 4, q + 16, q + 20, q + 32, q + 36, q + 48, q + 52, q + 8, q + 12, q + 24, q + 28, q + 40, \
                     q + 44, q + 56, q + 60
static const uint8_t rows_of_floats[VECTOR_ROWS] = {OF_FLOAT(0), OF_FLOAT(1), OF_FLOAT(2), OF_FLOAT(3)};
static const uint8_t rows_of_doubles[VECTOR_ROWS] = {OF_DOUBLE(0), OF_DOUBLE(1), OF_DOUBLE(2), OF_DOUBLE(3)};

INLINE size_t row_at(const struct forest *forest, size_t place) {
    size_t within = place % VECTOR_ROWS;
    return place - within + (forest->is_single ? rows_of_floats : rows_of_doubles)[within];
}

/* 32-bit numbers of up to 64, by the lowest byte of each lane. `is_large`: more than 32. */
INLINE __m512i looked_up(__m512i places, const __m512i table[4], int is_large) {
    __m512i low = _mm512_permutex2var_epi32(table[0], places, table[1]);
    if (!is_large) return low;
    __m512i high = _mm512_permutex2var_epi32(table[2], places, table[3]);
    return _mm512_mask_mov_epi32(low, _mm512_test_epi32_mask(places, _mm512_set1_epi32(32)), high);
}

INLINE void add_doubles(const double *from, const bytes_t *leaves, int count, double *sums, int is_large) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    __m512i lows[4], highs[4]; /* halves of the leaves */
#pragma unroll
    for (int i = 0; i < (is_large ? 4 : 2); i++) {
        __m512i a = _mm512_loadu_si512(from + 16 * i), b = _mm512_loadu_si512(from + 16 * i + 8);
        lows[i] = _mm512_permutex2var_epi32(a, even, b);
        highs[i] = _mm512_permutex2var_epi32(a, odd, b);
    }
#pragma unroll
    for (int v = 0; v < count; v++) {
#pragma unroll
        for (int q = 0; q < 4; q++) {
            __m512i places = _mm512_srli_epi32(leaves[v], (unsigned)(8 * q));
            __m512i low = looked_up(places, lows, is_large), high = looked_up(places, highs, is_large);
            double *out = sums + VECTOR_ROWS * v + 16 * q;
            __m512d first = _mm512_castsi512_pd(_mm512_unpacklo_epi32(low, high));
            __m512d second = _mm512_castsi512_pd(_mm512_unpackhi_epi32(low, high));
            _mm512_storeu_pd(out, _mm512_add_pd(_mm512_loadu_pd(out), first));
            _mm512_storeu_pd(out + 8, _mm512_add_pd(_mm512_loadu_pd(out + 8), second));
        }
    }
}

INLINE void add_floats(const float *from, const bytes_t *leaves, int count, float *sums, int is_large) {
    __m512i table[4];
#pragma unroll
    for (int i = 0; i < (is_large ? 4 : 2); i++) table[i] = _mm512_loadu_si512(from + 16 * i);
#pragma unroll
    for (int v = 0; v < count; v++) {
#pragma unroll
        for (int q = 0; q < 4; q++) {
            __m512i places = _mm512_srli_epi32(leaves[v], (unsigned)(8 * q));
            float *out = sums + VECTOR_ROWS * v + 16 * q;
            __m512 found = _mm512_castsi512_ps(looked_up(places, table, is_large));
            _mm512_storeu_ps(out, _mm512_add_ps(_mm512_loadu_ps(out), found));
        }
    }
}

/* sums += the leaves of a tree of `size` leaves, which begin at number `from`. Gathering would be slower. */
INLINE void add_leaves(const struct forest *forest, size_t from, size_t size, const bytes_t *leaves, int count, void *sums) {
    const double *doubles = (const double *)forest->leaves + from;
    const float *floats = (const float *)forest->leaves + from;
    if (size <= 32) {
        if (forest->is_single) add_floats(floats, leaves, count, sums, 0);
        else add_doubles(doubles, leaves, count, sums, 0);
    } else if (size <= 64) {
        if (forest->is_single) add_floats(floats, leaves, count, sums, 1);
        else add_doubles(doubles, leaves, count, sums, 1);
    } else {
        for (int v = 0; v < count; v++) {
            uint8_t numbers[VECTOR_ROWS];
            _mm512_storeu_si512(numbers, leaves[v]);
            if (forest->is_single)
                for (int i = 0; i < VECTOR_ROWS; i++)
                    ((float *)sums)[VECTOR_ROWS * v + i] += floats[numbers[rows_of_floats[i]]];
            else
                for (int i = 0; i < VECTOR_ROWS; i++)
                    ((double *)sums)[VECTOR_ROWS * v + i] += doubles[numbers[rows_of_doubles[i]]];
        }
    }
}

#include "trees_wide.h"
#endif
