/* The transformer's kernels with AVX-512: two sets that differ in who multiplies bytes. */
#if defined(__x86_64__)
#include "avx512_vectors.h"

#define TILE_ROWS 8
#define TILE_PANELS 3
#define PREFETCH_LINES 16
#define LEVEL KERNELS_AVX512
#define BYTE_PRODUCT byte_product_avx2
#define BYTE_SCORES byte_scores_avx2
#define TRANSFORMER transformer_kernels_avx512

#include "transformer_wide.h"

const struct transformer_kernels transformer_kernels_vnni = {
    KERNELS_VNNI,      product, half_product, byte_product_vnni, quantize, softmax,
    add_and_normalize, gelu,    gelu_tanh,    byte_scores_vnni,
};
#endif
