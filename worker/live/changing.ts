import { openedOf } from "../../src/parts/opened-of.ts";
import type { PartedIndex } from "../../src/parts/parted-index.ts";
import type { IndexSource, LoadOptions, MultiIndex } from "../../src/public.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { Load } from "../publication/open-publication.ts";
import type { Publication } from "../publication/publication.ts";
import { peeked } from "./room-for-changes.ts";

/** The share of the room for changes that is kept for writers who do not know of each other, and its least number of rows. */
const SPARE = 1 / 4;
const LEAST_SPARE = 1_000;

/** Returns the number of rows to reserve memory for if writers may fill `maxDelta`. */
export const roomFor = (maxDelta: number): number => maxDelta + Math.max(LEAST_SPARE, Math.ceil(SPARE * maxDelta));

/** An index, or parts, loaded with room for changes. */
export interface Changing {
  readonly index: ServedIndex;
  /** The index or the parts that changes are applied to. */
  readonly changed: MultiIndex | PartedIndex;
  /** The most rows that writers may fill: of the index, or of each of its parts. There is memory for more (`roomFor`). */
  readonly maxDelta: number;
  /** The number of the last change that the files have, as they state it. */
  readonly sequence: number;
  /** The rows that changes hold now, by part. Undefined for one index. */
  readonly rowsByPart?: () => readonly (readonly [part: number, rows: number])[];
  /**
   * Makes an answer that takes several steps. It resolves to undefined if `isCurrent` says that changes came between them.
   * Undefined if a call answers before anything else can happen.
   */
  readonly inSteps?: <Answer>(
    isCurrent: () => boolean,
    answer: (index: ServedIndex) => Promise<Answer>,
  ) => Promise<Answer | undefined>;
}

/** Loads a publication with room for changes: `maxDelta` rows, or by default a number that suits the size of rows. */
export type OpenChanging<Source> = (
  source: Source,
  options: LoadOptions,
  publication: Publication<Source> | undefined,
  maxDelta: number | undefined,
) => Promise<Changing>;

/** Opens index files. */
export const openIndex =
  (load: Load): OpenChanging<IndexSource> =>
  async (given, options, publication, wanted) => {
    const { source, maxDelta: byDefault } = await peeked(given);
    const maxDelta = wanted ?? byDefault;
    const index = (await load(source, { ...options, maxDelta: roomFor(maxDelta) }, publication)) as MultiIndex;
    const opened = openedOf(index);
    const isRemoved = (id: number): boolean => opened.delta?.removedIds.has(id) ?? false;
    const sequence = index.info.compaction?.sequence ?? 0;
    return { index: Object.assign(index, { isRemoved }), changed: index, maxDelta, sequence };
  };
