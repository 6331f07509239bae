// The code that all native contenders share. A program is called in two ways:
//   PROGRAM build ROWS COUNT DIM INDEX [KIND]   builds an index of f32 rows (COUNT, DIM), followed in the file ROWS by
//                                               COUNT biases, and saves it
//   PROGRAM open INDEX DIM                      loads it, and answers orders from standard input
// The first prints the CPU seconds that this took. The second first writes two f64: its CPU seconds, and the growth of the
// process in bytes. The thread's clock, the batches and the warming up are those of contender-process.ts.
#pragma once
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

struct Rows {
    std::vector<float> data, biases;
    int64_t count;
    int dim;
};

struct Index {
    virtual ~Index() = default;
    /** Writes the ids of at most k rows, best first, and returns how many there are. */
    virtual int search(const float* query, int k, int effort, int rescored, int32_t* ids) = 0;
};

// Each program defines these two.
void build(const Rows& rows, const std::string& path, const std::string& kind);
std::unique_ptr<Index> open(const std::string& path, int dim);

/** The CPU time of this thread in µs. Linux updates it when a thread goes to sleep, so the thread sleeps first. */
inline double threadMicroseconds() {
    const timespec moment{0, 10'000};
    nanosleep(&moment, nullptr);
    rusage used;
    getrusage(RUSAGE_THREAD, &used);
    const auto micros = [](const timeval& time) { return 1e6 * time.tv_sec + time.tv_usec; };
    return micros(used.ru_utime) + micros(used.ru_stime);
}

template <typename T>
std::vector<T> readAll(FILE* file, size_t count) {
    std::vector<T> values(count);
    if (fread(values.data(), sizeof(T), count, file) != count) exit(1);
    return values;
}

inline FILE* openFile(const std::string& path, const char* mode) {
    FILE* file = fopen(path.c_str(), mode);
    if (!file) {
        perror(path.c_str());
        exit(1);
    }
    return file;
}

/** Saves the rows as they are, for a contender that makes its index when it is opened. */
inline void saveRows(const Rows& rows, const std::string& path) {
    FILE* file = openFile(path, "wb");
    fwrite(rows.data.data(), 4, rows.data.size(), file);
    fwrite(rows.biases.data(), 4, rows.count, file);
    fclose(file);
}

inline Rows savedRows(const std::string& path, int dim) {
    FILE* file = openFile(path, "rb");
    fseek(file, 0, SEEK_END);
    const int64_t count = ftell(file) / (4 * (dim + 1));
    rewind(file);
    Rows rows{readAll<float>(file, count * dim), {}, count, dim};
    rows.biases = readAll<float>(file, count);
    fclose(file);
    return rows;
}

inline int64_t residentBytes() {
    FILE* file = openFile("/proc/self/statm", "r");
    long pages = 0, resident = 0;
    if (fscanf(file, "%ld %ld", &pages, &resident) != 2) exit(1);
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

/** An order is followed by its queries, f32 (queries, dim). */
struct Order {
    int32_t k, effort, rescored, queries, warmUp, batch;
};

/** The answer: the ids of all queries, i32 (queries, k), with −1 for none, and f64 µs of one query, one for a batch. */
inline void answer(Index& index, const Order& order, int dim) {
    const auto queries = readAll<float>(stdin, size_t(order.queries) * dim);
    std::vector<int32_t> ids(size_t(order.queries) * order.k, -1);
    std::vector<double> micros;
    const auto search = [&](int q) {
        index.search(&queries[size_t(q) * dim], order.k, order.effort, order.rescored, &ids[size_t(q) * order.k]);
    };
    for (int q = 0; q < order.warmUp; q++) search(q);
    for (int first = 0; first < order.queries; first += order.batch) {
        const double start = threadMicroseconds();
        for (int q = first; q < first + order.batch; q++) search(q);
        micros.push_back((threadMicroseconds() - start) / order.batch);
    }
    fwrite(ids.data(), 4, ids.size(), stdout);
    fwrite(micros.data(), 8, micros.size(), stdout);
    fflush(stdout);
}

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "build" && argc >= 6) {
        Rows rows{{}, {}, atoll(argv[3]), atoi(argv[4])};
        FILE* file = openFile(argv[2], "rb");
        rows.data = readAll<float>(file, size_t(rows.count) * rows.dim);
        rows.biases = readAll<float>(file, rows.count);
        fclose(file);
        const double start = threadMicroseconds();
        build(rows, argv[5], argc > 6 ? argv[6] : "");
        printf("%.6f\n", (threadMicroseconds() - start) / 1e6);
        return 0;
    }
    if (mode == "open" && argc == 4) {
        const int dim = atoi(argv[3]);
        const int64_t before = residentBytes();
        const double start = threadMicroseconds();
        const auto index = open(argv[2], dim);
        const double seconds = (threadMicroseconds() - start) / 1e6;
        // Memory that a first search allocates belongs to the index too.
        std::vector<float> ones(dim, 1);
        std::vector<int32_t> ids(10);
        index->search(ones.data(), 10, 16, 1, ids.data());
        const double opened[] = {seconds, double(residentBytes() - before)};
        fwrite(opened, sizeof opened, 1, stdout);
        fflush(stdout);
        Order order;
        while (fread(&order, sizeof order, 1, stdin) == 1) answer(*index, order, dim);
        return 0;
    }
    fprintf(stderr, "expected build ROWS COUNT DIM INDEX [KIND], or open INDEX DIM\n");
    return 2;
}
