import type { ClassProbabilities, EstimateOptions, IndexInfo, LogQOptions } from "../../index.ts";
import type { NamedClasses, PolicyQuery } from "./inputs.ts";
import { wrong } from "./json-lines.ts";
import { naming } from "./query-conditions.ts";
import { type Renaming, withRenamedClasses } from "./renamed-classes.ts";

/** The policy to evaluate: computes log π of classes, −∞ for one that the policy never draws. */
export type Candidate = (classes: NamedClasses, query: PolicyQuery) => Promise<ArrayLike<number>>;

/** The index of a candidate, or the parts of a manifest, which answer with promises. */
export interface CandidateIndex {
  readonly info: Pick<IndexInfo, "itemCount" | "hasLabels">;
  labels(ids: ArrayLike<number>): readonly string[];
  logQ(query: Float32Array, ids: ArrayLike<number>, options: LogQOptions): Float32Array | Promise<Float32Array>;
  logProbability(
    query: Float32Array,
    ids: ArrayLike<number>,
    options: EstimateOptions,
  ): ClassProbabilities | Promise<ClassProbabilities>;
}

/**
 * The softmax from all rows, the softmax with an estimated log Z, which puts the error of log Ẑ into every weight, or the
 * proposal of `sample`, whose log Q is exact.
 */
export const POLICIES = ["softmax", "estimated", "sample"] as const;

export interface CandidateOptions {
  readonly policy: (typeof POLICIES)[number];
  readonly temperature?: number;
  /** The head budget of the estimate and of the proposal. */
  readonly scan?: number;
  /** The index whose ids the conditions of queries have. Default: the candidate. */
  readonly idsOf?: CandidateIndex;
}

/** Matches classes by label if both the log and the index have labels, and otherwise by id. */
export function candidateOf(index: CandidateIndex, { idsOf: named, ...options }: CandidateOptions): Candidate {
  const idsByLabel = labelled(index);
  const idOf = named && named !== index && idsByLabel && renaming(named, idsByLabel);
  return async (classes, given) => {
    const query = idOf ? { ...given, conditions: withRenamedClasses(given.conditions, idOf) } : given;
    const ids = idsOf(classes, index.info.itemCount, idsByLabel);
    const known = ids.filter((id) => id !== undefined);
    const logs = await logProbabilities(index, query, known, options);
    let at = 0;
    return ids.map((id) => (id === undefined ? Number.NEGATIVE_INFINITY : (logs[at++] as number)));
  };
}

async function logProbabilities(
  index: CandidateIndex,
  { place, vector, conditions }: PolicyQuery,
  ids: number[],
  { policy, ...options }: Omit<CandidateOptions, "idsOf">,
): Promise<ArrayLike<number>> {
  try {
    if (policy === "sample") return await index.logQ(vector, ids, { ...options, ...conditions });
    const exact = policy === "softmax";
    const answer = await index.logProbability(vector, ids, { ...options, ...conditions, exact, seed: 1 });
    return answer.logProbabilities;
  } catch (error) {
    throw naming(place, error);
  }
}

/** Finds the classes of an index in another one by their labels. Undefined without labels: then ids mean the same classes. */
function renaming(index: CandidateIndex, idsByLabel: ReadonlyMap<string, number>): Renaming | undefined {
  const own = labelled(index);
  if (!own) return undefined;
  const ids = Array.from(own.keys(), (label) => idsByLabel.get(label));
  return (id) => ids[id];
}

function labelled(index: CandidateIndex): ReadonlyMap<string, number> | undefined {
  if (!index.info.hasLabels) return undefined;
  const labels = index.labels(Array.from({ length: index.info.itemCount }, (_, id) => id));
  return new Map(labels.map((label, id) => [label, id]));
}

/** Finds the classes in the candidate's index; undefined for a label that it does not have. */
function idsOf(
  { place, ids, labels }: NamedClasses,
  itemCount: number,
  idsByLabel: ReadonlyMap<string, number> | undefined,
): readonly (number | undefined)[] {
  if (labels && idsByLabel) return labels.map((label) => idsByLabel.get(label));
  const at = ids.findIndex((id) => id >= itemCount);
  if (at >= 0) throw wrong(place, `ids[${at}]`, `a class of the candidate, below ${itemCount}`, ids[at]);
  return ids;
}
