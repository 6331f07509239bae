import type { BatchOption, ConditionOptions } from "../answers/options.ts";
import type { Vector } from "../checks/check.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Limits } from "../memory/plan.ts";
import { type CallName, callOptions } from "./call-options.ts";
import { copyConditions, copyQueries } from "./copied-arguments.ts";
import type { IndexInfo } from "./info.ts";

/** How a call is answered once its arguments are checked. */
export interface Answer<T> {
  /** Whether it needs the norms that bounds are made of. */
  readonly needsBounds: boolean;
  /** For the query in place. */
  readonly of: (opened: OpenedIndex) => T;
}

/** Asks an index one call at a time: arguments first, which may be code of the caller's, then its memory. */
export class Answering {
  private opened: OpenedIndex | undefined;
  private readonly info: IndexInfo;
  private readonly limits: Limits;
  private queryView: Float32Array;
  private isBusy = false;

  constructor(opened: OpenedIndex, info: IndexInfo, limits: Limits) {
    this.opened = opened;
    this.info = info;
    this.limits = limits;
    this.queryView = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, info.dim);
  }

  /** Reads and copies every argument, `plan` those that are the call's own, then answers each query. */
  answer<Options extends ConditionOptions & Partial<BatchOption>, T>(
    call: CallName,
    query: Vector,
    given: Options,
    plan: (options: Options) => Answer<T>,
  ): T | T[] {
    if (this.isBusy) {
      throw new Error(`${call} was called while the index reads the arguments of another call`);
    }
    this.isBusy = true;
    try {
      const options = callOptions(call, given);
      const answer = plan(options);
      const conditions = copyConditions(options, this.info.itemCount);
      const { batch } = options;
      const queries = copyQueries(query, this.info.dim, batch, this.limits.maxBatch);
      const opened = this.inUse();
      opened.conditions.apply(opened, conditions);
      if (answer.needsBounds) measureBounds(opened);
      const answers = Array.from({ length: batch ?? 1 }, (_, row) => this.ask(opened, queries, row, answer));
      return batch === undefined ? (answers[0] as T) : answers;
    } finally {
      this.isBusy = false;
    }
  }

  inUse(): OpenedIndex {
    if (this.opened === undefined) throw new Error("the index has been disposed of");
    return this.opened;
  }

  dispose(): void {
    this.opened = undefined;
    this.queryView = new Float32Array(0); // views keep the memory alive too
  }

  private ask<T>(opened: OpenedIndex, queries: Float32Array, row: number, { of }: Answer<T>): T {
    const { dim } = this.info;
    this.queryView.set(queries.subarray(row * dim, (row + 1) * dim));
    opened.kernels.prepareQuery(opened.plan.layout);
    return of(opened);
  }
}

/** O(N·D), so not before it is asked for. */
function measureBounds(opened: OpenedIndex): void {
  if (opened.hasResiduals) return;
  opened.kernels.measureResiduals(opened.plan.layout);
  if (opened.header.facts.hasFineCodes) opened.kernels.measureCodeErrors(opened.plan.layout);
  opened.hasResiduals = true;
}
