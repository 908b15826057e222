/* The trees with AVX2: 32 rows at a time. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "trees_plain.h"

#define TARGET __attribute__((target("avx2,fma,popcnt")))
#define INLINE static inline __attribute__((always_inline, target("avx2,fma,popcnt")))
#define LEVEL KERNELS_AVX2
#define KERNELS tree_kernels_avx2

enum { VECTOR_ROWS = 32, FEW_ROWS = 4 };
typedef __m256i bytes_t;
typedef struct { __m256 low, high; } pivots_t;

INLINE pivots_t load_pivots(const float *p) { return (pivots_t){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
INLINE size_t rank_among(pivots_t pivots, float x) {
    __m256 number = _mm256_set1_ps(x);
    int low = _mm256_movemask_ps(_mm256_cmp_ps(pivots.low, number, _CMP_LT_OQ));
    int high = _mm256_movemask_ps(_mm256_cmp_ps(pivots.high, number, _CMP_LT_OQ));
    return (size_t)_mm_popcnt_u32((unsigned)(high << 8 | low));
}

INLINE bytes_t no_bytes(void) { return _mm256_setzero_si256(); }
INLINE bytes_t load_bytes(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE bytes_t spread(const uint32_t *p) { return _mm256_set1_epi32((int)*p); }

INLINE bytes_t moved(bytes_t leaves, bytes_t x, bytes_t code, bytes_t here, bytes_t right) {
    __m256i not_above = _mm256_cmpeq_epi8(_mm256_min_epu8(x, code), x);
    __m256i change = _mm256_andnot_si256(not_above, _mm256_xor_si256(here, right));
    return _mm256_xor_si256(leaves, _mm256_and_si256(change, _mm256_cmpeq_epi8(leaves, here)));
}

INLINE size_t row_at(const struct forest *forest, size_t place) {
    (void)forest;
    return place;
}

/* sums += the leaves of a tree of `size` leaves, which begin at number `from`. */
INLINE void add_leaves(const struct forest *forest, size_t from, size_t size, const bytes_t *leaves, int count, void *sums) {
    (void)size;
    for (int v = 0; v < count; v++) {
        uint8_t numbers[VECTOR_ROWS];
        _mm256_storeu_si256((__m256i *)numbers, leaves[v]);
        for (int i = 0; i < VECTOR_ROWS; i++) add_leaf(forest, from + numbers[i], sums, (size_t)(VECTOR_ROWS * v + i));
    }
}

#include "trees_wide.h"
#endif
