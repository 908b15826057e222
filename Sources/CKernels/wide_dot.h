/* Dot products of eight rows with one vector; whoever includes it has defined the vectors. */

enum { ROWS = 8 };

/* The sums of the lanes of four vectors. */
INLINE __m128 sum4(vector_t a, vector_t b, vector_t c, vector_t d) {
    __m128 p = fold(a), q = fold(b), r = fold(c), s = fold(d);
    _MM_TRANSPOSE4_PS(p, q, r, s);
    return _mm_add_ps(_mm_add_ps(p, q), _mm_add_ps(r, s));
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
