/** In Workers a `.wasm` import is a compiled module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
/** Everywhere else the bundle carries the bytes. */
declare module "*.wasm?bytes" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
