/* What the kernels for trees share: columns, the walk down single trees, and the plain way through a forest. */
#include <math.h>
#include <string.h>

#include "CKernels.h"

#pragma clang assume_nonnull begin

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Each byte four times. */
extern const uint32_t tree_bytes[256];

/* Where codes lie: that of column c and row r at c * column_step + r * row_step. */
struct code_steps { size_t column, row; };

ALWAYS_INLINE int is_set(const struct tree_column *column) { return column->flags & TREES_IS_SET; }

/* The pivots and thresholds of a column, or nothing if they lie outside. */
ALWAYS_INLINE const float *_Nullable thresholds_of(const struct forest *forest, const struct tree_column *column) {
    if (forest->threshold_count < TREES_CHUNK || column->start > forest->threshold_count - TREES_CHUNK) return NULL;
    return forest->thresholds + column->start;
}

/* Whether a tree of `size` nodes lies within the arrays, with room for any byte behind its first node and leaf. */
ALWAYS_INLINE int has_room(const struct forest *forest, size_t node, size_t leaf, size_t size) {
    return node + size + TREES_PADDING <= forest->node_count && leaf + size + 1 + TREES_PADDING <= forest->leaf_count;
}

ALWAYS_INLINE int is_missing(float x, int zero_too) { return x != x || (zero_too && fabsf(x) <= 1e-35f); }

/* The codes of a column that holds a set of categories. */
ALWAYS_INLINE void encode_set(const struct forest *forest, const struct tree_column *column, const float *rows,
                              size_t count, uint8_t *codes, size_t step) {
    size_t words = column->length;
    if (column->start > forest->set_count) words = 0;
    else if (words > forest->set_count - column->start) words = forest->set_count - column->start;
    const uint32_t *set = words ? forest->sets + column->start : NULL;
    for (size_t r = 0; r < count; r++, rows += forest->feature_count, codes += step) {
        float x = *rows;
        if (x != x) {
            *codes = column->missing;
        } else { /* the comparison comes first: converting a number too large is undefined */
            size_t category = x > -1 && x < 0x1p31f ? (size_t)(int32_t)x : SIZE_MAX;
            *codes = !(category >> 5 < words && set[category >> 5] >> (category & 31) & 1);
        }
    }
}

ALWAYS_INLINE void encode_missing(const struct tree_column *column, const float *rows, size_t width, size_t count,
                                  uint8_t *codes, size_t step) {
    int zero_too = (column->flags & TREES_ZERO_IS_MISSING) != 0;
    for (size_t r = 0; r < count; r++)
        if (is_missing(rows[r * width], zero_too)) codes[r * step] = column->missing;
}

/* The leaf of a tree with more than TREES_NARROW nodes. */
ALWAYS_INLINE size_t wide_leaf(const struct forest *forest, const struct tree_node *nodes, size_t size,
                               const uint8_t *codes, size_t step) {
    size_t node = 0, leaf = 0;
    for (;;) {
        uint32_t word = nodes[node].column_and_code, below = nodes[node].below.wide;
        int right = codes[(word >> 8 & forest->column_mask) * step] > (uint8_t)word;
        size_t by = right ? below >> 2 : 1;
        if (right) leaf += by;
        if (below >> right & 1) break;
        node += by;
        if (by == 0 || node >= size) break; /* no tree */
    }
    return leaf <= size ? leaf : 0;
}

#pragma clang assume_nonnull end
