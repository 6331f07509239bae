import { checkArray } from "../checks/check.ts";
import { checkPlain } from "../checks/plain-object.ts";
import { checkColumnValue } from "../columns/column-value.ts";
import { fieldOf } from "../columns/field-of.ts";
import { type ColumnFacts, NAMESPACE } from "../format/columns.ts";
import type { Upserts } from "./change-set.ts";
import { metadataText } from "./metadata-text.ts";

/** The most bytes of metadata of a class as JSON in UTF-8: 10 KiB, as in Vectorize. */
const MOST_METADATA_BYTES = 10_240;

/** Metadata of classes in two parts: the values that an index filters by, and those kept beside it. */
export interface SplitMetadata extends Required<Pick<Upserts, "columns">>, Pick<Upserts, "namespaces"> {
  /**
   * For each class, all fields that are no column, as the text of a JSON object; undefined if there are none. An index does not
   * hold them: the keeper of the log of changes does, and adds them to answers that ask for metadata.
   */
  readonly beside: readonly (string | undefined)[];
}

/**
 * Splits metadata of classes into the values of the columns that an index declares, which `upserts` take, and the fields that
 * are kept beside it. Metadata say everything about their class, so that it has no value in a column that they lack. Classes
 * without metadata keep what they have. The name of a column with dots stands for a nested field too, as in `midx build`; such
 * a field stays beside.
 *
 * @param metadata an object for each class, at most 10 KiB as JSON, or null; `$namespace` is its namespace
 * @param columns `info.columns` of the index
 * @returns `columns` and `namespaces` as upserts have them, and the fields beside
 * @throws TypeError and RangeError that name the element: for a value of another type than its column, and too much metadata
 *
 * @example
 * const { beside, ...values } = splitMetadata([{ price: 12, page: "Shoes for all" }], index.info.columns);
 * applyChanges(index, { upserts: { labels: ["new shoe"], rows, biases, ...values } });
 */
export function splitMetadata(
  metadata: readonly (Readonly<Record<string, unknown>> | null | undefined)[],
  columns: readonly Pick<ColumnFacts, "name" | "type">[] | undefined,
): SplitMetadata {
  checkArray("metadata", metadata, "objects or null");
  const declared = columns ?? [];
  const objects = metadata.map((given, i) => copyOf(given, `"metadata"[${i}]`));
  const valuesOf = ({ name, type }: Pick<ColumnFacts, "name" | "type">) =>
    objects.map((object, i) => {
      if (object === undefined) return undefined;
      return checkColumnValue(type, `"metadata"[${i}].${name.slice(0, 64)}`, fieldOf(object, name)) ?? null;
    });
  const own = new Set(declared.map(({ name }) => name));
  const namespaces = declared.find(({ name }) => name === NAMESPACE);
  const refused = objects.findIndex((object) => object !== undefined && Object.hasOwn(object, NAMESPACE));
  if (!namespaces && refused >= 0) {
    throw new RangeError(
      `"metadata"[${refused}].${NAMESPACE} expected an index built with namespaces, got one without: leave it out`,
    );
  }
  return {
    columns: Object.fromEntries(
      declared.flatMap((column) => (column.name === NAMESPACE ? [] : [[column.name, valuesOf(column)]])),
    ),
    ...(namespaces && { namespaces: valuesOf(namespaces) as (string | null | undefined)[] }),
    beside: objects.map((object) => {
      const others = Object.entries(object ?? {}).filter(([name]) => !own.has(name));
      return others.length > 0 ? JSON.stringify(Object.fromEntries(others)) : undefined;
    }),
  };
}

/** Copies metadata in the form of JSON. */
function copyOf(given: unknown, place: string): Record<string, unknown> | undefined {
  if (given === null || given === undefined) return undefined;
  checkPlain(place, given, "an object or null");
  const text = metadataText(place, given);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= MOST_METADATA_BYTES) return JSON.parse(text) as Record<string, unknown>;
  throw new RangeError(`${place} expected at most ${MOST_METADATA_BYTES} bytes of JSON, got ${bytes}: shorten it`);
}
