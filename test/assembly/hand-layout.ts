import { LAYOUT_BYTES } from "../../build/structs.ts";
import type { Arena } from "../fixtures/arena.ts";

/** A Layout with these fields (structs.LAYOUT_… and value) and all others 0, for kernels that read few of them. */
export function putLayout(arena: Arena, fields: ReadonlyMap<number, number>): number {
  const words = new Uint32Array(LAYOUT_BYTES / 4);
  for (const [field, value] of fields) words[field / 4] = value;
  return arena.put(words);
}
