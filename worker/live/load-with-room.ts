import type { IndexSource, LoadOptions, MultiIndex } from "../../src/public.ts";
import { roomFor } from "./changing.ts";
import { withoutHeap } from "./heap-of-changes.ts";
import { peeked } from "./room-for-changes.ts";

/** An index with room for changes. */
interface Roomy {
  readonly index: MultiIndex;
  /** The most rows that writers may fill. */
  readonly maxDelta: number;
  /** The rows that there is memory for. */
  readonly room: number;
}

/**
 * Loads an index with room for as many rows of changes as are wanted, or as suit the size of its rows, or for `least` if these are
 * more. What added classes take beside WebAssembly's memory lowers the limit of that.
 */
export async function loadWithRoom(
  load: (source: IndexSource, options: LoadOptions) => Promise<unknown>,
  given: IndexSource,
  options: LoadOptions,
  { wanted, least }: { readonly wanted: number | undefined; readonly least: number },
): Promise<Roomy> {
  const { source, maxDelta: byDefault } = await peeked(given);
  const maxDelta = Math.floor(wanted ?? byDefault);
  const room = Math.max(roomFor(maxDelta), least);
  const index = (await load(source, { ...withoutHeap(options, room), maxDelta: room })) as MultiIndex;
  return { index, maxDelta, room };
}
