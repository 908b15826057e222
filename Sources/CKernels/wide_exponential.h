/* The exponential for wide vectors, included where the vectors are defined. */

/* exp(x) to two units in the last place; 0 below -87. The polynomial is that of Cephes. */
INLINE vector_t exponential(vector_t x) {
    x = larger(smaller(x, spread(88)), spread(-87.3f));
    vector_t whole = nearest(x * spread(1.44269504f));
    vector_t rest = multiply_add(whole, spread(-0.693359375f), x);
    rest = multiply_add(whole, spread(2.12194440e-4f), rest);
    vector_t sum = spread(1.9875691500e-4f);
    sum = multiply_add(sum, rest, spread(1.3981999507e-3f));
    sum = multiply_add(sum, rest, spread(8.3334519073e-3f));
    sum = multiply_add(sum, rest, spread(4.1665795894e-2f));
    sum = multiply_add(sum, rest, spread(1.6666665459e-1f));
    sum = multiply_add(sum, rest, spread(5.0000001201e-1f));
    sum = multiply_add(sum, rest * rest, rest + spread(1));
    return sum * power_of_two(whole);
}
