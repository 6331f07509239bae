import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import type { ClassProbabilities, EstimateOptions, IndexInfo, LogQOptions } from "../../index.ts";
import type { NamedClasses, PolicyQuery } from "./inputs.ts";
import { queryOf } from "./item-sequence.ts";
import { wrong } from "./json-lines.ts";
import { naming, type QueryConditions } from "./query-conditions.ts";
import { type Renaming, withRenamedClasses } from "./renamed-classes.ts";

/** The policy to evaluate. */
export interface Candidate {
  /** Computes log π of classes, −∞ for one that the policy never draws. */
  logProbabilities(classes: NamedClasses, query: PolicyQuery): Promise<ArrayLike<number>>;
  /** Finds classes in the candidate's index; undefined for one that it lacks. */
  idsOf(classes: NamedClasses): readonly (number | undefined)[];
}

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
  /** Opens the encoder of the candidate, for queries that are sequences. It is opened once. Default: it has none. */
  readonly openEncoder?: () => Promise<Pick<ItemEncoder, "encode"> | undefined>;
  /** The index whose ids the queries and their conditions have. Default: the candidate. */
  readonly idsOf?: CandidateIndex;
}

/** Matches classes by label if both the log and the index have labels, and otherwise by id. */
export function candidateOf(
  index: CandidateIndex,
  { idsOf: named, openEncoder, ...options }: CandidateOptions,
): Candidate {
  const idsByLabel = labelled(index);
  const idOf = named && named !== index && idsByLabel ? renaming(named, idsByLabel) : undefined;
  const vectorOf = vectorsBy(openEncoder, idOf);
  const idsIn = (classes: NamedClasses) => idsOf(classes, index.info.itemCount, idsByLabel);
  return {
    idsOf: idsIn,
    async logProbabilities(classes, { place, query, conditions }) {
      const ids = idsIn(classes);
      const known = ids.filter((id) => id !== undefined);
      try {
        const own = idOf ? withRenamedClasses(conditions, idOf) : conditions;
        const logs = await logProbabilities(index, await vectorOf(query), known, { ...options, ...own });
        let at = 0;
        return ids.map((id) => (id === undefined ? Number.NEGATIVE_INFINITY : (logs[at++] as number)));
      } catch (error) {
        throw naming(place, error);
      }
    },
  };
}

/** Returns a function that returns the vector of a query. It opens the encoder with the first sequence. */
function vectorsBy(openEncoder: CandidateOptions["openEncoder"], idOf: Renaming | undefined) {
  let opened: ReturnType<NonNullable<typeof openEncoder>> | undefined;
  return async (query: PolicyQuery["query"]): Promise<Float32Array> => {
    if (query instanceof Float32Array) return query;
    opened ??= openEncoder?.();
    const encoder = await opened;
    if (encoder) return queryOf(encoder, query, idOf);
    throw new RangeError(
      '"sequence" expected a candidate with an encoder, got one without: build it with midx build --encoder, or give "vector"',
    );
  };
}

async function logProbabilities(
  index: CandidateIndex,
  vector: Float32Array,
  ids: number[],
  { policy, ...options }: Pick<CandidateOptions, "policy" | "temperature" | "scan"> & QueryConditions,
): Promise<ArrayLike<number>> {
  if (policy === "sample") return index.logQ(vector, ids, options);
  const answer = await index.logProbability(vector, ids, { ...options, exact: policy === "softmax", seed: 1 });
  return answer.logProbabilities;
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
