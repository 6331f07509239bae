import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Plugin } from "esbuild";

/**
 * The number that is added to a byte, modulo 256, to get the code of its character. Of all numbers this one gives the smallest
 * bundle, because frequent bytes then take one byte of UTF-8.
 */
const SHIFT = 43;
/** The codes below it are control characters, which minifiers escape with up to four characters. */
const FIRST_PRINTABLE = 32;

/**
 * Inlines `x.wasm?bytes` as a string with one character per byte. The library, gzipped, is 1.2 KB smaller than with the bytes
 * themselves as codes, because esbuild and terser escape control characters. Base64, which hides repetitions, takes 9 KB more
 * than the bytes as codes.
 */
export const inlinedWasm: Plugin = inlined((module) => module);

/** Inlines modules as `change` returns them. */
export function inlined(change: (module: Uint8Array) => Uint8Array): Plugin {
  return {
    name: "inlined-wasm",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?bytes$/ }, ({ importer, path }) => ({
        path: resolve(dirname(importer), path.slice(0, -"?bytes".length)),
        namespace: "wasm-bytes",
      }));
      onLoad({ filter: /.*/, namespace: "wasm-bytes" }, async ({ path }) => {
        const characters = JSON.stringify(charactersOf(change(await readFile(path))));
        return { contents: `export default Uint8Array.from(${characters}, (c) => c.charCodeAt(0) - ${SHIFT});` };
      });
    },
  };
}

/**
 * Returns the module as characters. Codes of control characters are raised by 256, which a byte of a Uint8Array does not keep.
 */
function charactersOf(module: Uint8Array): string {
  const codes = Uint16Array.from(module, (byte) => (byte + SHIFT) % 256);
  return Array.from(codes, (code) => String.fromCharCode(code < FIRST_PRINTABLE ? code + 256 : code)).join("");
}
