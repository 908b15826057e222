/* The transformer's kernels in portable C: what the fast sets are compared with, and what other processors run. */
#include "CKernels.h"

#include <math.h>
#include <string.h>

enum { PANEL = 16 };

/* IEEE 754 half precision as float. */
static float half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 0x1F, fraction = half & 0x3FF, bits;
    if (exponent == 0) {
        float small = (float)fraction * 0x1p-24f;
        return sign ? -small : small;
    }
    bits = exponent == 31 ? sign | 0x7F800000 | fraction << 13 : sign | (exponent + 112) << 23 | fraction << 13;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void product(const struct float_product *job) {
    for (size_t first = 0; first < job->outputs; first += PANEL) {
        const float *panel = (const float *)job->panels + first / PANEL * job->panel_gap;
        for (size_t r = 0; r < job->rows; r++) {
            const float *x = job->x + r * job->x_stride;
            float sums[PANEL];
            for (int lane = 0; lane < PANEL; lane++) sums[lane] = job->bias ? job->bias[first + lane] : 0;
            for (size_t k = 0; k < job->inputs; k++)
                for (int lane = 0; lane < PANEL; lane++) sums[lane] += x[k] * panel[k * job->panel_step + lane];
            memcpy(job->out + r * job->out_stride + first, sums, sizeof sums);
        }
    }
}

static void half_product(const struct float_product *job) {
    for (size_t first = 0; first < job->outputs; first += PANEL) {
        const uint16_t *panel = (const uint16_t *)job->panels + first / PANEL * job->panel_gap;
        for (size_t r = 0; r < job->rows; r++) {
            const float *x = job->x + r * job->x_stride;
            float sums[PANEL];
            for (int lane = 0; lane < PANEL; lane++) sums[lane] = job->bias ? job->bias[first + lane] : 0;
            for (size_t k = 0; k < job->inputs; k++)
                for (int lane = 0; lane < PANEL; lane++)
                    sums[lane] += x[k] * half_to_float(panel[k * job->panel_step + lane]);
            memcpy(job->out + r * job->out_stride + first, sums, sizeof sums);
        }
    }
}

static void byte_product(const struct byte_product *job) {
    for (size_t first = 0; first < job->outputs; first += PANEL) {
        const int8_t *panel = job->panels + first * job->inputs;
        for (size_t r = 0; r < job->rows; r++) {
            const uint8_t *x = job->x + r * job->x_stride;
            uint32_t sums[PANEL] = {0}; /* wrap where a signed sum would be undefined */
            for (size_t k = 0; k < job->inputs; k += 4)
                for (int lane = 0; lane < PANEL; lane++)
                    for (int i = 0; i < 4; i++)
                        sums[lane] += (uint32_t)((int32_t)x[k + i] * panel[k * PANEL + lane * 4 + i]);
            for (int lane = 0; lane < PANEL; lane++) {
                size_t o = first + lane;
                int32_t sum = (int32_t)(sums[lane] - (uint32_t)job->x_zeros[r] * (uint32_t)job->sums[o]);
                float scaled = (float)sum * (job->x_scales[r] * job->scales[o]);
                job->out[r * job->out_stride + o] = scaled + job->bias[o];
            }
        }
    }
}

static void quantize(const float *x, size_t count, size_t padded, uint8_t *out, float *scale, int32_t *zero) {
    float low = 0, high = 0;
    for (size_t k = 0; k < count; k++) {
        if (x[k] < low) low = x[k];
        if (x[k] > high) high = x[k];
    }
    float step = (high - low) / 255, inverse = step > 0 ? 1 / step : 0;
    if (!(inverse < INFINITY)) inverse = 0;
    float shift = nearbyintf(-low * inverse);
    *scale = step;
    *zero = shift >= 0 && shift <= 255 ? (int32_t)shift : 0;
    for (size_t k = 0; k < count; k++) {
        float value = nearbyintf(x[k] * inverse) + (float)*zero;
        out[k] = value > 0 ? (value < 255 ? (uint8_t)value : 255) : 0;
    }
    for (size_t k = count; k < padded; k++) out[k] = (uint8_t)*zero;
}

static void softmax(float *x, size_t count, float scale) {
    float largest = -INFINITY, sum = 0;
    for (size_t k = 0; k < count; k++)
        if (x[k] > largest) largest = x[k];
    for (size_t k = 0; k < count; k++) sum += x[k] = expf(scale * (x[k] - largest));
    float inverse = 1 / sum;
    for (size_t k = 0; k < count; k++) x[k] *= inverse;
}

static void add_and_normalize(float *x, const float *residual, const float *gamma, const float *beta, size_t count,
                              float epsilon) {
    float sum = 0, squares = 0;
    for (size_t k = 0; k < count; k++) sum += x[k] += residual ? residual[k] : 0;
    float mean = sum / (float)count;
    for (size_t k = 0; k < count; k++) squares += (x[k] - mean) * (x[k] - mean);
    float inverse = 1 / sqrtf(squares / (float)count + epsilon);
    for (size_t k = 0; k < count; k++) x[k] = (x[k] - mean) * inverse * gamma[k] + beta[k];
}

static void gelu(float *x, size_t count) {
    for (size_t k = 0; k < count; k++) x[k] = 0.5f * x[k] * (1 + erff(x[k] * 0.70710678f));
}

static void gelu_tanh(float *x, size_t count) {
    for (size_t k = 0; k < count; k++)
        x[k] = x[k] / (1 + expf(-1.59576912f * (x[k] + 0.044715f * x[k] * x[k] * x[k])));
}

static float byte_scores(const uint8_t *rows, size_t count, size_t width, const int8_t *query, int32_t offset,
                         const float *scales, float *out) {
    float largest = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        uint32_t sum = 0;
        for (size_t k = 0; k < width; k++) sum += (uint32_t)((int32_t)rows[i * width + k] * query[k]);
        out[i] = scales[i] * (float)(int32_t)(sum - (uint32_t)offset);
        if (out[i] > largest) largest = out[i];
    }
    return largest;
}

const struct transformer_kernels transformer_kernels_plain = {
    KERNELS_PLAIN, product, half_product, byte_product, quantize, softmax, add_and_normalize, gelu, gelu_tanh, byte_scores,
};
