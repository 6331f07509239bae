import { fault } from "./fields.ts";

/** The classes of a manifest and of its parts. */
interface Ranges {
  readonly classes: number;
  readonly facts: { readonly hasLabels: boolean };
  readonly parts: readonly {
    readonly number: number;
    readonly sha256: string;
    readonly classes: number;
    readonly idBase: number;
  }[];
}

/** Throws if the parts do not cover the ids once each, in order, or if two have one number or the same labels. */
export function checkRanges({ classes, facts, parts }: Ranges): void {
  const numbers = new Map<number, number>();
  const files = new Map<string, number>();
  let next = 0;
  for (const [i, { number, idBase, classes: count, sha256: file }] of parts.entries()) {
    const other = numbers.get(number);
    if (other !== undefined) throw fault(`"parts[${i}].number" expected one of its own, got that of parts[${other}]`);
    numbers.set(number, i);
    const same = files.get(file);
    // Without labels, parts of the same rows are the same file, too, and so are parts without classes.
    if (facts.hasLabels && count > 0 && same !== undefined) {
      throw fault(`"parts[${i}].sha256" expected a file with labels of its own, got that of parts[${same}]`);
    }
    files.set(file, i);
    if (idBase !== next) {
      const problem = idBase < next ? "overlaps the part before it" : "leaves a gap";
      throw fault(`"parts[${i}].idBase" expected ${next}, the end of the part before it, got ${idBase}: it ${problem}`);
    }
    next += count;
  }
  if (classes !== next) throw fault(`"classes" expected ${next}, the sum of its parts, got ${classes}`);
}
