/* The trees without vectors: one row after the other walks down eight trees at a time. Also what the other sets do for
   a few rows, where it is the fastest way. */
#include "trees_plain.h"

static void encode(const struct forest *forest, const float *rows, size_t count, uint8_t *codes, struct code_steps steps) {
    for (size_t c = 0; c < forest->column_count; c++) {
        const struct tree_column *column = forest->columns + c;
        uint8_t *out = codes + c * steps.column;
        if (column->feature >= forest->feature_count) continue;
        const float *x = rows + column->feature;
        if (is_set(column)) {
            encode_set(forest, column, x, count, out, steps.row);
            continue;
        }
        const float *pivots = thresholds_of(forest, column);
        if (!pivots) continue;
        for (size_t r = 0; r < count; r++)
            out[r * steps.row] = (uint8_t)plain_rank(pivots, x[r * forest->feature_count]);
        encode_missing(column, x, forest->feature_count, count, out, steps.row);
    }
}

static void add_scores(const struct forest *forest, const float *rows, size_t count, uint8_t *scratch, void *sums) {
    /* A few rows at a time, whose codes stay in the first cache. */
    enum { PART = 16 };
    size_t width = forest->column_mask + 1;
    for (size_t from = 0; from < count; from += PART) {
        size_t part = count - from < PART ? count - from : PART;
        encode(forest, rows + from * forest->feature_count, part, scratch, (struct code_steps){.column = 1, .row = width});
        for (size_t r = 0; r < part; r++) walk_row(forest, scratch + r * width, sums, from + r);
    }
}

#define ONE(byte) (byte) * 0x01010101u
#define FOUR(byte) ONE(byte), ONE(byte + 1), ONE(byte + 2), ONE(byte + 3)
#define SIXTEEN(byte) FOUR(byte), FOUR(byte + 4), FOUR(byte + 8), FOUR(byte + 12)
#define SIXTY_FOUR(byte) SIXTEEN(byte), SIXTEEN(byte + 16), SIXTEEN(byte + 32), SIXTEEN(byte + 48)
const uint32_t tree_bytes[256] = {SIXTY_FOUR(0u), SIXTY_FOUR(64u), SIXTY_FOUR(128u), SIXTY_FOUR(192u)};

const struct tree_kernels tree_kernels_plain = {.level = KERNELS_PLAIN, .add_scores = add_scores};
