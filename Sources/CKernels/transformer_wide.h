/* The text of the transformer's kernels for wide vectors; transformer_avx2.c and transformer_avx512.c define the vectors,
   the size of a tile and who multiplies bytes, and include it.

   The processor's own prefetching stops at the end of each page, and a panel is a few pages long: asking for weights
   PREFETCH_LINES cache lines ahead made a product of eight rows a fifth faster.

   A tile of TILE_ROWS rows times TILE_PANELS panels is as large as the registers hold: each weight that is loaded serves
   all its rows, each input all its panels. */

#include "wide_exponential.h"

enum { PANEL = 16, VECTORS = PANEL / WIDTH };


INLINE vector_t panel_vector(const void *panel, size_t at, int is_half) {
    return is_half ? load_half((const uint16_t *)panel + at) : load((const float *)panel + at);
}

/* `rows` and `panels` are constants where this is expanded. */
INLINE void tile(const struct float_product *job, size_t row, size_t output, int rows, int panels, int is_half) {
    vector_t sums[TILE_ROWS][TILE_PANELS * VECTORS];
    const char *starts[TILE_PANELS];
    size_t size = is_half ? sizeof(uint16_t) : sizeof(float);
#pragma unroll
    for (int p = 0; p < panels; p++) {
        starts[p] = (const char *)job->panels + (output / PANEL + (size_t)p) * job->panel_gap * size;
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            vector_t begin = job->bias ? load(job->bias + output + p * PANEL + v * WIDTH) : zero();
#pragma unroll
            for (int r = 0; r < rows; r++) sums[r][p * VECTORS + v] = begin;
        }
    }
    const float *x = job->x + row * job->x_stride;
    size_t stride = job->x_stride, step = job->panel_step, inputs = job->inputs;
    for (size_t k = 0; k < inputs; k++) {
        vector_t weights[TILE_PANELS * VECTORS];
#pragma unroll
        for (int p = 0; p < panels; p++) {
            if (PREFETCH_LINES) _mm_prefetch(starts[p] + (k + PREFETCH_LINES) * step * size, _MM_HINT_T0);
#pragma unroll
            for (int v = 0; v < VECTORS; v++)
                weights[p * VECTORS + v] = panel_vector(starts[p], k * step + (size_t)(v * WIDTH), is_half);
        }
#pragma unroll
        for (int r = 0; r < rows; r++) {
            vector_t input = here(spread(x[(size_t)r * stride + k]));
#pragma unroll
            for (int v = 0; v < panels * VECTORS; v++) accumulate(&sums[r][v], input, weights[v]);
        }
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
        float *out = job->out + (row + (size_t)r) * job->out_stride + output;
#pragma unroll
        for (int v = 0; v < panels * VECTORS; v++) store(out + v * WIDTH, sums[r][v]);
    }
}

/* All rows times `panels` panels. Rows are cut into tiles of nearly the same height: 10 are 5 and 5, not 8 and 2. */
INLINE void strip(const struct float_product *job, size_t output, int panels, int is_half) {
    size_t tiles = (job->rows + TILE_ROWS - 1) / TILE_ROWS, row = 0;
    for (size_t t = 0; t < tiles; t++) {
        size_t height = (job->rows - row) / (tiles - t);
        switch (height) {
        case 1: tile(job, row, output, 1, panels, is_half); break;
        case 2: tile(job, row, output, 2, panels, is_half); break;
        case 3: tile(job, row, output, 3, panels, is_half); break;
        case 4: tile(job, row, output, 4, panels, is_half); break;
        case 5: tile(job, row, output, 5, panels, is_half); break;
        case 6: tile(job, row, output, 6, panels, is_half); break;
#if TILE_ROWS >= 8
        case 7: tile(job, row, output, 7, panels, is_half); break;
        case 8: tile(job, row, output, 8, panels, is_half); break;
#endif
        default: break;
        }
        row += height;
    }
}

INLINE void multiply(const struct float_product *job, int is_half) {
    size_t output = 0;
    for (; output + TILE_PANELS * PANEL <= job->outputs; output += TILE_PANELS * PANEL)
        strip(job, output, TILE_PANELS, is_half);
    for (; output + PANEL <= job->outputs; output += PANEL) strip(job, output, 1, is_half);
}

TARGET static void product(const struct float_product *job) { multiply(job, 0); }
TARGET static void half_product(const struct float_product *job) { multiply(job, 1); }

INLINE float largest_lane(vector_t v) {
    float lanes[WIDTH], largest;
    store(lanes, v);
    largest = lanes[0];
    for (int i = 1; i < WIDTH; i++) largest = lanes[i] > largest ? lanes[i] : largest;
    return largest;
}

INLINE float sum_of_lanes(vector_t v) {
    float lanes[WIDTH];
    store(lanes, v);
    for (int half = WIDTH / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

TARGET static void softmax(float *x, size_t count, float scale) {
    vector_t largest = spread(-INFINITY), sum = zero(), factor = spread(scale);
    size_t k = 0;
    for (; k + WIDTH <= count; k += WIDTH) largest = larger(load(x + k), largest);
    float top = largest_lane(largest);
    for (; k < count; k++) top = x[k] > top ? x[k] : top;
    vector_t ceiling = spread(top);
    for (k = 0; k + WIDTH <= count; k += WIDTH) {
        vector_t part = exponential(factor * (load(x + k) - ceiling));
        store(x + k, part);
        sum = sum + part;
    }
    float total = sum_of_lanes(sum);
    if (k < count) {
        mask_t mask = first(count - k);
        store_first(x + k, mask, exponential(factor * (load_first(x + k, mask) - ceiling)));
        for (size_t i = k; i < count; i++) total += x[i];
    }
    vector_t inverse = spread(1 / total);
    for (k = 0; k + WIDTH <= count; k += WIDTH) store(x + k, load(x + k) * inverse);
    for (; k < count; k++) x[k] *= 1 / total;
}

TARGET static void add_and_normalize(float *x, const float *residual, const float *gamma, const float *beta,
                                     size_t count, float epsilon) {
    vector_t sum = zero(), squares = zero();
    for (size_t k = 0; k < count; k += WIDTH) {
        mask_t mask = first(count - k < WIDTH ? count - k : WIDTH);
        vector_t part = load_first(x + k, mask);
        if (residual) part = part + load_first(residual + k, mask);
        store_first(x + k, mask, part);
        sum = sum + part;
    }
    float mean = sum_of_lanes(sum) / (float)count;
    vector_t middle = spread(mean);
    size_t k = 0;
    for (; k + WIDTH <= count; k += WIDTH) {
        vector_t part = load(x + k) - middle;
        squares = multiply_add(part, part, squares);
    }
    float rest = 0;
    for (; k < count; k++) rest += (x[k] - mean) * (x[k] - mean);
    vector_t inverse = spread(1 / sqrtf((sum_of_lanes(squares) + rest) / (float)count + epsilon));
    for (k = 0; k < count; k += WIDTH) {
        mask_t mask = first(count - k < WIDTH ? count - k : WIDTH);
        vector_t part = (load_first(x + k, mask) - middle) * inverse;
        store_first(x + k, mask, multiply_add(part, load_first(gamma + k, mask), load_first(beta + k, mask)));
    }
}

/* erf(x) is about x P(x^2) / Q(x^2) for |x| < 4 and 1 beyond: a least-squares fit with weights raised where the error
   was largest, off by 2e-8 before rounding. */
INLINE vector_t gelu_of(vector_t value) {
    vector_t x = larger(smaller(value * spread(0.70710678f), spread(4)), spread(-4)), t = x * x;
    vector_t p = spread(1.9747242010031467e-06f), q = spread(3.747826702201676e-05f);
    p = multiply_add(p, t, spread(0.0002880134387112739f));
    q = multiply_add(q, t, spread(0.0012161947267601842f));
    p = multiply_add(p, t, spread(0.004003090948926806f));
    q = multiply_add(q, t, spread(0.01544334981942991f));
    p = multiply_add(p, t, spread(0.053465786214661984f));
    q = multiply_add(q, t, spread(0.1164717290469223f));
    p = multiply_add(p, t, spread(0.19623822441102232f));
    q = multiply_add(q, t, spread(0.5072427650053865f));
    p = multiply_add(p, t, spread(1.1283789772527952f));
    q = multiply_add(q, t, spread(1));
    vector_t half = value * spread(0.5f);
    return multiply_add(half, x * p / q, half);
}

INLINE vector_t gelu_tanh_of(vector_t x) {
    vector_t inner = multiply_add(spread(0.044715f) * x * x, x, x);
    return x / (spread(1) + exponential(spread(-1.59576912f) * inner));
}

TARGET static void gelu(float *x, size_t count) {
    for (size_t k = 0; k < count; k += WIDTH) {
        mask_t mask = first(count - k < WIDTH ? count - k : WIDTH);
        store_first(x + k, mask, gelu_of(load_first(x + k, mask)));
    }
}

TARGET static void gelu_tanh(float *x, size_t count) {
    for (size_t k = 0; k < count; k += WIDTH) {
        mask_t mask = first(count - k < WIDTH ? count - k : WIDTH);
        store_first(x + k, mask, gelu_tanh_of(load_first(x + k, mask)));
    }
}

TARGET static void quantize(const float *x, size_t count, size_t padded, uint8_t *out, float *scale, int32_t *zero_byte) {
    vector_t lowest = zero(), highest = zero();
    size_t k = 0;
    for (; k + WIDTH <= count; k += WIDTH) {
        vector_t part = load(x + k);
        /* The second operand is what comes out where the first is no number. */
        lowest = smaller(part, lowest);
        highest = larger(part, highest);
    }
    float low = -largest_lane(-lowest), high = largest_lane(highest);
    for (; k < count; k++) {
        low = x[k] < low ? x[k] : low;
        high = x[k] > high ? x[k] : high;
    }
    float step = (high - low) / 255, inverse = step > 0 ? 1 / step : 0;
    if (!(inverse < INFINITY)) inverse = 0;
    float shift = nearbyintf(-low * inverse);
    int32_t middle = shift >= 0 && shift <= 255 ? (int32_t)shift : 0;
    vector_t factor = spread(inverse), offset = spread((float)middle);
    for (k = 0; k + WIDTH <= count; k += WIDTH) {
        vector_t value = nearest(load(x + k) * factor) + offset;
        store_bytes(out + k, smaller(larger(value, zero()), spread(255)));
    }
    for (; k < count; k++) {
        float value = nearbyintf(x[k] * inverse) + (float)middle;
        out[k] = value > 0 ? (value < 255 ? (uint8_t)value : 255) : 0;
    }
    for (; k < padded; k++) out[k] = (uint8_t)middle;
    *scale = step;
    *zero_byte = middle;
}

const struct transformer_kernels TRANSFORMER = {
    LEVEL, product, half_product, BYTE_PRODUCT, quantize, softmax, add_and_normalize, gelu, gelu_tanh, BYTE_SCORES,
};
