/* One row through a forest, for all sets of kernels. */
#include "trees_common.h"

#pragma clang assume_nonnull begin

/* How many of 16 ascending thresholds, the last of which does not, lie below x. */
ALWAYS_INLINE size_t rank_of_16(const float *thresholds, float x) {
    size_t rank = 0;
    for (size_t step = 8; step; step >>= 1) rank += thresholds[rank + step - 1] < x ? step : 0;
    return rank;
}

ALWAYS_INLINE size_t plain_rank(const float *pivots, float x) {
    size_t group = TREES_PIVOTS * rank_of_16(pivots, x);
    return group + rank_of_16(pivots + TREES_PIVOTS + group, x);
}

enum { TREES_AT_ONCE = 8 };

struct standing_trees {
    const struct tree_node *_Nonnull roots[TREES_AT_ONCE];
    size_t leaves[TREES_AT_ONCE];
    size_t count, longest;
};

ALWAYS_INLINE void add_leaf(const struct forest *forest, size_t leaf, void *sums, size_t row) {
    if (forest->is_single) ((float *)sums)[row] += ((const float *)forest->leaves)[leaf];
    else ((double *)sums)[row] += ((const double *)forest->leaves)[leaf];
}

/* Whether a row goes right at a node. */
ALWAYS_INLINE uint32_t goes_right(const struct tree_node *node, const uint8_t *codes, size_t mask) {
    uint32_t word = node->column_and_code;
    return codes[word >> 8 & mask] > (uint8_t)word;
}

/* `count` trees side by side: their steps do not wait for each other. A node whose child is a leaf is its own child, so
   that whoever has arrived stays. */
ALWAYS_INLINE void walk_trees(const struct forest *forest, const struct standing_trees *trees, size_t count,
                              const uint8_t *codes, void *sums, size_t row) {
    const struct tree_node *at[TREES_AT_ONCE];
    size_t mask = forest->column_mask;
    for (size_t i = 0; i < count; i++) at[i] = trees->roots[i];
    /* Two steps between one look at whether anybody has moved and the next. */
    for (size_t step = 1; step < trees->longest; step += 2) {
        uintptr_t moved = 0;
        for (size_t i = 0; i < count; i++)
            at[i] = trees->roots[i] + at[i]->below.narrow.children[goes_right(at[i], codes, mask)];
        for (size_t i = 0; i < count; i++) {
            const struct tree_node *next = trees->roots[i] + at[i]->below.narrow.children[goes_right(at[i], codes, mask)];
            moved |= (uintptr_t)next ^ (uintptr_t)at[i];
            at[i] = next;
        }
        if (!moved) break;
    }
    for (size_t i = 0; i < count; i++)
        add_leaf(forest, trees->leaves[i] + at[i]->below.narrow.leaves[goes_right(at[i], codes, mask)], sums, row);
}

/* sums[row] += the leaves of the row whose codes stand one after the other. */
static void walk_row(const struct forest *forest, const uint8_t *codes, void *sums, size_t row) {
    struct standing_trees trees = {.count = 0, .longest = 0};
    size_t node = 0, leaf = 0;
    for (size_t t = 0; t < forest->tree_count; t++) {
        size_t size = forest->sizes[t];
        if (!has_room(forest, node, leaf, size)) break;
        if (size >= 1 && size <= TREES_NARROW) {
            trees.roots[trees.count] = forest->nodes + node;
            trees.leaves[trees.count++] = leaf;
            if (size > trees.longest) trees.longest = size;
            if (trees.count == TREES_AT_ONCE) {
                walk_trees(forest, &trees, TREES_AT_ONCE, codes, sums, row);
                trees.count = trees.longest = 0;
            }
        } else {
            walk_trees(forest, &trees, trees.count, codes, sums, row); /* the order of the sum */
            trees.count = trees.longest = 0;
            size_t found = size ? wide_leaf(forest, forest->nodes + node, size, codes, 1) : 0;
            add_leaf(forest, leaf + found, sums, row);
        }
        node += size;
        leaf += size + 1;
    }
    walk_trees(forest, &trees, trees.count, codes, sums, row);
}

#pragma clang assume_nonnull end
