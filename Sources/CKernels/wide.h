/* The text of the kernels for wide vectors; avx2.c and avx512.c define the vectors and include it.

   All of them take eight rows at once: eight sums hide the latency of the multiply-adds, and the vector (or the
   output) is read once for eight rows instead of once for each. */

enum { ROWS = 8 };

/* The sums of the lanes of four vectors. */
INLINE __m128 sum4(vector_t a, vector_t b, vector_t c, vector_t d) {
    __m128 p = fold(a), q = fold(b), r = fold(c), s = fold(d);
    _MM_TRANSPOSE4_PS(p, q, r, s);
    return _mm_add_ps(_mm_add_ps(p, q), _mm_add_ps(r, s));
}

INLINE float sum1(vector_t v) {
    __m128 four = fold(v);
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/* out[i] = rows[i] . x for eight rows. */
INLINE void dot8(const float *const rows[ROWS], const float *x, size_t rank, float out[ROWS]) {
    vector_t sums[ROWS];
    for (int i = 0; i < ROWS; i++) sums[i] = zero();
    size_t k = 0;
    for (; k + WIDTH <= rank; k += WIDTH) {
        vector_t part = load(x + k);
#pragma unroll
        for (int i = 0; i < ROWS; i++) sums[i] = multiply_add(load(rows[i] + k), part, sums[i]);
    }
    if (k < rank) {
        mask_t mask = first(rank - k);
        vector_t part = load_first(x + k, mask);
#pragma unroll
        for (int i = 0; i < ROWS; i++) sums[i] = multiply_add(load_first(rows[i] + k, mask), part, sums[i]);
    }
    _mm_storeu_ps(out, sum4(sums[0], sums[1], sums[2], sums[3]));
    _mm_storeu_ps(out + 4, sum4(sums[4], sums[5], sums[6], sums[7]));
}

/* out += sum over i of weights[i] * rows[i] for eight rows. */
INLINE void add8(const float *const rows[ROWS], const float weights[ROWS], size_t rank, float *out) {
    vector_t factors[ROWS];
#pragma unroll
    for (int i = 0; i < ROWS; i++) factors[i] = spread(weights[i]);
    size_t k = 0;
    for (; k + WIDTH <= rank; k += WIDTH) {
        vector_t even = load(out + k), odd = zero();
#pragma unroll
        for (int i = 0; i < ROWS; i += 2) {
            even = multiply_add(load(rows[i] + k), factors[i], even);
            odd = multiply_add(load(rows[i + 1] + k), factors[i + 1], odd);
        }
        store(out + k, even + odd);
    }
    if (k < rank) {
        mask_t mask = first(rank - k);
        vector_t sum = load_first(out + k, mask);
#pragma unroll
        for (int i = 0; i < ROWS; i++) sum = multiply_add(load_first(rows[i] + k, mask), factors[i], sum);
        store_first(out + k, mask, sum);
    }
}

INLINE float dot1(const float *a, const float *b, size_t count) {
    vector_t even = zero(), odd = zero();
    size_t k = 0;
    for (; k + 2 * WIDTH <= count; k += 2 * WIDTH) {
        even = multiply_add(load(a + k), load(b + k), even);
        odd = multiply_add(load(a + k + WIDTH), load(b + k + WIDTH), odd);
    }
    if (k + WIDTH <= count) {
        even = multiply_add(load(a + k), load(b + k), even);
        k += WIDTH;
    }
    if (k < count) {
        mask_t mask = first(count - k);
        odd = multiply_add(load_first(a + k, mask), load_first(b + k, mask), odd);
    }
    return sum1(even + odd);
}

INLINE void add1(float a, const float *x, float *y, size_t count) {
    vector_t factor = spread(a);
    size_t k = 0;
    for (; k + WIDTH <= count; k += WIDTH) store(y + k, multiply_add(load(x + k), factor, load(y + k)));
    if (k < count) {
        mask_t mask = first(count - k);
        store_first(y + k, mask, multiply_add(load_first(x + k, mask), factor, load_first(y + k, mask)));
    }
}

TARGET static float dot(const float *a, const float *b, size_t count) { return dot1(a, b, count); }

TARGET static void add_scaled(float a, const float *x, float *y, size_t count) { add1(a, x, y, count); }

/* How many bytes ahead the scan asks for rows: the processor's own prefetching stops at the end of each page. */
enum { AHEAD = 4096, LINE = 64 };

TARGET static float scores(const float *matrix, size_t count, size_t rank, const float *vector, float *out) {
    /* max_ps(a, b) is b unless a > b, so a NaN in `a` is passed over. */
    __m128 largest = _mm_set1_ps(-__builtin_inff());
    size_t i = 0;
    for (; i + ROWS <= count; i += ROWS) {
        const float *start = matrix + i * rank;
        const float *rows[ROWS];
        for (int r = 0; r < ROWS; r++) rows[r] = start + (size_t)r * rank;
        for (size_t line = 0; line < ROWS * rank * sizeof(float); line += LINE)
            _mm_prefetch((const char *)start + AHEAD + line, _MM_HINT_T0);
        dot8(rows, vector, rank, out + i);
        largest = _mm_max_ps(_mm_loadu_ps(out + i), largest);
        largest = _mm_max_ps(_mm_loadu_ps(out + i + 4), largest);
    }
    for (; i < count; i++) {
        out[i] = dot1(matrix + i * rank, vector, rank);
        largest = _mm_max_ps(_mm_set1_ps(out[i]), largest);
    }
    largest = _mm_max_ps(largest, _mm_movehl_ps(largest, largest));
    return _mm_cvtss_f32(_mm_max_ss(largest, _mm_movehdup_ps(largest)));
}

TARGET static void gathered_scores(const float *matrix, size_t row_count, size_t rank, const uint32_t *rows,
                                   size_t count, const float *vector, float *out) {
    size_t i = 0;
    for (; i + ROWS <= count && row_count > 0; i += ROWS) {
        const float *starts[ROWS];
        for (int r = 0; r < ROWS; r++) starts[r] = matrix + (rows[i + r] < row_count ? rows[i + r] : 0) * rank;
        dot8(starts, vector, rank, out + i);
        for (int r = 0; r < ROWS; r++)
            if (rows[i + r] >= row_count) out[i + r] = 0;
    }
    for (; i < count; i++) out[i] = rows[i] < row_count ? dot1(matrix + rows[i] * rank, vector, rank) : 0;
}

TARGET static void weighted_sum(const float *matrix, size_t rank, const uint32_t *rows, const float *weights,
                                size_t count, float *out) {
    size_t i = 0;
    for (; i + ROWS <= count; i += ROWS) {
        const float *starts[ROWS];
        for (int r = 0; r < ROWS; r++) starts[r] = matrix + (rows ? rows[i + r] : i + r) * rank;
        add8(starts, weights + i, rank, out);
    }
    for (; i < count; i++) add1(weights[i], matrix + (rows ? rows[i] : i) * rank, out, rank);
}

TARGET static void outer_products(const float *matrix, size_t rank, const uint32_t *rows, const float *weights,
                                  size_t count, const float *vector, float *out) {
    size_t i = 0;
    for (; i + ROWS <= count; i += ROWS) {
        const float *starts[ROWS];
        float products[ROWS];
        for (int r = 0; r < ROWS; r++) starts[r] = matrix + rows[i + r] * rank;
        dot8(starts, vector, rank, products);
        for (int r = 0; r < ROWS; r++) products[r] *= weights[i + r];
        add8(starts, products, rank, out);
    }
    for (; i < count; i++) {
        const float *row = matrix + rows[i] * rank;
        add1(weights[i] * dot1(row, vector, rank), row, out, rank);
    }
}

/* All three rows at once, so that each is loaded once for the update; the last lanes by masks. */
TARGET static float pairwise_step(float *user, float *liked, float *other, float rate, float keep, size_t count) {
    vector_t even = zero(), odd = zero();
    size_t k = 0;
    for (; k + 2 * WIDTH <= count; k += 2 * WIDTH) {
        even = multiply_add(load(user + k), load(liked + k) - load(other + k), even);
        odd = multiply_add(load(user + k + WIDTH), load(liked + k + WIDTH) - load(other + k + WIDTH), odd);
    }
    for (; k < count; k += WIDTH) {
        mask_t mask = first(count - k < WIDTH ? count - k : WIDTH);
        vector_t difference = load_first(liked + k, mask) - load_first(other + k, mask);
        even = multiply_add(load_first(user + k, mask), difference, even);
    }
    float margin = sum1(even + odd);

    float push = rate / (1 + expf(margin));
    vector_t up = spread(push), down = spread(-push), shrink = spread(keep);
    for (k = 0; k + WIDTH <= count; k += WIDTH) {
        vector_t u = load(user + k), a = load(liked + k), b = load(other + k);
        store(user + k, multiply_add(u, shrink, up * (a - b)));
        store(liked + k, multiply_add(a, shrink, up * u));
        store(other + k, multiply_add(b, shrink, down * u));
    }
    if (k < count) {
        mask_t mask = first(count - k);
        vector_t u = load_first(user + k, mask), a = load_first(liked + k, mask), b = load_first(other + k, mask);
        store_first(user + k, mask, multiply_add(u, shrink, up * (a - b)));
        store_first(liked + k, mask, multiply_add(a, shrink, up * u));
        store_first(other + k, mask, multiply_add(b, shrink, down * u));
    }
    return margin;
}

/* Lanes beyond the end have a root of zero, but are not stored. */
TARGET static void adagrad_step(float *row, float *squares, const float *direction, float scale, float rate,
                                float penalty, size_t count) {
    vector_t pull = spread(scale), decay = spread(penalty), length = spread(rate);
    size_t k = 0;
    for (; k + WIDTH <= count; k += WIDTH) {
        vector_t x = load(row + k);
        vector_t gradient = multiply_add(load(direction + k), pull, decay * x);
        vector_t square = multiply_add(gradient, gradient, load(squares + k));
        store(squares + k, square);
        store(row + k, x - length * gradient / root(square));
    }
    if (k < count) {
        mask_t mask = first(count - k);
        vector_t x = load_first(row + k, mask);
        vector_t gradient = multiply_add(load_first(direction + k, mask), pull, decay * x);
        vector_t square = multiply_add(gradient, gradient, load_first(squares + k, mask));
        store_first(squares + k, mask, square);
        store_first(row + k, mask, x - length * gradient / root(square));
    }
}

/* The last lanes by masks; those beyond the end compute something, which is not stored. */
TARGET static void adam(const struct adam_step *step, float *values, float *first_moments, float *second_moments,
                        const float *gradients, size_t count) {
    vector_t keep_first = spread(step->keep_first), take_first = spread(1 - step->keep_first);
    vector_t keep_second = spread(step->keep_second), take_second = spread(1 - step->keep_second);
    vector_t decay = spread(step->decay), length = spread(step->length);
    vector_t scale = spread(step->root_scale), epsilon = spread(step->epsilon);
    for (size_t k = 0; k < count; k += WIDTH) {
        mask_t mask = first(count - k < WIDTH ? count - k : WIDTH);
        vector_t value = load_first(values + k, mask);
        vector_t gradient = multiply_add(decay, value, load_first(gradients + k, mask));
        vector_t mean = multiply_add(take_first, gradient, keep_first * load_first(first_moments + k, mask));
        vector_t square = take_second * gradient * gradient;
        square = multiply_add(keep_second, load_first(second_moments + k, mask), square);
        store_first(first_moments + k, mask, mean);
        store_first(second_moments + k, mask, square);
        vector_t below = multiply_add(scale, root(square), epsilon);
        store_first(values + k, mask, value - length * mean / below);
    }
}

const struct kernels KERNELS = {
    LEVEL, dot, add_scaled, scores, gathered_scores, weighted_sum, outer_products, pairwise_step, adagrad_step, adam,
};
