import { decodeChanges } from "../../changes/changes-file.ts";
import type { DeclaredColumn } from "../../changes/class-values.ts";
import { shown } from "../../checks/check.ts";
import { NAMESPACE } from "../../format/columns.ts";
import type { GivenValues } from "../../memory/delta.ts";
import { rowsToSend } from "./rows-to-send.ts";

/** The most classes of a set, as a service allows. */
const MOST_CLASSES = 1000;
/** The most bytes of a set as JSON: a quarter of what a service allows, so that a slow connection sends it in time. */
const MOST_BYTES = 4 * 2 ** 20;
/** The most bytes of a value of f32 as JSON, with its comma. */
const VALUE_BYTES = 25;

/** Some changes of a file, in the form of a request. */
export type SetToSend = UpsertsToSend | RemovalsToSend;

interface ChangesToSend {
  /** Its first class among the upserts or the removals of the file, and the place behind its last. */
  readonly from: number;
  readonly to: number;
  readonly labels: readonly string[];
  /** Returns its first class alone and the others in halves, for a service that does not take all of it. */
  readonly divided: () => { readonly first: SetToSend; readonly others: readonly SetToSend[] };
}

/** Upserts, with the fields of POST /v1/upsert. Rows are read from the file when they are asked for. */
interface UpsertsToSend extends ChangesToSend {
  readonly kind: "upserts";
  readonly fields: () => {
    readonly labels: readonly string[];
    readonly rows: readonly Float32Array[];
    readonly biases?: readonly number[];
    readonly metadata?: readonly (Readonly<Record<string, unknown>> | null)[];
    readonly namespaces?: readonly (string | null)[];
    readonly space?: string;
  };
}

interface RemovalsToSend extends ChangesToSend {
  readonly kind: "removals";
}

/**
 * Divides the changes of a file into sets that a service takes, the upserts first: only they name the space.
 *
 * @throws FormatError for a damaged file, and RangeError for values in columns that a log cannot hold
 */
export function setsToSend(bytes: Uint8Array): SetToSend[] {
  const { labels, stored, values = [], space, facts } = decodeChanges(bytes);
  const rowAt = rowsToSend(stored, facts);
  const upserts = labels.filter(({ row }) => row >= 0);
  const removals = labels.filter(({ row }) => row < 0).map(({ label }) => label);
  const known = upserts.map(({ label, row }) => knownOf(label, values[row], facts.columns));
  const hasNamespaces = facts.columns.some(({ name }) => name === NAMESPACE);
  const bytesOf = (label: string, metadata: unknown): number =>
    Buffer.byteLength(JSON.stringify([label, metadata])) + facts.dim * VALUE_BYTES;
  const upsertsOf = ([from, to]: Range): UpsertsToSend => {
    const own = upserts.slice(from, to);
    const names = own.map(({ label }) => label);
    return {
      kind: "upserts",
      from,
      to,
      labels: names,
      divided: () => dividedOf([from, to], upsertsOf),
      fields: () => ({
        labels: names,
        rows: own.map(({ row }) => rowAt(row)),
        ...(stored.biases && { biases: own.map(({ row }) => stored.biases?.[row] as number) }),
        ...(own.some(({ row }) => known[row]) && {
          metadata: own.map(({ row }) => known[row]?.metadata ?? null),
          ...(hasNamespaces && { namespaces: own.map(({ row }) => known[row]?.namespace ?? null) }),
        }),
        ...(space !== undefined && { space }),
      }),
    };
  };
  const removalsOf = ([from, to]: Range): RemovalsToSend => ({
    kind: "removals",
    from,
    to,
    labels: removals.slice(from, to),
    divided: () => dividedOf([from, to], removalsOf),
  });
  return [
    ...placesOf(upserts, ({ label, row }) => bytesOf(label, known[row])).map(upsertsOf),
    ...placesOf(removals, (label) => Buffer.byteLength(JSON.stringify(label))).map(removalsOf),
  ];
}

/** The first place of some changes in their list, and the place behind their last. */
type Range = readonly [from: number, to: number];

function dividedOf([from, to]: Range, setOf: (range: Range) => SetToSend): ReturnType<SetToSend["divided"]> {
  const [second, middle] = [from + 1, Math.ceil((from + 1 + to) / 2)];
  const halves: readonly Range[] = [
    [second, middle],
    [middle, to],
  ];
  return { first: setOf([from, second]), others: halves.filter(([begin, end]) => end > begin).map(setOf) };
}

/** Divides a list into ranges that fit into a set. */
function placesOf<T>(list: readonly T[], bytesOf: (each: T) => number): Range[] {
  const places: Range[] = [];
  let [from, bytes] = [0, 0];
  for (const [i, each] of list.entries()) {
    const size = bytesOf(each);
    if (i > from && (i - from === MOST_CLASSES || bytes + size > MOST_BYTES)) {
      places.push([from, i]);
      [from, bytes] = [i, 0];
    }
    bytes += size;
  }
  if (list.length > from) places.push([from, list.length]);
  return places;
}

/** Returns the values of a class as metadata, which are complete, and its namespace. Null for a class that keeps its own. */
function knownOf(label: string, given: GivenValues | undefined, columns: readonly DeclaredColumn[]) {
  if (given === undefined) return null;
  const open = columns[given.indexOf(undefined)];
  if (open) {
    const option = open.name === NAMESPACE ? "--namespace-field" : "--columns";
    throw new RangeError(
      `the changes of ${shown(label)} leave its value in the column ${shown(open.name)} open, and a log holds the values of all ` +
        `columns or of none: write the file with all of them (${option})`,
    );
  }
  const named = columns.flatMap(({ name }, i) => (given[i] === null ? [] : [[name, given[i]] as const]));
  return {
    metadata: Object.fromEntries(named.filter(([name]) => name !== NAMESPACE)),
    namespace: (named.find(([name]) => name === NAMESPACE)?.[1] as string | undefined) ?? null,
  };
}
