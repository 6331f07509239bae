// Rows in int8 for AVX-512 VNNI, whose scores are computed 16 at a time.
#pragma once
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#ifndef __AVX512VNNI__
#error "this processor has no AVX-512 VNNI"
#endif

/** Rows stand in blocks of 16: the first four values of each, then the next four, and so on. */
constexpr int BLOCK = 16;

struct Int8Rows {
    int dim, fours;
    int64_t count, blocks;
    std::vector<float> biases, scales;
    /** 128 times the sum of a row's int8 values: the amount that the shift of the query adds to a dot product. */
    std::vector<int32_t> shifts;
    int8_t* codes;

    Int8Rows(const float* rows, std::vector<float> given, int dim)
        : dim(dim), fours((dim + 3) / 4), count(given.size()), blocks((count + BLOCK - 1) / BLOCK), biases(std::move(given)) {
        // No row that pads the last block has a score.
        biases.resize(blocks * BLOCK, -INFINITY);
        scales.resize(blocks * BLOCK);
        shifts.resize(blocks * BLOCK);
        const size_t bytes = size_t(blocks) * BLOCK * fours * 4;
        codes = static_cast<int8_t*>(aligned_alloc(64, bytes));
        memset(codes, 0, bytes);
        for (int64_t row = 0; row < count; row++) store(row, rows + row * dim);
    }

    Int8Rows(const Int8Rows&) = delete;
    ~Int8Rows() { free(codes); }

    /** Each row has its own scale, so that its largest value is 127. */
    void store(int64_t row, const float* values) {
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
};

/** A query in 8 bits. One operand of the instruction is unsigned: the query, shifted by 128. */
struct Int8Query {
    float step;
    std::vector<int32_t> quads;

    Int8Query(const float* query, int dim) : quads((dim + 3) / 4) {
        float most = 0;
        for (int d = 0; d < dim; d++) most = std::max(most, std::abs(query[d]));
        step = (most > 0 ? most : 1) / 127;
        std::vector<uint8_t> shifted(quads.size() * 4, 128);
        for (int d = 0; d < dim; d++) shifted[d] = 128 + std::lround(query[d] / step);
        memcpy(quads.data(), shifted.data(), shifted.size());
    }
};

/** The scores of the rows of a block, biases included. */
inline __m512 scoresOf(const Int8Rows& rows, const Int8Query& query, int64_t block) {
    const int8_t* code = rows.codes + block * rows.fours * BLOCK * 4;
    __m512i sums[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    for (int four = 0; four < rows.fours; four++) {
        const __m512i values = _mm512_load_si512(code + four * BLOCK * 4);
        sums[four & 1] = _mm512_dpbusd_epi32(sums[four & 1], _mm512_set1_epi32(query.quads[four]), values);
    }
    const int64_t first = block * BLOCK;
    const __m512i dots = _mm512_sub_epi32(_mm512_add_epi32(sums[0], sums[1]), _mm512_loadu_si512(&rows.shifts[first]));
    const __m512 steps = _mm512_mul_ps(_mm512_loadu_ps(&rows.scales[first]), _mm512_set1_ps(query.step));
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots), steps, _mm512_loadu_ps(&rows.biases[first]));
}

struct Candidate {
    float score;
    int32_t id;
};

inline bool isBetter(const Candidate& a, const Candidate& b) { return a.score > b.score; }

/** The best `keep` rows so far, as a heap with the worst in front. */
struct Best {
    size_t keep;
    std::vector<Candidate> heap;
    __m512 worst = _mm512_set1_ps(-INFINITY);

    explicit Best(size_t keep) : keep(keep) { heap.reserve(keep + 1); }

    /** Takes the rows of a block from `first` on that are good enough. */
    void offer(__m512 scores, int64_t first) {
        __mmask16 above = _mm512_cmp_ps_mask(scores, worst, _CMP_GT_OQ);
        if (!above) return;
        alignas(64) float each[BLOCK];
        _mm512_store_ps(each, scores);
        for (; above; above &= above - 1) {
            const int lane = __builtin_ctz(above);
            if (heap.size() == keep && each[lane] <= heap.front().score) continue;
            heap.push_back({each[lane], int32_t(first + lane)});
            std::push_heap(heap.begin(), heap.end(), isBetter);
            if (heap.size() <= keep) continue;
            std::pop_heap(heap.begin(), heap.end(), isBetter);
            heap.pop_back();
        }
        if (heap.size() == keep) worst = _mm512_set1_ps(heap.front().score);
    }

    /** Writes the ids of at most k, best first, and returns how many there are. */
    int write(int k, int32_t* ids) {
        const int found = std::min<int>(k, heap.size());
        std::partial_sort(heap.begin(), heap.begin() + found, heap.end(), isBetter);
        for (int at = 0; at < found; at++) ids[at] = heap[at].id;
        return found;
    }
};
