// A plain scan with AVX-512 VNNI, our own: all rows in int8, and the best scored again by their f32 rows.
#include "contender.hpp"
#include "int8-rows.hpp"

struct Scan : Index {
    int dim;
    std::vector<float> rows;
    Int8Rows coded;

    Scan(std::vector<float> data, std::vector<float> biases, int dim)
        : dim(dim), rows(std::move(data)), coded(rows.data(), std::move(biases), dim) {}

    int search(const float* query, int k, int, int rescored, int32_t* ids) override {
        const Int8Query asked(query, dim);
        Best best(std::min<int64_t>(int64_t(k) * rescored, coded.count));
        for (int64_t block = 0; block < coded.blocks; block++) best.offer(scoresOf(coded, asked, block), block * BLOCK);
        for (auto& [score, id] : best.heap) score = dot(query, &rows[int64_t(id) * dim]) + coded.biases[id];
        return best.write(k, ids);
    }

    float dot(const float* a, const float* b) const {
        __m512 sum = _mm512_setzero_ps();
        for (int d = 0; d < dim; d += 16) {
            const __mmask16 mask = dim - d >= 16 ? 0xffff : (1 << (dim - d)) - 1;
            sum = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, a + d), _mm512_maskz_loadu_ps(mask, b + d), sum);
        }
        return _mm512_reduce_add_ps(sum);
    }
};

void build(const Rows& rows, const std::string& path, const std::string&) { saveRows(rows, path); }

std::unique_ptr<Index> open(const std::string& path, int dim) {
    Rows rows = savedRows(path, dim);
    return std::make_unique<Scan>(std::move(rows.data), std::move(rows.biases), dim);
}
