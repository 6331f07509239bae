import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Plugin } from "esbuild";

/**
 * The number that is added to a byte, modulo 256, to get its code. With this one the bundle is within 20 bytes of the
 * smallest, because frequent bytes then have codes of their own characters.
 */
const SHIFT = 43;
/** The codes from here to PAIRED are those of characters. Codes below are of control characters. */
const FIRST_PRINTABLE = 32;
/** From this code on, and below FIRST_PRINTABLE, a code is a pair: one of the three characters from here, and one of PLACES. */
const PAIRED = 124;
/** The characters from "$" to "[", among which none has to be escaped. */
const PLACES = 56;
const FIRST_PLACE = 36;

/**
 * Inlines `x.wasm?bytes` as a string of ASCII, so that a page may read a bundle in any encoding: a script that is no module is read
 * in that of its page, which without a declaration is not UTF-8. The library, gzipped, is .6 KB smaller than with one character
 * per byte, 1.8 KB smaller than with the bytes themselves as codes, which esbuild and terser escape, and 9 KB smaller than with
 * base64, which hides repetitions.
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
        return { contents: `export default Uint8Array.from(${characters}.match(/[|}~]?./g), ${BYTE_OF});` };
      });
    },
  };
}

/** The source of a function that returns the byte of a character or a pair, or one that differs by a multiple of 256. */
const BYTE_OF = `(c) => c[1]
  ? ${PLACES} * c.charCodeAt(0) + c.charCodeAt(1) - ${PLACES * PAIRED + FIRST_PLACE - PAIRED + SHIFT}
  : c.charCodeAt(0) - ${SHIFT}`;

function charactersOf(module: Uint8Array): string {
  return Array.from(module, (byte) => {
    const code = (byte + SHIFT) % 256;
    if (code >= FIRST_PRINTABLE && code < PAIRED) return String.fromCharCode(code);
    const pair = (code + 256 - PAIRED) % 256;
    return String.fromCharCode(PAIRED + Math.floor(pair / PLACES), FIRST_PLACE + (pair % PLACES));
  }).join("");
}
