/** WebAssembly with 32-bit addresses has no more memory, whatever the runtime and its limits. */
export const ADDRESSABLE_BYTES = 2 ** 32;
