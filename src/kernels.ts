/** The compiled modules. The second works in the memory of the first and calls it. */
export interface Modules {
  /** What every query runs. */
  readonly query: WebAssembly.Module;
  /** What looks at an index as a whole: validation, weights, bounds, exact answers. */
  readonly whole: WebAssembly.Module;
}

type Exports<T extends { instantiate: (...args: never[]) => unknown }> = Awaited<ReturnType<T["instantiate"]>>;

/** The exports of the query module, as asc declares them. */
export type QueryKernels = Exports<typeof import("../build/query.js")>;
type WholeKernels = Exports<typeof import("../build/whole.js")>;

/** Both modules' exports, as one. */
export type Kernels = Omit<QueryKernels, "heapBase"> & WholeKernels;

/** One instance of the query module by itself; it imports nothing. */
export function instantiateQuery(module: WebAssembly.Module): QueryKernels {
  return new WebAssembly.Instance(module, {}).exports as unknown as QueryKernels;
}

/** One instance of both. Constants of the second lie behind those of the first, so the heap starts where it says. */
export function instantiate({ query, whole }: Modules): Kernels {
  const first = instantiateQuery(query);
  const imports = { env: { memory: first.memory }, query: { ...first } };
  return { ...first, ...(new WebAssembly.Instance(whole, imports).exports as unknown as WholeKernels) };
}
