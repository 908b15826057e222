/* The text of the kernels for trees with wide vectors; trees_avx2.c and trees_avx512.c define the vectors and include it.

   A vector of bytes holds the leaf that each of its rows has come to: at first leaf 0. Nodes come parent first. The rows
   that a node decides on are those whose leaf is the first one below it; where the code is above the node's, they move on
   to the first leaf below its right child. So every node is compared for all rows, whether they come by or not: a few
   instructions for 64 rows, no branch, no dependence between rows. A mask of leaves for each row, as in V-QuickScorer
   (doi:10.1145/2911451.2914758), took twice as long here: four vectors instead of one. */

enum { VECTORS = 4, BATCH = VECTORS * VECTOR_ROWS, ROWS_OF_ENCODING = 64 };

/* Codes of `count` numbers, `width` apart, for a column with thresholds. Returns whether a NaN may be among them. */
INLINE int encode_numbers(const float *pivots, size_t length, const float *x, size_t width, size_t count, uint8_t *codes,
                          size_t step) {
    const float *thresholds = pivots + TREES_PIVOTS;
    pivots_t held = load_pivots(pivots);
    int missing = 0;
    size_t r = 0;
    if (length < 16) {
        for (; r < count; r++, x += width) {
            missing |= *x != *x;
            codes[r * step] = (uint8_t)rank_among(load_pivots(thresholds), *x);
        }
        return missing;
    }
    for (; r + 4 <= count; r += 4, x += 4 * width) {
#pragma unroll
        for (size_t i = 0; i < 4; i++) {
            float number = x[i * width];
            missing |= number != number;
            size_t group = rank_among(held, number);
            codes[(r + i) * step] = (uint8_t)(16 * group + rank_among(load_pivots(thresholds + 16 * group), number));
        }
    }
    for (; r < count; r++, x += width) {
        missing |= *x != *x;
        size_t group = rank_among(held, *x);
        codes[r * step] = (uint8_t)(16 * group + rank_among(load_pivots(thresholds + 16 * group), *x));
    }
    return missing;
}

TARGET static void encode(const struct forest *forest, const float *rows, size_t count, uint8_t *codes,
                          struct code_steps steps) {
    size_t width = forest->feature_count;
    /* A part of the rows at a time, which stays in the first cache while all columns are made of it. */
    for (size_t from = 0; from < count; from += ROWS_OF_ENCODING) {
        size_t part = count - from < ROWS_OF_ENCODING ? count - from : ROWS_OF_ENCODING;
        const float *first = rows + from * width;
        int missing = 0;
        for (size_t c = 0; c < forest->column_count; c++) {
            const struct tree_column *column = forest->columns + c;
            uint8_t *out = codes + c * steps.column + from * steps.row;
            if (column->feature >= width) continue;
            const float *x = first + column->feature;
            if (is_set(column)) {
                encode_set(forest, column, x, part, out, steps.row);
                continue;
            }
            if (column->flags & TREES_REPEATS && c > 0) {
                const uint8_t *same = out - steps.column;
                if (steps.row == 1) memcpy(out, same, part);
                else
                    for (size_t r = 0; r < part; r++) out[r * steps.row] = same[r * steps.row];
            } else {
                const float *pivots = thresholds_of(forest, column);
                if (!pivots) continue;
                missing = encode_numbers(pivots, column->length, x, width, part, out, steps.row);
            }
            if (missing || column->flags & TREES_ZERO_IS_MISSING)
                encode_missing(column, x, width, part, out, steps.row);
        }
    }
}

/* The leaves of `count` vectors of rows in a tree of `size` nodes. */
INLINE void find_leaves(const struct forest *forest, const struct tree_node *nodes, size_t size, const uint8_t *codes,
                        int count, bytes_t leaves[VECTORS]) {
    size_t mask = forest->column_mask;
#pragma unroll
    for (int v = 0; v < count; v++) leaves[v] = no_bytes();
    for (size_t n = 0; n < size; n++) {
        uint32_t word = nodes[n].column_and_code;
        const uint8_t *column = codes + (word >> 8 & mask) * TREES_BLOCK;
        bytes_t code = spread(tree_bytes + (word & 255)), here = spread(tree_bytes + nodes[n].below.narrow.leaves[0]),
                right = spread(tree_bytes + nodes[n].below.narrow.leaves[1]);
#pragma unroll
        for (int v = 0; v < count; v++) leaves[v] = moved(leaves[v], load_bytes(column + v * VECTOR_ROWS), code, here, right);
    }
}

/* Leaves of more than TREES_NARROW nodes, or of none. */
INLINE void add_one_by_one(const struct forest *forest, const struct tree_node *nodes, size_t size, size_t leaf,
                           const uint8_t *codes, size_t rows, void *sums) {
    for (size_t place = 0; place < rows; place++) {
        size_t row = row_at(forest, place);
        add_leaf(forest, leaf + (size ? wide_leaf(forest, nodes, size, codes + row, TREES_BLOCK) : 0), sums, place);
    }
}

/* All trees for up to `count` vectors of rows; sums stand as row_at says. */
INLINE void add_batch(const struct forest *forest, const uint8_t *codes, int count, void *sums) {
    size_t node = 0, leaf = 0;
    for (size_t t = 0; t < forest->tree_count; t++) {
        size_t size = forest->sizes[t];
        if (!has_room(forest, node, leaf, size)) break;
        const struct tree_node *nodes = forest->nodes + node;
        if (size >= 1 && size <= TREES_NARROW) {
            bytes_t leaves[VECTORS];
            find_leaves(forest, nodes, size, codes, count, leaves);
            add_leaves(forest, leaf, size + 1, leaves, count, sums);
        } else {
            add_one_by_one(forest, nodes, size, leaf, codes, (size_t)count * VECTOR_ROWS, sums);
        }
        node += size;
        leaf += size + 1;
    }
}

/* With the number of vectors known, they stay in registers. */
TARGET static void add_1(const struct forest *f, const uint8_t *codes, void *sums) { add_batch(f, codes, 1, sums); }
TARGET static void add_2(const struct forest *f, const uint8_t *codes, void *sums) { add_batch(f, codes, 2, sums); }
TARGET static void add_3(const struct forest *f, const uint8_t *codes, void *sums) { add_batch(f, codes, 3, sums); }
TARGET static void add_4(const struct forest *f, const uint8_t *codes, void *sums) { add_batch(f, codes, 4, sums); }

/* Moves sums between the order of rows and the one in which they are added up. */
INLINE void order(const struct forest *forest, void *ordered, void *sums, size_t count, int back) {
    size_t size = forest->is_single ? sizeof(float) : sizeof(double);
    for (size_t place = 0; place < BATCH; place++) {
        size_t row = row_at(forest, place);
        if (row >= count) continue;
        char *a = (char *)ordered + place * size, *b = (char *)sums + row * size;
        if (back) memcpy(b, a, size);
        else memcpy(a, b, size);
    }
}

TARGET static void add_scores(const struct forest *forest, const float *rows, size_t count, uint8_t *scratch, void *sums) {
    if (count <= FEW_ROWS) {
        size_t width = forest->column_mask + 1;
        encode(forest, rows, count, scratch, (struct code_steps){.column = 1, .row = width});
        for (size_t r = 0; r < count; r++) walk_row(forest, scratch + r * width, sums, r);
        return;
    }
    encode(forest, rows, count, scratch, (struct code_steps){.column = TREES_BLOCK, .row = 1});
    static void (*const add[VECTORS])(const struct forest *, const uint8_t *, void *) = {add_1, add_2, add_3, add_4};
    for (size_t from = 0; from < count; from += BATCH) {
        size_t part = count - from < BATCH ? count - from : BATCH;
        char *of_part = (char *)sums + from * (forest->is_single ? sizeof(float) : sizeof(double));
        double ordered[BATCH] __attribute__((aligned(64))) = {0};
        order(forest, ordered, of_part, part, 0);
        add[(part - 1) / VECTOR_ROWS](forest, scratch + from, ordered);
        order(forest, ordered, of_part, part, 1);
    }
}

const struct tree_kernels KERNELS = {.level = LEVEL, .add_scores = add_scores};
