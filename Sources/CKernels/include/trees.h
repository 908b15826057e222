/* Scores of decision trees for a block of rows.

   Every number of a row is looked up once among the model's thresholds for its feature, and becomes a code: how many of
   at most 255 thresholds lie below it. All trees then compare bytes, many rows at once. A *column* holds the codes of one
   feature for one way of treating missing values; a feature with more thresholds has several columns, and each set of
   categories has one of its own, with code 0 for members.

   Every set gives the same bits: a row's leaves are added in the order of the trees. Nothing allocates, fails or keeps
   state. Whatever the arrays hold, nothing is read or written outside them and the scratch, and the time is bounded by
   their lengths. */
#ifndef RECO_TREES_H
#define RECO_TREES_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
    TREES_BLOCK = 256,   /* rows of a block, at most */
    TREES_PADDING = 256, /* elements behind the last node and the last leaf that any byte may reach */
    TREES_PIVOTS = 16,   /* of a column: the last of every 16 thresholds; the thresholds follow, filled up with infinity */
    TREES_CHUNK = 272,   /* floats that may be read from where a column's pivots begin */
    TREES_NARROW = 255   /* inner nodes of a tree whose leaves have numbers of one byte */
};

/* What a column says of itself. */
enum {
    TREES_IS_SET = 1,        /* a set of categories instead of thresholds */
    TREES_ZERO_IS_MISSING = 2,
    TREES_REPEATS = 4        /* the same thresholds as the column before it */
};

struct tree_column {
    uint32_t feature;
    uint32_t start;   /* in thresholds: the pivots; in sets: the first word */
    uint32_t length;  /* thresholds, without what fills up; or words */
    uint8_t flags;
    uint8_t missing;  /* the code of a missing value */
    uint16_t zero;
};

/* An inner node goes right where the code in its column is above its own. Nodes of a tree stand parent first, then the
   left subtree, then the right one; leaves from left to right. */
struct tree_node {
    uint32_t column_and_code; /* column << 8 | code */
    union {
        /* up to TREES_NARROW nodes: the first leaf below, the first one below the right child; children as numbers
           within the tree, the node's own number where the child is a leaf */
        struct { uint8_t leaves[2], children[2]; } narrow;
        /* more: leaves below the left child << 2 | right child is a leaf << 1 | left child is a leaf */
        uint32_t wide;
    } below;
};

struct forest {
    size_t feature_count; /* numbers of a row */
    size_t tree_count;
    const uint32_t *sizes; /* (trees) inner nodes */
    size_t node_count;     /* with the padding */
    const struct tree_node *nodes;
    size_t leaf_count;     /* with the padding */
    const void *leaves;    /* double, or float where `is_single` */
    size_t column_count;
    size_t column_mask;    /* a power of two minus 1, column_count - 1 or more */
    const struct tree_column *columns;
    size_t threshold_count;
    const float *thresholds;
    size_t set_count;
    const uint32_t *sets;  /* words of bits */
    int is_single;         /* leaves are float, and so are the sums */
};

struct tree_kernels {
    int level;

    /* sums[r] += the leaves of row r for `count` rows, at most TREES_BLOCK. Row r starts at rows + r * feature_count.
       `sums` has TREES_BLOCK elements, float where `is_single`. `scratch` has (column_mask + 1) * TREES_BLOCK bytes, best
       at a multiple of 64; what it holds does not matter. */
    void (*add_scores)(const struct forest *forest, const float *rows, size_t count, uint8_t *scratch, void *sums);
};

/* The best set up to `level` that this processor can run. */
const struct tree_kernels *tree_kernels_up_to(int level);

extern const struct tree_kernels tree_kernels_plain;
#if defined(__x86_64__)
extern const struct tree_kernels tree_kernels_avx2;
extern const struct tree_kernels tree_kernels_avx512;
#endif

#pragma clang assume_nonnull end
#endif
