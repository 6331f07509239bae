import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import type { PartialLaw } from "./partial-answer.ts";

/** The proposal, the uniform law and that of popularity. */
const MOST_LAWS = 3;

/** Writes the laws of a mixture; none without one. */
export function writeLaws(writer: MessageWriter, laws: readonly PartialLaw[] = []): void {
  writer.byte(laws.length);
  for (const { logMass, logs } of laws) {
    writer.double(logMass);
    writer.numbers(logs);
  }
}

/** Reads the laws of a mixture, over this many classes. */
export function readLaws(reader: MessageReader, count: number): { readonly laws?: readonly PartialLaw[] } {
  const length = reader.byte("laws", MOST_LAWS);
  if (length === 0) return {};
  const laws = Array.from({ length }, () => ({
    logMass: reader.double("laws.logMass", Number.NEGATIVE_INFINITY, Number.MAX_VALUE),
    logs: reader.checked("laws.logs", Float64Array<ArrayBuffer>, {
      count,
      expected: "numbers",
      isGood: (log) => log < Number.POSITIVE_INFINITY,
    }),
  }));
  return { laws };
}
