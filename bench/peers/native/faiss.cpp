// faiss's fast-scan codes with refinement by f32 rows. KIND is a description for faiss's index factory that ends in
// RFlat; the effort is nprobe, if there is an IVF, and rows are scored again as multiples of k.
#include <faiss/IndexIVF.h>
#include <faiss/IndexRefine.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>

#include "contender.hpp"

void build(const Rows& rows, const std::string& path, const std::string& kind) {
    std::unique_ptr<faiss::Index> index(faiss::index_factory(rows.dim, kind.c_str(), faiss::METRIC_INNER_PRODUCT));
    index->train(rows.count, rows.data.data());
    index->add(rows.count, rows.data.data());
    faiss::write_index(index.get(), path.c_str());
}

struct Refined : Index {
    std::unique_ptr<faiss::Index> index;
    bool isIvf;
    std::vector<float> scores;
    std::vector<faiss::idx_t> labels;

    explicit Refined(const std::string& path) : index(faiss::read_index(path.c_str())) {
        const auto* refined = dynamic_cast<const faiss::IndexRefine*>(index.get());
        if (!refined) exit(1);
        isIvf = dynamic_cast<const faiss::IndexIVF*>(refined->base_index) != nullptr;
    }

    int search(const float* query, int k, int effort, int rescored, int32_t* ids) override {
        faiss::IVFSearchParameters probes;
        probes.nprobe = effort;
        faiss::IndexRefineSearchParameters parameters;
        parameters.k_factor = rescored;
        if (isIvf) parameters.base_index_params = &probes;
        scores.resize(k);
        labels.resize(k);
        index->search(1, query, k, scores.data(), labels.data(), &parameters);
        const int count = std::find(labels.begin(), labels.end(), -1) - labels.begin();
        std::copy_n(labels.begin(), count, ids);
        return count;
    }
};

std::unique_ptr<Index> open(const std::string& path, int) { return std::make_unique<Refined>(path); }
