import * as structs from "../../build/structs.ts";
import { BLOCK_TOP, QUERY_BLOCK } from "../abi.ts";
import type { BatchReader, RowsAhead, RowsWanted, VisitScores } from "../memory/batch-reader.ts";
import { type OpenedIndex, write } from "../memory/opened-index.ts";
import { type BlockInstance, instantiateBatch } from "./block-instance.ts";
import { packQuery, scanForBlock } from "./scan-for-block.ts";

/** int8 rows meet four queries in one instruction, so two queries take longer together than alone. */
const LEAST_INT8 = 3;

/** Ends an answer that needs all rows, which are then read for a block of queries. It is no error, and records no stack. */
class GivenUp {
  readonly wanted: RowsWanted;

  constructor(wanted: RowsWanted) {
    this.wanted = wanted;
  }
}

/** A row of the batch whose query is in the block. */
interface Waiting {
  readonly row: number;
  readonly wanted: RowsWanted;
}

/** Reads rows for blocks of queries. */
export class BlockReader implements BatchReader {
  ahead: RowsAhead | undefined;
  collects = false;
  private readonly module: WebAssembly.Module;
  private readonly opened: OpenedIndex;
  /** The fewest queries that are faster together. */
  private readonly least: number;
  private made: BlockInstance | undefined;

  constructor(module: WebAssembly.Module, opened: OpenedIndex) {
    this.module = module;
    this.opened = opened;
    this.least = opened.header.facts.rows === "i8" ? LEAST_INT8 : 2;
  }

  answer<T>(count: number, place: (row: number) => void, answer: (row: number) => T): T[] {
    const answers = new Array<T>(count);
    const waiting: Waiting[] = [];
    for (let row = 0; row < count; row++) {
      place(row);
      try {
        this.collects = count >= this.least;
        answers[row] = answer(row);
      } catch (error) {
        if (!(error instanceof GivenUp)) throw error;
        packQuery(this.opened, this.instance, waiting.length, error.wanted);
        waiting.push({ row, wanted: error.wanted });
      } finally {
        this.collects = false;
      }
      if (waiting.length < QUERY_BLOCK && row < count - 1) continue;
      this.answerWaiting(waiting, place, answers, answer);
      waiting.length = 0;
    }
    return answers;
  }

  /** Reads all rows for the queries of a block, unless they are few, and answers these queries. */
  private answerWaiting<T>(
    waiting: readonly Waiting[],
    place: (row: number) => void,
    answers: T[],
    answer: (row: number) => T,
  ): void {
    const isBlock = waiting.length >= this.least;
    const { k, masses } = waiting[0]?.wanted ?? NOTHING_BUT_SCORES;
    const ahead = isBlock ? this.scan(waiting.length, { k, masses }) : [];
    try {
      for (const [slot, { row, wanted }] of waiting.entries()) {
        // A query that wants something else than the first one reads the rows alone.
        this.ahead = wanted.k === k && wanted.masses === masses ? ahead[slot] : undefined;
        place(row);
        answers[row] = answer(row);
      }
    } finally {
      this.ahead = undefined;
    }
  }

  take(wanted: RowsWanted): RowsAhead | undefined {
    const { opened, ahead } = this;
    const { k, masses } = wanted;
    if (this.collects && k <= BLOCK_TOP) throw new GivenUp(wanted);
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
    return ahead;
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

  private scan(count: number, wanted: RowsWanted, visits?: readonly VisitScores[]): RowsAhead[] {
    return scanForBlock(this.opened, this.instance, count, wanted, visits);
  }

  /** Made for the first queries that read rows together. */
  private get instance(): BlockInstance {
    this.made ??= instantiateBatch(this.module, this.opened);
    return this.made;
  }
}

const NOTHING_BUT_SCORES: RowsWanted = { k: 0, masses: "none" };
