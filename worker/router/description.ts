import type { IndexInfo } from "../../src/public.ts";
import { PartFailure } from "../parts/part-failure.ts";
import type { PartDescription } from "../parts/partial-route.ts";
import type { RoutedParts } from "./part-hosts.ts";

/** The numbers that a router adds up or compares. */
const COUNTS = ["itemCount", "dim", "codewordCount", "bucketCount", "largestBucket", "outlierCount"] as const;
const FLAGS = ["hasBias", "hasFineCodes", "hasLabels"] as const;

/** Reads the description that a host gives of its parts, which may be anything. */
export function descriptionIn(text: string, { generation, numbers }: RoutedParts): PartDescription {
  const description = JSON.parse(text) as PartDescription;
  const info = description?.info;
  if (description?.generation !== generation) throw new PartFailure("it describes another generation");
  if (String(description.numbers) !== numbers.join()) throw new PartFailure(`it describes part ${description.numbers}`);
  checkFacts(info);
  if (info.largest !== undefined) checkFacts(info.largest);
  return description;
}

/** Refuses facts that a router could not compute with. */
function checkFacts(info: IndexInfo): void {
  for (const name of COUNTS) {
    const count: unknown = info?.[name];
    if (!Number.isSafeInteger(count) || (count as number) < 0) throw new PartFailure(`its "${name}" is no count`);
  }
  for (const name of FLAGS) {
    if (typeof info[name] !== "boolean") throw new PartFailure(`its "${name}" is neither true nor false`);
  }
  const { recallCurves, columns = [] } = info;
  if (!isListOf(recallCurves, ({ points }) => Array.isArray(points))) {
    throw new PartFailure('its "recallCurves" are no list of curves');
  }
  if (!isListOf(columns, ({ name }) => typeof name === "string")) throw new PartFailure('its "columns" are no list');
}

/** Tells whether something is a list of objects that pass. */
const isListOf = <T>(value: readonly T[], passes: (entry: T) => boolean): boolean =>
  Array.isArray(value) && value.every((entry) => passes(Object(entry)));
