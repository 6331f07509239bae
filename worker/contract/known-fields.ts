import type { BaseIssue } from "valibot";
import { optionRemedy } from "../../src/internal.ts";
import { NO_FIELD } from "./messages.ts";

/** The parts of a schema that hold other schemas. */
interface Holder {
  readonly entries?: Readonly<Record<string, Holder>>;
  readonly wrapped?: Holder;
  readonly item?: Holder;
  readonly pipe?: readonly Holder[];
}

/** Returns the remedy for a field that a request does not have: the one with nearly its name, or those that there are. */
export function fieldRemedy(schema: unknown, { message, path = [] as never }: BaseIssue<unknown>): string {
  const names = path.map(({ key }) => String(key));
  if (message !== NO_FIELD || names.length === 0) return "";
  const holder = names.slice(0, -1).reduce(childOf, schema as Holder | undefined);
  return holder?.entries ? `: ${optionRemedy(names.at(-1) as string, Object.keys(holder.entries))}` : "";
}

/** Returns the schema of a field, or of the elements of an array. */
function childOf(holder: Holder | undefined, name: string): Holder | undefined {
  const child = holder && (holder.entries?.[name] ?? itemOf(holder));
  return child?.wrapped ?? child;
}

const itemOf = ({ item, pipe = [] }: Holder): Holder | undefined =>
  item ?? pipe.find((step) => step.item !== undefined)?.item;
