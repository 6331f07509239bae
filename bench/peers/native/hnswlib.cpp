// hnswlib (Debian's libhnswlib-dev, headers only). With -march=native it has its loops for AVX-512.
#include <hnswlib/hnswlib.h>

#include "contender.hpp"

// The constants of HNSW in peer.ts.
constexpr int M = 16, EF_CONSTRUCTION = 200, SEED = 1;

void build(const Rows& rows, const std::string& path, const std::string&) {
    hnswlib::InnerProductSpace space(rows.dim);
    hnswlib::HierarchicalNSW<float> graph(&space, rows.count, M, EF_CONSTRUCTION, SEED);
    for (int64_t id = 0; id < rows.count; id++) graph.addPoint(&rows.data[id * rows.dim], id);
    graph.saveIndex(path);
}

struct Graph : Index {
    hnswlib::InnerProductSpace space;
    hnswlib::HierarchicalNSW<float> graph;

    Graph(const std::string& path, int dim) : space(dim), graph(&space, path) {}

    int search(const float* query, int k, int effort, int, int32_t* ids) override {
        graph.setEf(effort);
        auto found = graph.searchKnn(query, k);
        const int count = found.size();
        for (int at = count - 1; at >= 0; at--, found.pop()) ids[at] = found.top().second;
        return count;
    }
};

std::unique_ptr<Index> open(const std::string& path, int dim) { return std::make_unique<Graph>(path, dim); }
