import type { BuildStatistics, ServedIndex, WorkingParts } from "../../../worker/host/served-index.ts";
import type { ChangesOfPart } from "../../../worker/live/changing.ts";
import { mergedInfo, type RouterInfo } from "../../../worker/router/merged-info.ts";
import type { DecodeOptions } from "../../decode/decode-options.ts";
import { copyIds } from "../../index/copied-arguments.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import type { ClassMetadata, PartedIndex, PartInfo } from "../../parts/index.ts";
import { labelsOf, openedOf } from "../../parts/opened-of.ts";
import { idsAmongAll, ownClasses } from "../../parts/place.ts";
import { type IndexInPlace, indexesInPlace, readByPart } from "../../parts/read-by-part.ts";
import type { BatchOption } from "../../public.ts";
import type { Manifest } from "../../publication/manifest.ts";
import { partsInTurn } from "./parts-in-turn.ts";

type Query = Float32Array;
type OptionsOf<
  Name extends "topK" | "predict" | "logPartition" | "logProbability" | "sampleTopK" | "slateLogProbability",
> = Parameters<ServedIndex[Name]> extends [...unknown[], infer Options] ? Options : never;

/** The parts of a manifest in this process. */
export interface PartsInMemory {
  readonly manifest: Manifest;
  /** The indexes in the order of the parts. */
  readonly indexes: readonly MultiIndex[];
  readonly parted: PartedIndex;
  readonly statistics: BuildStatistics | undefined;
  /** The rows of changes that each part has memory for. */
  readonly room: number;
}

/** The error for changes that were applied while an answer was made, which has to be made again. */
class ChangedMeanwhile extends Error {
  override readonly name = "ChangedMeanwhile";
}

/**
 * All parts of a manifest as the index that a service answers with. Labels, rows and values are there at once, because all
 * parts are in this process. Calls ask the parts in one step and merge in others: if changes come between, they throw
 * ChangedMeanwhile.
 */
export class ServedParts implements ServedIndex {
  readonly #parts: PartsInMemory;
  readonly statistics: BuildStatistics | undefined;
  readonly #isCurrent: () => boolean;
  #described: { readonly of: PartInfo; readonly info: RouterInfo } | undefined;

  constructor(parts: PartsInMemory, isCurrent: () => boolean = () => true) {
    this.#parts = parts;
    this.statistics = parts.statistics;
    this.#isCurrent = isCurrent;
  }

  /** Makes an answer of the parts. It is undefined if `isCurrent` says that changes came between its steps. */
  async inSteps<T>(isCurrent: () => boolean, answer: (parts: ServedParts) => Promise<T>): Promise<T | undefined> {
    try {
      return await answer(new ServedParts(this.#parts, isCurrent));
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
      return undefined;
    }
  }

  get info(): RouterInfo {
    const { parted } = this.#parts;
    if (this.#described?.of !== parted.info) this.#described = { of: parted.info, info: infoOf(this.#parts) };
    return this.#described.info;
  }

  /** All parts answer on this thread. */
  get parts(): WorkingParts {
    return partsInTurn(this.#parts.indexes.map(({ info }) => info));
  }

  topK(queries: Query, k: number, options: OptionsOf<"topK">) {
    return this.#steady((parted) => parted.topK(queries, k, options));
  }
  predict(queries: Query, k: number, options: OptionsOf<"predict">) {
    return this.#steady((parted) => parted.predict(queries, k, options));
  }
  logPartition(queries: Query, options: OptionsOf<"logPartition">) {
    return this.#steady((parted) => parted.logPartition(queries, options));
  }
  logProbability(queries: Query, ids: Int32Array, options: OptionsOf<"logProbability">) {
    return this.#steady((parted) => parted.logProbability(queries, ids, options));
  }
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of sample are those of PartedIndex
  sample(queries: Query, draws: number, options: any): Promise<any[]> {
    return this.#steady((parted) => parted.sample(queries, draws, options));
  }
  sampleTopK(queries: Query, k: number, options: OptionsOf<"sampleTopK">) {
    return this.#steady((parted) => parted.sampleTopK(queries, k, options));
  }
  slateLogProbability(queries: Query, ids: Int32Array, options: OptionsOf<"slateLogProbability">) {
    return this.#steady((parted) => parted.slateLogProbability(queries, ids, options));
  }
  decode(queries: Query, options: DecodeOptions & BatchOption) {
    return this.#steady((parted) => parted.decode(queries, options));
  }

  encode(): never {
    throw new RangeError('"features" expected vectors, got features: parts have no table of them; encode them first');
  }

  labels(ids: ArrayLike<number>): string[] {
    return this.#gathered(ids, (index, own) => index.labels(own));
  }
  metadata(ids: ArrayLike<number>): ClassMetadata[] {
    return this.#gathered(ids, (index, own) => index.metadata(own));
  }
  rows(ids: ArrayLike<number>): Float32Array {
    const { dim } = this.info;
    const rows = this.#gathered(ids, (index, own) => {
      const all = index.rows(own);
      return Array.from(own, (_, i) => all.subarray(i * dim, (i + 1) * dim));
    });
    const values = new Float32Array(rows.length * dim);
    for (const [i, row] of rows.entries()) values.set(row, i * dim);
    return values;
  }

  idsOf(labels: readonly string[]): Int32Array {
    this.#requireCurrent();
    return Int32Array.from(labels, (label, i) => {
      const ids = this.#held().flatMap(({ index, place }) => {
        const own = labelsOf(index).find(label);
        return own === undefined ? [] : [idsAmongAll(place, Int32Array.of(own), 0)[0] as number];
      });
      const [id, another] = ids;
      const shown = JSON.stringify(label.slice(0, 64));
      if (id === undefined) throw new RangeError(`"labels"[${i}] expected a label of the index, got ${shown}`);
      if (another === undefined) return id;
      throw new RangeError(`"labels" expected labels of one class each, got ${shown}, which ${id} and ${another} have`);
    });
  }

  isRemoved(id: number): boolean {
    return this.#held().some(({ index, place }) => {
      const [own] = ownClasses(place, Int32Array.of(id)).ids;
      return own !== undefined && (openedOf(index).delta?.removedIds.has(own) ?? false);
    });
  }

  dispose(): void {
    for (const index of this.#parts.indexes) index.dispose();
  }

  /** Returns what changes hold in each part. */
  changesByPart(): ChangesOfPart[] {
    const { manifest, indexes } = this.#parts;
    return manifest.parts.map(({ number: part }, i) => {
      const { rowCount = 0, addedCount = 0 } = indexes[i]?.info.changes ?? {};
      return { part, rowCount, addedCount };
    });
  }

  #held(): IndexInPlace[] {
    const { indexes, parted } = this.#parts;
    return indexesInPlace(parted, indexes);
  }

  #requireCurrent(): void {
    if (!this.#isCurrent()) throw new ChangedMeanwhile();
  }

  async #steady<T>(call: (parted: PartedIndex) => Promise<T>): Promise<T> {
    this.#requireCurrent();
    try {
      return await call(this.#parts.parted);
    } finally {
      this.#requireCurrent(); // a step may also fail because its classes were removed since the step before
    }
  }

  /** Reads a value of each of these classes from its part. */
  #gathered<T>(ids: ArrayLike<number>, read: (index: MultiIndex, own: Int32Array) => readonly T[]): T[] {
    this.#requireCurrent();
    return readByPart(this.#held(), copyIds("ids", ids, this.info.itemCount), read);
  }
}

function infoOf({ manifest, indexes, parted, room }: PartsInMemory): RouterInfo {
  const infos = indexes.map(({ info: { changes: _, ...info } }) => info);
  const { itemCount, changes } = parted.info;
  return {
    ...mergedInfo(manifest, infos),
    itemCount,
    memoryBytes: infos.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    ...(changes && { changes: { ...changes, maxDelta: room * indexes.length } }),
  };
}
