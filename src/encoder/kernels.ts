type Exports<T extends { instantiate: (...args: never[]) => unknown }> = Awaited<ReturnType<T["instantiate"]>>;

/** The exports of the encoder module, as asc declares them. */
export type EncoderKernels = Exports<typeof import("../../build/encoder.js")>;

/** Instantiates the encoder module, which imports nothing. */
export const instantiateEncoder = (module: WebAssembly.Module): EncoderKernels =>
  new WebAssembly.Instance(module, {}).exports as unknown as EncoderKernels;
