/* Multiplication of bytes with AVX-512 and VNNI, which multiplies four bytes at once and adds them up. */
#if defined(__x86_64__)
#include "avx512_vectors.h"

#undef TARGET
#undef INLINE
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vnni,avx2,fma")))
#define INLINE static inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vnni,avx2,fma")))

enum { PANEL = 16, TILE_ROWS = 8, TILE_PANELS = 3 };

/* `rows` and `panels` are constants where this is expanded. */
INLINE void byte_tile(const struct byte_product *job, size_t row, size_t output, int rows, int panels) {
    __m512i sums[TILE_ROWS][TILE_PANELS];
#pragma unroll
    for (int r = 0; r < rows; r++)
#pragma unroll
        for (int p = 0; p < panels; p++) sums[r][p] = _mm512_setzero_si512();
    const uint8_t *x = job->x + row * job->x_stride;
    const int8_t *panel = job->panels + output * job->inputs;
    size_t gap = PANEL * job->inputs, stride = job->x_stride;
    for (size_t k = 0; k < job->inputs; k += 4) {
        __m512i weights[TILE_PANELS];
#pragma unroll
        for (int p = 0; p < panels; p++) weights[p] = _mm512_loadu_si512(panel + (size_t)p * gap + k * PANEL);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            int32_t four;
            __builtin_memcpy(&four, x + (size_t)r * stride + k, sizeof four);
            __m512i input = _mm512_set1_epi32(four);
#pragma unroll
            for (int p = 0; p < panels; p++) sums[r][p] = _mm512_dpbusd_epi32(sums[r][p], input, weights[p]);
        }
    }
#pragma unroll
    for (int p = 0; p < panels; p++) {
        size_t o = output + (size_t)p * PANEL;
        __m512i of_weights = _mm512_loadu_si512(job->sums + o);
        __m512 scales = load(job->scales + o), bias = load(job->bias + o);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            size_t at = row + (size_t)r;
            __m512i sum = _mm512_sub_epi32(
                sums[r][p], _mm512_mullo_epi32(_mm512_set1_epi32(job->x_zeros[at]), of_weights));
            __m512 scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_mul_ps(spread(job->x_scales[at]), scales));
            store(job->out + at * job->out_stride + o, _mm512_add_ps(scaled, bias));
        }
    }
}

INLINE void byte_strip(const struct byte_product *job, size_t output, int panels) {
    size_t tiles = (job->rows + TILE_ROWS - 1) / TILE_ROWS, row = 0;
    for (size_t t = 0; t < tiles; t++) {
        size_t height = (job->rows - row) / (tiles - t);
        switch (height) {
        case 1: byte_tile(job, row, output, 1, panels); break;
        case 2: byte_tile(job, row, output, 2, panels); break;
        case 3: byte_tile(job, row, output, 3, panels); break;
        case 4: byte_tile(job, row, output, 4, panels); break;
        case 5: byte_tile(job, row, output, 5, panels); break;
        case 6: byte_tile(job, row, output, 6, panels); break;
        case 7: byte_tile(job, row, output, 7, panels); break;
        case 8: byte_tile(job, row, output, 8, panels); break;
        default: break;
        }
        row += height;
    }
}

TARGET void byte_product_vnni(const struct byte_product *job) {
    size_t output = 0;
    for (; output + TILE_PANELS * PANEL <= job->outputs; output += TILE_PANELS * PANEL)
        byte_strip(job, output, TILE_PANELS);
    for (; output + PANEL <= job->outputs; output += PANEL) byte_strip(job, output, 1);
}

/* The sums of the lanes of four vectors. */
INLINE __m128i sum4(const __m512i v[4]) {
    __m256i halves[4];
#pragma unroll
    for (int r = 0; r < 4; r++)
        halves[r] = _mm256_add_epi32(_mm512_castsi512_si256(v[r]), _mm512_extracti64x4_epi64(v[r], 1));
    __m256i pairs = _mm256_hadd_epi32(
        _mm256_hadd_epi32(halves[0], halves[1]), _mm256_hadd_epi32(halves[2], halves[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

/* Sums of lanes cost more than the products where rows are short: those of four rows are taken together. */
TARGET float byte_scores_vnni(const uint8_t *rows, size_t count, size_t width, const int8_t *query, int32_t offset,
                              const float *scales, float *out) {
    /* max_ps(a, b) is b unless a > b, so a NaN in `a` is passed over. */
    __m128 largest = _mm_set1_ps(-INFINITY);
    for (size_t i = 0; i < count; i += 4) {
        size_t together = count - i < 4 ? count - i : 4;
        __m512i sums[4];
#pragma unroll
        for (size_t r = 0; r < 4; r++) sums[r] = _mm512_setzero_si512();
        for (size_t k = 0; k < width; k += 64) {
            __m512i part = _mm512_loadu_si512(query + k);
#pragma unroll
            for (size_t r = 0; r < 4; r++) {
                const uint8_t *row = rows + (i + (r < together ? r : 0)) * width + k;
                /* The processor's own prefetching stops at the end of each page. */
                _mm_prefetch((const char *)row + 4096, _MM_HINT_T0);
                sums[r] = _mm512_dpbusd_epi32(sums[r], _mm512_loadu_si512(row), part);
            }
        }
        __m128 products = _mm_cvtepi32_ps(_mm_sub_epi32(sum4(sums), _mm_set1_epi32(offset)));
        __m128 scores;
        if (together == 4) {
            scores = _mm_mul_ps(_mm_loadu_ps(scales + i), products);
            _mm_storeu_ps(out + i, scores);
        } else {
            float few[4];
            _mm_storeu_ps(few, products);
            for (size_t r = 0; r < 4; r++) few[r] = r < together ? scales[i + r] * few[r] : -INFINITY;
            for (size_t r = 0; r < together; r++) out[i + r] = few[r];
            scores = _mm_loadu_ps(few);
        }
        largest = _mm_max_ps(scores, largest);
    }
    largest = _mm_max_ps(largest, _mm_movehl_ps(largest, largest));
    return _mm_cvtss_f32(_mm_max_ss(largest, _mm_movehdup_ps(largest)));
}

#endif
