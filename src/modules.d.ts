/** In Workers, importing a `.wasm` file gives a compiled module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
/** Elsewhere the bundle holds the bytes. */
declare module "*.wasm?bytes" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
/** A program for a thread, bundled, as text. */
declare module "*?program" {
  const program: string;
  export default program;
}
