import { basename } from "node:path";
import { IDENTITY_SECTION, identityOf } from "../../src/memory/kernel-identity.ts";

/** The module with a custom section that says which kernel of which version it is; load asks for it. */
export function withIdentity(module: Uint8Array, outFile: string): Uint8Array {
  const encoder = new TextEncoder();
  const name = encoder.encode(IDENTITY_SECTION);
  const identity = encoder.encode(identityOf(basename(outFile).replace(/(\.debug)?\.wasm$/, "")));
  const size = 1 + name.length + identity.length;
  if (size > 127) throw new RangeError(`"outFile" expected a shorter name, got ${outFile}`); // sizes are LEB128, of one byte here
  return Uint8Array.of(...module, 0, size, name.length, ...name, ...identity);
}
