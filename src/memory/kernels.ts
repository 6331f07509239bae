/** The compiled modules. The second and third use the memory of the first and call it. */
export interface Modules {
  /** Kernels that every query runs. */
  readonly query: WebAssembly.Module;
  /** Kernels that read an index as a whole: validation, weights, bounds, exact answers. */
  readonly exact: WebAssembly.Module;
  /** Kernels for fine codes. Those with relaxed SIMD give the same answers as those without. */
  readonly scan: WebAssembly.Module;
  /** Kernels that read rows for several queries at once. Without them, batches are answered query by query. */
  readonly batch?: WebAssembly.Module | undefined;
}

type Exports<T extends { instantiate: (...args: never[]) => unknown }> = Awaited<ReturnType<T["instantiate"]>>;

/** The exports of the query module, as asc declares them. */
export type QueryKernels = Exports<typeof import("../../build/query.js")>;
type ExactKernels = Exports<typeof import("../../build/exact.js")>;
type ScanKernels = Exports<typeof import("../../build/scan.js")>;

/** The exports of all modules in one object. */
export type Kernels = Omit<QueryKernels, "heapBase"> & Omit<ExactKernels, "heapBase"> & ScanKernels;

/**
 * The kernels that read the weights of buckets, or the number of their classes that are not filtered out. Other kernels go on
 * from their results.
 */
export type WeightReader =
  | ("propose" | "proposeTail" | "predict" | "sample" | "envelope" | "tailBound")
  | ("candidates" | "candidateShare");

/** Instantiates the query module alone. It imports nothing but a memory that threads share, where they do. */
export function instantiateQuery(module: WebAssembly.Module, memory?: WebAssembly.Memory): QueryKernels {
  const imports = memory ? { env: { memory } } : {};
  return new WebAssembly.Instance(module, imports).exports as unknown as QueryKernels;
}

/**
 * Instantiates all modules. The constants of each lie behind those of the one before, so the last one says where the
 * heap starts. `memory` is for modules that import a memory which threads share (src/threads).
 */
export function instantiate({ query, exact, scan }: Modules, memory?: WebAssembly.Memory): Kernels {
  const first = instantiateQuery(query, memory);
  const imports = { env: { memory: first.memory }, query: { ...first } };
  const exportsOf = <T>(module: WebAssembly.Module): T =>
    new WebAssembly.Instance(module, imports).exports as unknown as T;
  return { ...first, ...exportsOf<ExactKernels>(exact), ...exportsOf<ScanKernels>(scan) };
}
