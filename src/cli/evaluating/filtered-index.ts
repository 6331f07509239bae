import type { ConditionOptions } from "../../index.ts";
import type { TimedIndex } from "./times.ts";

/** The classes that pass a filter, as an index of their own: its ids are places among them, ascending. */
export interface FilteredIndex {
  readonly index: TimedIndex;
  /** The ids of these classes. */
  readonly passing: Int32Array;
}

/** Shows the classes that pass a filter, and are of a namespace, as an index of their own. */
export async function filteredIndex(
  whole: TimedIndex,
  conditions: Pick<ConditionOptions, "filter" | "namespace">,
): Promise<FilteredIndex> {
  const { itemCount, dim } = whole.info;
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);
  // No class that is filtered out can be drawn.
  const logQ = await whole.logQ(new Float32Array(dim), ids, { ...conditions, scan: 0 });
  const passing = ids.filter((id) => logQ[id] !== Number.NEGATIVE_INFINITY);
  const places = new Int32Array(itemCount);
  for (const [place, id] of passing.entries()) places[id] = place;
  const placed = async <Answer extends { readonly ids: Int32Array }>(answer: Answer | Promise<Answer>) => {
    const { ids: found, ...others } = await answer;
    return { ...others, ids: found.map((id) => places[id] as number) } as unknown as Answer;
  };
  const idsOf = (own: Int32Array): Int32Array => own.map((place) => passing[place] as number);
  const index: TimedIndex = {
    info: { ...whole.info, itemCount: passing.length },
    topK: (query, k, options) => placed(whole.topK(query, k, { ...options, ...conditions })),
    predict: (query, k, options) => placed(whole.predict(query, k, { ...options, ...conditions })),
    sample: (query, draws, options) => placed(whole.sample(query, draws, { ...options, ...conditions })),
    score: (query, own) => whole.score(query, idsOf(own)),
    logQ: (query, own, options) => whole.logQ(query, idsOf(own), { ...options, ...conditions }),
  };
  return { index, passing };
}
