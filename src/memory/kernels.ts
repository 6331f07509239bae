/** The compiled modules. The others work in the memory of the first and call it. */
export interface Modules {
  /** What every query runs. */
  readonly query: WebAssembly.Module;
  /** What looks at an index as a whole: validation, weights, bounds, exact answers. */
  readonly exact: WebAssembly.Module;
  /** Top-k by fine codes: with relaxed SIMD where the runtime has it, the same answers without. */
  readonly scan: WebAssembly.Module;
}

type Exports<T extends { instantiate: (...args: never[]) => unknown }> = Awaited<ReturnType<T["instantiate"]>>;

/** The exports of the query module, as asc declares them. */
export type QueryKernels = Exports<typeof import("../../build/query.js")>;
type ExactKernels = Exports<typeof import("../../build/exact.js")>;
type ScanKernels = Exports<typeof import("../../build/scan.js")>;

/** All modules' exports, as one. */
export type Kernels = Omit<QueryKernels, "heapBase"> & Omit<ExactKernels, "heapBase"> & ScanKernels;

/** One instance of the query module by itself; it imports nothing. */
export function instantiateQuery(module: WebAssembly.Module): QueryKernels {
  return new WebAssembly.Instance(module, {}).exports as unknown as QueryKernels;
}

/** One instance of each. The constants of one lie behind those of the one before, so the heap starts where the last says. */
export function instantiate({ query, exact, scan }: Modules): Kernels {
  const first = instantiateQuery(query);
  const imports = { env: { memory: first.memory }, query: { ...first } };
  const exportsOf = <T>(module: WebAssembly.Module): T =>
    new WebAssembly.Instance(module, imports).exports as unknown as T;
  return { ...first, ...exportsOf<ExactKernels>(exact), ...exportsOf<ScanKernels>(scan) };
}
