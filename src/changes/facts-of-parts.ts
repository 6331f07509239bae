import { xxh64 } from "../arithmetic/xxh64.ts";
import type { FileFacts } from "./changeable.ts";
import type { ChangeTarget } from "./copied-change-set.ts";

/**
 * Returns the facts that files of changes for several parts are written by, from those of each part in the order of their ids.
 * RangeError for parts that differ in a fact that changes are stored by.
 */
export function factsOfParts(parts: readonly FileFacts[]): FileFacts {
  const [{ target }] = parts as readonly [FileFacts];
  const first = formOf(target);
  for (const [i, part] of parts.entries()) {
    for (const [fact, form] of Object.entries(formOf(part.target))) {
      const expected = first[fact] as string;
      if (form !== expected)
        throw new RangeError(`"parts[${i}]" expected ${fact} ${expected} as in "parts[0]", got ${form}`);
    }
  }
  return {
    // Parts that a compaction left unchanged have no number, or the number of an older compaction.
    first: parts.reduce((most, part) => Math.max(most, part.first), 0),
    contentId: contentIdOfParts(parts),
    target: { ...target, space: parts.find((part) => part.target.space !== undefined)?.target.space },
  };
}

/** Returns the properties that all parts must have in common for the same changes. */
function formOf({ columns, space: _, ...rows }: ChangeTarget): Readonly<Record<string, string>> {
  return { rows: JSON.stringify(rows), columns: JSON.stringify(columns) };
}

/** Returns a name for all files together, in the form of a content id. */
export function contentIdOfParts(parts: readonly Pick<FileFacts, "contentId">[]): string {
  const text = new TextEncoder().encode(parts.map(({ contentId }) => contentId).join());
  return [0n, 1n, 2n, 3n].map((seed) => xxh64(text, seed).toString(16).padStart(16, "0")).join("");
}
