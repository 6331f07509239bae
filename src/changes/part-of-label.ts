import { xxh64 } from "../arithmetic/xxh64.ts";
import { shown } from "../checks/check.ts";
import type { ChangedLabel } from "./stored-changes.ts";

/**
 * Returns the place, among all parts, of the part that has a label, or of the part that the hash of a new label selects.
 * RangeError if two parts have the label.
 */
export function partOfLabel(
  { label, bytes }: Pick<ChangedLabel, "label" | "bytes">,
  partCount: number,
  has: (part: number, label: string) => boolean,
): number {
  let own = -1;
  for (let part = 0; part < partCount; part++) {
    if (!has(part, label)) continue;
    if (own >= 0) {
      throw new RangeError(
        `changes expected labels of one class each, got ${shown(label)}, which "parts[${own}]" and "parts[${part}]" have`,
      );
    }
    own = part;
  }
  return own < 0 ? Number(xxh64(bytes, 0n) % BigInt(partCount)) : own;
}
