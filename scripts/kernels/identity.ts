import { basename } from "node:path";
import { IDENTITY_SECTION, identityOf } from "../../src/memory/kernel-identity.ts";

/** Appends a custom section with the kernel's name and version to a module. `load` checks it. */
export function withIdentity(module: Uint8Array, outFile: string): Uint8Array {
  const encoder = new TextEncoder();
  const name = encoder.encode(IDENTITY_SECTION);
  const identity = encoder.encode(identityOf(basename(outFile).replace(/(\.debug)?\.wasm$/, "")));
  const size = 1 + name.length + identity.length;
  if (size > 127) throw new RangeError(`"outFile" expected a shorter name, got ${outFile}`); // a size is one byte of LEB128
  return Uint8Array.of(...module, 0, size, name.length, ...name, ...identity);
}
