import * as structs from "../../build/structs.ts";
import { BLOCK_TOP, QUERY_BLOCK } from "../abi.ts";
import type { BatchReader, RowsAhead, RowsWanted, VisitScores } from "../memory/batch-reader.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { type BlockInstance, instantiateBatch } from "./block-instance.ts";
import { type GivenUp, PredictionWanted, ScanWanted } from "./given-up.ts";
import { packQuery, scanForBlock } from "./scan-for-block.ts";

/** int8 rows meet four queries in one instruction, so two queries take longer together than alone. */
const LEAST_INT8 = 3;

/** A row of the batch whose query is in the block. */
interface Waiting {
  readonly row: number;
  readonly wanted: RowsWanted;
}

/** Makes the answers of a batch. */
interface Answering<T> {
  readonly answers: T[];
  readonly place: (row: number) => void;
  readonly answer: (row: number) => T;
}

/** Reads rows for blocks of queries, and makes their predictions one after the other. */
export class BlockReader implements BatchReader {
  ahead: RowsAhead | undefined;
  collectsMany = false;
  private collects = false;
  /** Predictions are collected as well. Without dispersions, their error bars count the classes that the draws met. */
  private collectsPredictions = false;
  private readonly module: WebAssembly.Module;
  protected readonly opened: OpenedIndex;
  /** The fewest queries that are faster together. */
  private readonly least: number;
  private made: BlockInstance | undefined;
  /** The prediction that is kept for the query whose answer is being made, and its place in the block. */
  private kept: { readonly slot: number; readonly wanted: PredictionWanted; readonly place: () => void } | undefined;

  constructor(module: WebAssembly.Module, opened: OpenedIndex) {
    this.module = module;
    this.opened = opened;
    this.least = opened.header.facts.rows === "i8" ? LEAST_INT8 : 2;
  }

  answer<T>(count: number, place: (row: number) => void, answer: (row: number) => T, isPrediction = false): T[] {
    this.collectsPredictions = isPrediction && count > 1 && this.opened.errorBars.hasDispersions;
    const all: Answering<T> = { answers: new Array<T>(count), place, answer };
    const waiting: Waiting[] = [];
    let row = 0;
    while (row < count) {
      place(row);
      const wanted = this.attempt(all, row, count);
      if (wanted instanceof PredictionWanted) {
        row = this.answerPredictions(all, row, Math.min(row + QUERY_BLOCK, count), wanted);
        continue;
      }
      if (wanted instanceof ScanWanted) {
        packQuery(this.opened, this.instance, waiting.length, wanted);
        waiting.push({ row, wanted });
      }
      row++;
      if (waiting.length < QUERY_BLOCK && row < count) continue;
      this.answerWaiting(all, waiting);
      waiting.length = 0;
    }
    return all.answers;
  }

  /** Answers the query in place. If the answer is given up, it returns the work that the answer waits for. */
  private attempt<T>({ answers, answer }: Answering<T>, row: number, count: number): GivenUp | undefined {
    try {
      this.collects = count >= this.least;
      this.collectsMany = count >= QUERY_BLOCK;
      answers[row] = answer(row);
      return undefined;
    } catch (error) {
      if (error instanceof PredictionWanted || error instanceof ScanWanted) return error;
      throw error;
    } finally {
      this.collects = this.collectsMany = false;
    }
  }

  /** Reads all rows for the queries of a block, unless they are few, and answers these queries. */
  private answerWaiting<T>({ answers, place, answer }: Answering<T>, waiting: readonly Waiting[]): void {
    const isBlock = waiting.length >= this.least;
    const { k, masses } = waiting[0]?.wanted ?? NOTHING_BUT_SCORES;
    const ahead = isBlock ? this.scan(waiting.length, { k, masses }) : [];
    try {
      for (const [slot, { row, wanted }] of waiting.entries()) {
        // A query that wants other work than the first one reads the rows alone.
        this.ahead = wanted.k === k && wanted.masses === masses ? ahead[slot] : undefined;
        place(row);
        answers[row] = answer(row);
      }
    } finally {
      this.ahead = undefined;
    }
  }

  /** Makes the predictions of the rows from `first`, whose query is in place, and then their answers. Returns `end`. */
  private answerPredictions<T>(
    { answers, place, answer }: Answering<T>,
    first: number,
    end: number,
    wanted: PredictionWanted,
  ): number {
    const { batch, address } = this.instance;
    for (let row = first; row < end; row++) {
      if (row > first) place(row);
      batch.keepPrediction(address, row - first, wanted.k, wanted.scan, wanted.draws, wanted.seed);
    }
    try {
      for (let row = first; row < end; row++) {
        this.kept = { slot: row - first, wanted, place: () => place(row) };
        answers[row] = answer(row);
      }
    } finally {
      this.kept = undefined;
    }
    return end;
  }

  predict(k: number, scan: number, draws: number, seed: bigint): boolean {
    const { collects, collectsPredictions, kept } = this;
    if (collects && collectsPredictions && k <= BLOCK_TOP) throw new PredictionWanted(k, scan, draws, seed);
    if (!kept?.wanted.is(k, scan, draws, seed)) return false;
    this.instance.batch.restorePrediction(this.instance.address, kept.slot, k);
    return true;
  }

  placeQuery(): boolean {
    const { kept } = this;
    this.kept = undefined;
    kept?.place();
    return kept !== undefined;
  }

  take(
    k: number,
    masses: RowsWanted["masses"],
    logMasses?: Float64Array,
    wholeLogMasses?: Float64Array,
  ): ReturnType<BatchReader["take"]> {
    const { opened, ahead } = this;
    if (read(opened, structs.SEARCH_REFINEMENT) > 0) return undefined; // blocks score the stored rows
    if (this.collects && k <= BLOCK_TOP) throw new ScanWanted(k, masses);
    if (ahead?.masses !== masses || (k > 0 && k !== ahead.k)) return undefined;
    const { kernels, plan } = opened;
    const { regions } = this.instance;
    const { buffer } = kernels.memory;
    const { slot } = ahead;
    const kept = k > 0 ? (new Int32Array(buffer, regions.topCounts, QUERY_BLOCK)[slot] as number) : 0;
    const bytes = new Uint8Array(buffer);
    for (const name of ["topIds", "topScores"] as const) {
      const from = regions[name] + 4 * slot * k;
      bytes.copyWithin(plan.regions[name], from, from + 4 * kept);
    }
    write(opened, structs.SEARCH_TOP_COUNT, kept);
    logMasses?.set(ahead.logMasses);
    wholeLogMasses?.set(ahead.wholeLogMasses);
    return { scored: ahead.scored, blocks: ahead.logMasses.length };
  }

  visit(count: number, place: (row: number) => void, visitOf: (row: number) => VisitScores): void {
    for (let first = 0; first < count; first += QUERY_BLOCK) {
      const size = Math.min(QUERY_BLOCK, count - first);
      const visits = Array.from({ length: size }, (_, slot) => visitOf(first + slot));
      for (let slot = 0; slot < size; slot++) {
        place(first + slot);
        packQuery(this.opened, this.instance, slot, NOTHING_BUT_SCORES);
      }
      this.scan(size, NOTHING_BUT_SCORES, visits);
    }
  }

  protected scan(count: number, wanted: RowsWanted, visits?: readonly VisitScores[]): RowsAhead[] {
    return scanForBlock(this.opened, this.instance, count, wanted, visits);
  }

  /** Made for the first queries that are answered together. */
  protected get instance(): BlockInstance {
    this.made ??= instantiateBatch(this.module, this.opened);
    return this.made;
  }
}

const NOTHING_BUT_SCORES: RowsWanted = { k: 0, masses: "none" };
