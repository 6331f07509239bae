// A full softmax with AVX-512 VNNI, our own: the scores of all rows in int8, the sum of their exponentials, and the best rows.
#include "contender.hpp"
#include "int8-rows.hpp"

/** e^x for x up to 88, by Cephes' polynomial; 0 for -Infinity. */
inline __m512 expOf(__m512 x) {
    const __m512 clamped = _mm512_max_ps(x, _mm512_set1_ps(-104));
    const __m512 whole = _mm512_roundscale_ps(_mm512_mul_ps(clamped, _mm512_set1_ps(1.44269504088896341f)), 0);
    __m512 r = _mm512_fnmadd_ps(whole, _mm512_set1_ps(0.693359375f), clamped);
    r = _mm512_fnmadd_ps(whole, _mm512_set1_ps(-2.12194440e-4f), r);
    __m512 p = _mm512_set1_ps(1.9875691500e-4f);
    for (const float c : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f}) {
        p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(c));
    }
    p = _mm512_fmadd_ps(p, _mm512_mul_ps(r, r), _mm512_add_ps(r, _mm512_set1_ps(1)));
    return _mm512_scalef_ps(p, whole);
}

/** Blocks whose scores are in the cache when their exponentials are summed. */
constexpr int64_t CHUNK = 64;

struct Softmax : Index {
    int dim;
    Int8Rows coded;
    /** Volatile, so that it is computed. */
    volatile double logPartition = 0;

    Softmax(const float* rows, std::vector<float> biases, int dim) : dim(dim), coded(rows, std::move(biases), dim) {}

    int search(const float* query, int k, int, int, int32_t* ids) override {
        const Int8Query asked(query, dim);
        Best best(k);
        float shift = -INFINITY;
        double total = 0;
        for (int64_t first = 0; first < coded.blocks; first += CHUNK) {
            const int64_t blocks = std::min(CHUNK, coded.blocks - first);
            __m512 scores[CHUNK], top = _mm512_set1_ps(-INFINITY);
            for (int64_t b = 0; b < blocks; b++) {
                scores[b] = scoresOf(coded, asked, first + b);
                best.offer(scores[b], (first + b) * BLOCK);
                top = _mm512_max_ps(top, scores[b]);
            }
            const float largest = _mm512_reduce_max_ps(top);
            if (largest > shift) {
                total *= std::exp(shift - largest);
                shift = largest;
            }
            __m512 sum = _mm512_setzero_ps();
            for (int64_t b = 0; b < blocks; b++) sum = _mm512_add_ps(sum, expOf(_mm512_sub_ps(scores[b], _mm512_set1_ps(shift))));
            total += _mm512_reduce_add_ps(sum);
        }
        logPartition = shift + std::log(total);
        return best.write(k, ids);
    }
};

void build(const Rows& rows, const std::string& path, const std::string&) { saveRows(rows, path); }

std::unique_ptr<Index> open(const std::string& path, int dim) {
    Rows rows = savedRows(path, dim);
    return std::make_unique<Softmax>(rows.data.data(), std::move(rows.biases), dim);
}
