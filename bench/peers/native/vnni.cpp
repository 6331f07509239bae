// A plain scan with AVX-512 VNNI, our own: all rows in int8, and the best scored again by their f32 rows.
#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "contender.hpp"

#ifndef __AVX512VNNI__
#error "this processor has no AVX-512 VNNI"
#endif

/** Rows stand in blocks of 16: the first four values of each, then the next four, and so on. */
constexpr int BLOCK = 16;

struct Candidate {
    float score;
    int32_t id;
};
const auto better = [](const Candidate& a, const Candidate& b) { return a.score > b.score; };

void build(const Rows& rows, const std::string& path, const std::string&) {
    FILE* file = openFile(path, "wb");
    fwrite(rows.data.data(), 4, rows.data.size(), file);
    fwrite(rows.biases.data(), 4, rows.count, file);
    fclose(file);
}

struct Scan : Index {
    int dim, fours;
    int64_t count, blocks;
    std::vector<float> rows, biases, scales;
    /** 128 times the sum of a row's int8 values: the amount that the shift of the query adds to a dot product. */
    std::vector<int32_t> shifts;
    int8_t* codes;

    Scan(const std::string& path, int dim) : dim(dim), fours((dim + 3) / 4) {
        FILE* file = openFile(path, "rb");
        fseek(file, 0, SEEK_END);
        count = ftell(file) / (4 * (dim + 1));
        rewind(file);
        rows = readAll<float>(file, count * dim);
        biases = readAll<float>(file, count);
        fclose(file);
        blocks = (count + BLOCK - 1) / BLOCK;
        // No row that pads the last block is ever among the best.
        biases.resize(blocks * BLOCK, -INFINITY);
        scales.resize(blocks * BLOCK);
        shifts.resize(blocks * BLOCK);
        const size_t bytes = size_t(blocks) * BLOCK * fours * 4;
        codes = static_cast<int8_t*>(aligned_alloc(64, bytes));
        memset(codes, 0, bytes);
        for (int64_t row = 0; row < count; row++) store(row);
    }

    ~Scan() override { free(codes); }

    /** Each row has its own scale, so that its largest value is 127. */
    void store(int64_t row) {
        const float* values = &rows[row * dim];
        float most = 0;
        for (int d = 0; d < dim; d++) most = std::max(most, std::abs(values[d]));
        int32_t sum = 0;
        for (int d = 0; d < dim; d++) {
            const int8_t code = most > 0 ? std::lround(values[d] / most * 127) : 0;
            codes[((row / BLOCK * fours + d / 4) * BLOCK + row % BLOCK) * 4 + d % 4] = code;
            sum += code;
        }
        scales[row] = most / 127;
        shifts[row] = 128 * sum;
    }

    int search(const float* query, int k, int, int rescored, int32_t* ids) override {
        std::vector<Candidate> best = scan(query, std::min<int64_t>(int64_t(k) * rescored, count));
        for (auto& [score, id] : best) score = dot(query, &rows[int64_t(id) * dim]) + biases[id];
        const int found = std::min<int>(k, best.size());
        std::partial_sort(best.begin(), best.begin() + found, best.end(), better);
        for (int at = 0; at < found; at++) ids[at] = best[at].id;
        return found;
    }

    /** The `keep` best rows by int8 values, as a heap. */
    std::vector<Candidate> scan(const float* query, size_t keep) const {
        float most = 0;
        for (int d = 0; d < dim; d++) most = std::max(most, std::abs(query[d]));
        const float step = (most > 0 ? most : 1) / 127;
        // One operand of the instruction is unsigned: the query, shifted by 128.
        std::vector<uint8_t> shifted(fours * 4, 128);
        for (int d = 0; d < dim; d++) shifted[d] = 128 + std::lround(query[d] / step);
        std::vector<int32_t> quads(fours);
        memcpy(quads.data(), shifted.data(), shifted.size());

        std::vector<Candidate> heap;
        heap.reserve(keep + 1);
        __m512 worst = _mm512_set1_ps(-INFINITY);
        for (int64_t block = 0; block < blocks; block++) {
            const int8_t* code = codes + block * fours * BLOCK * 4;
            __m512i sums[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
            for (int four = 0; four < fours; four++) {
                const __m512i values = _mm512_load_si512(code + four * BLOCK * 4);
                sums[four & 1] = _mm512_dpbusd_epi32(sums[four & 1], _mm512_set1_epi32(quads[four]), values);
            }
            const int64_t first = block * BLOCK;
            const __m512i dots = _mm512_sub_epi32(_mm512_add_epi32(sums[0], sums[1]), _mm512_loadu_si512(&shifts[first]));
            const __m512 steps = _mm512_mul_ps(_mm512_loadu_ps(&scales[first]), _mm512_set1_ps(step));
            const __m512 scores = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots), steps, _mm512_loadu_ps(&biases[first]));
            __mmask16 above = _mm512_cmp_ps_mask(scores, worst, _CMP_GT_OQ);
            if (!above) continue;
            alignas(64) float each[BLOCK];
            _mm512_store_ps(each, scores);
            for (; above; above &= above - 1) {
                const int lane = __builtin_ctz(above);
                if (heap.size() == keep && each[lane] <= heap.front().score) continue;
                heap.push_back({each[lane], int32_t(first + lane)});
                std::push_heap(heap.begin(), heap.end(), better);
                if (heap.size() <= keep) continue;
                std::pop_heap(heap.begin(), heap.end(), better);
                heap.pop_back();
            }
            if (heap.size() == keep) worst = _mm512_set1_ps(heap.front().score);
        }
        return heap;
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

std::unique_ptr<Index> open(const std::string& path, int dim) { return std::make_unique<Scan>(path, dim); }
