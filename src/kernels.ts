/** The exports of the query module, as asc declares them. */
export type Kernels = Awaited<ReturnType<typeof import("../build/query.js").instantiate>>;

/** One instance of the query module; it imports nothing. */
export function instantiate(module: WebAssembly.Module): Kernels {
  return new WebAssembly.Instance(module, {}).exports as unknown as Kernels;
}
