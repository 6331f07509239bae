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
