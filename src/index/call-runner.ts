import type { BatchOption, ConditionOptions } from "../answers/options.ts";
import type { Vector } from "../checks/check.ts";
import { Filters } from "../columns/filters.ts";
import type { CallConditions } from "../memory/call-conditions.ts";
import { Labels, labelTable } from "../memory/labels.ts";
import { measureBounds } from "../memory/measure-bounds.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Limits } from "../memory/plan.ts";
import { type CallName, callOptions } from "./call-options.ts";
import { copyQueries } from "./copied-arguments.ts";
import { type ConditionLimits, copyConditions, copyEachConditions } from "./copied-conditions.ts";
import type { IndexInfo } from "./info.ts";
import { type SearchEffort, thinsFor } from "./thins-for.ts";

/** A call whose own arguments are checked. */
export interface PlannedCall<T> {
  /** The call needs the norms that bounds are made of. Default: no. */
  readonly needsBounds?: boolean;
  /** The call reads only the best classes and the moments of a search, so a batch can make its searches first. */
  readonly isPrediction?: boolean;
  /** The effort of a search that may thin out. Default: none, it filters by weight. */
  readonly effort?: SearchEffort;
  /** The conditions, if they are not those of the options. */
  readonly conditions?: ConditionOptions & Partial<BatchOption>;
  /** Computes the answer to the query that is in place in memory, the one in this row of the batch. */
  readonly answer: (opened: OpenedIndex, row: number) => T;
}

/**
 * Runs the calls of an index one at a time: it reads all arguments, which may run the caller's code, before it writes
 * memory.
 */
export class CallRunner {
  private opened: OpenedIndex | undefined;
  /** Changes replace it. */
  info: IndexInfo;
  private readonly limits: Limits;
  private queryView: Float32Array;
  /** The query of a call with one, until all of its arguments are read. */
  private single: Float32Array;
  private isBusy = false;
  private names: Labels | undefined;
  private columns: Filters | undefined;

  constructor(opened: OpenedIndex, info: IndexInfo, limits: Limits) {
    this.opened = opened;
    this.info = info;
    this.limits = limits;
    this.single = new Float32Array(info.dim);
    this.queryView = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, info.dim);
  }

  /** Checks and copies every argument, with `plan` for the arguments of the call itself, and then answers each query. */
  run<Options extends ConditionOptions & Partial<BatchOption>, T>(
    call: CallName,
    query: Vector,
    options: Options,
    plan: (checked: Options) => PlannedCall<T>,
  ): T | T[] {
    if (this.isBusy) {
      throw new Error(`${call} was called while the index reads the arguments of another call`);
    }
    this.isBusy = true;
    try {
      const checked = callOptions(call, options);
      const planned = plan(checked);
      const conditions = this.copyConditions(planned.conditions ?? checked);
      const thins = planned.effort && thinsFor(planned.effort);
      const { batch } = checked;
      const queries = copyQueries(query, this.info.dim, batch, this.limits.maxBatch, this.single);
      const opened = this.inUse();
      const [shared] = conditions.length === 1 ? conditions : [];
      if (shared) opened.conditions.apply(opened, shared, thins);
      if (planned.needsBounds) measureBounds(opened);
      if (batch === undefined) return this.answer(opened, queries, 0, planned);
      if (shared && opened.batches && opened.conditions.thinnedShare === undefined) {
        const place = (row: number): void => this.place(opened, queries, row);
        return opened.batches.answer(batch, place, (row) => planned.answer(opened, row), planned.isPrediction);
      }
      return Array.from({ length: batch }, (_, row) => {
        opened.conditions.apply(opened, shared ?? (conditions[row] as CallConditions), thins);
        return this.answer(opened, queries, row, planned);
      });
    } finally {
      this.isBusy = false;
    }
  }

  /** Returns the memory of the index. Throws an Error once the index is disposed of. */
  inUse(): OpenedIndex {
    if (this.opened === undefined) throw new Error("the index has been disposed of");
    return this.opened;
  }

  /** Returns the labels of the classes. RangeError for an index without. */
  labels(): Labels {
    const opened = this.inUse();
    const { kernels, header, plan } = opened;
    if (!this.info.hasLabels) throw new RangeError('"labels" expected an index built with "labels", got one without');
    this.names ??= new Labels(labelTable(kernels.memory.buffer, header, plan, "label"), opened);
    return this.names;
  }

  /** Returns the columns of the index, and the filters that were asked for last. */
  filters(): Filters {
    this.columns ??= new Filters(this.inUse());
    return this.columns;
  }

  dispose(): void {
    this.opened?.batches?.dispose?.();
    this.opened = undefined;
    this.names = undefined;
    this.columns = undefined;
    this.queryView = this.single = new Float32Array(0); // a view keeps the memory alive
  }

  /** Copies the conditions of the call, or those of each query of a batch. */
  private copyConditions(options: ConditionOptions & Partial<BatchOption>): CallConditions[] {
    const { plan, delta } = this.opened ?? {};
    const { itemCount } = this.info;
    const limits: ConditionLimits = {
      itemCount,
      maxChanged: this.limits.maxChanged,
      fileItemCount: plan?.itemCount ?? itemCount,
      removedIds: delta?.removedIds,
      filtered: (...wanted) => this.filters().of(...wanted),
    };
    const { conditions, batch } = options;
    if (conditions === undefined) {
      const copyBitmap = (bitmap: Uint8Array): Uint8Array => this.inUse().conditions.copyOf(bitmap);
      return [copyConditions(options, { ...limits, copyBitmap })];
    }
    return copyEachConditions(conditions, batch, (own, prefix) => copyConditions(own, limits, prefix));
  }

  private answer<T>(opened: OpenedIndex, queries: Float32Array, row: number, planned: PlannedCall<T>): T {
    this.place(opened, queries, row);
    return planned.answer(opened, row);
  }

  /** Puts a query of the batch in place in memory, and prepares it for the kernels. */
  private place(opened: OpenedIndex, queries: Float32Array, row: number): void {
    const { dim } = this.info;
    this.queryView.set(queries === this.single ? queries : queries.subarray(row * dim, (row + 1) * dim));
    opened.kernels.prepareQuery(opened.plan.layout);
  }
}
