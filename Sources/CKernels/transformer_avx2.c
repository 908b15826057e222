/* The transformer's kernels with AVX2, FMA and F16C. */
#if defined(__x86_64__)
#include "avx2_vectors.h"

#define TILE_ROWS 6
#define TILE_PANELS 1
#define PREFETCH_LINES 16
#define LEVEL KERNELS_AVX2
#define BYTE_PRODUCT byte_product_avx2
#define BYTE_SCORES byte_scores_avx2
#define TRANSFORMER transformer_kernels_avx2

#include "transformer_wide.h"

/* Bytes become 16-bit numbers before they are multiplied: vpmaddubsw would be shorter, but it saturates. */

INLINE __m256i widen(const int8_t *p) { return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p)); }

/* `rows` is a constant where this is expanded. */
INLINE void byte_tile(const struct byte_product *job, size_t row, size_t output, int rows) {
    /* Four outputs a vector, two sums for each. */
    __m256i sums[2][4];
    const int8_t *panel = job->panels + output * job->inputs;
#pragma unroll
    for (int r = 0; r < rows; r++)
#pragma unroll
        for (int v = 0; v < 4; v++) sums[r][v] = _mm256_setzero_si256();
    for (size_t k = 0; k < job->inputs; k += 4) {
        __m256i inputs[2];
#pragma unroll
        for (int r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, job->x + (row + (size_t)r) * job->x_stride + k, sizeof four);
            inputs[r] = _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(four)));
        }
#pragma unroll
        for (int v = 0; v < 4; v++) {
            __m256i weights = widen(panel + k * PANEL + v * 16);
#pragma unroll
            for (int r = 0; r < rows; r++)
                sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(inputs[r], weights));
        }
    }
#pragma unroll
    for (int r = 0; r < rows; r++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
            size_t o = output + (size_t)half * 8;
            __m256i both = _mm256_hadd_epi32(sums[r][half * 2], sums[r][half * 2 + 1]);
            __m256i sum = _mm256_permute4x64_epi64(both, 0xD8);
            __m256i zeros = _mm256_set1_epi32(job->x_zeros[row + (size_t)r]);
            sum = _mm256_sub_epi32(
                sum, _mm256_mullo_epi32(zeros, _mm256_loadu_si256((const __m256i *)(job->sums + o))));
            __m256 scale = _mm256_mul_ps(spread(job->x_scales[row + (size_t)r]), load(job->scales + o));
            __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale);
            store(job->out + (row + (size_t)r) * job->out_stride + o, _mm256_add_ps(scaled, load(job->bias + o)));
        }
}

TARGET void byte_product_avx2(const struct byte_product *job) {
    for (size_t output = 0; output + PANEL <= job->outputs; output += PANEL) {
        size_t row = 0;
        for (; row + 2 <= job->rows; row += 2) byte_tile(job, row, output, 2);
        if (row < job->rows) byte_tile(job, row, output, 1);
    }
}

TARGET float byte_scores_avx2(const uint8_t *rows, size_t count, size_t width, const int8_t *query, int32_t offset,
                              const float *scales, float *out) {
    float largest = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        __m256i even = _mm256_setzero_si256(), odd = even;
        for (size_t k = 0; k < width; k += 32) {
            const uint8_t *row = rows + i * width + k;
            __m256i low = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)row));
            __m256i high = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(row + 16)));
            even = _mm256_add_epi32(even, _mm256_madd_epi16(low, widen(query + k)));
            odd = _mm256_add_epi32(odd, _mm256_madd_epi16(high, widen(query + k + 16)));
        }
        even = _mm256_add_epi32(even, odd);
        __m128i four = _mm_add_epi32(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
        four = _mm_hadd_epi32(four, four);
        uint32_t sum = (uint32_t)_mm_cvtsi128_si32(_mm_hadd_epi32(four, four));
        out[i] = scales[i] * (float)(int32_t)(sum - (uint32_t)offset);
        largest = out[i] > largest ? out[i] : largest;
    }
    return largest;
}
#endif
