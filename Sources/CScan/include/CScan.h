/* Finds the bytes that structure delimited text: separators, line ends and quotes, 64 bytes at a time. */
#ifndef CSCAN_H
#define CSCAN_H

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define RECO_SCAN_LENGTH 64

/* A bit for each of the 64 bytes at `text` that is `separator`, LF or a quote; bit 0 for the first byte. */
static inline uint64_t reco_scan(const uint8_t *text, uint8_t separator) {
    uint64_t bits = 0;
#if defined(__SSE2__)
    const __m128i separators = _mm_set1_epi8((char)separator);
    const __m128i line_ends = _mm_set1_epi8('\n');
    const __m128i quotes = _mm_set1_epi8('"');
    for (int i = 0; i < 4; i++) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * i));
        const __m128i hits = _mm_or_si128(
            _mm_cmpeq_epi8(block, separators),
            _mm_or_si128(_mm_cmpeq_epi8(block, line_ends), _mm_cmpeq_epi8(block, quotes)));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(hits) << (16 * i);
    }
#else
    for (int i = 0; i < RECO_SCAN_LENGTH; i++)
        bits |= (uint64_t)(text[i] == separator || text[i] == '\n' || text[i] == '"') << i;
#endif
    return bits;
}

#endif
