import type { Context } from "hono";
import type { PartialAnswer, Question } from "../../src/parts/index.ts";
import type { IndexInfo } from "../../src/public.ts";
import type { WorkingParts } from "../host/served-index.ts";
import type { AskedParts } from "./asked-parts.ts";
import type { ChangingPart } from "./changing-part.ts";

/** The facts that a host describes. A router adds those of the largest of its parts, if these work at the same time. */
export interface GroupInfo extends IndexInfo {
  readonly largest?: IndexInfo;
}

/** An object that answers as one part: an index, or a router for several. */
export interface AnsweringPart {
  readonly info: IndexInfo;
  /** The facts about its files, if changes have altered `info`. */
  readonly described?: GroupInfo;
  /** The parts behind a router, from which the work of questions is computed. */
  readonly parts?: WorkingParts;
  /** Undefined if it takes no changes. */
  readonly changes?: ChangingPart | undefined;
  answer(question: Question): PartialAnswer | Promise<PartialAnswer>;
  /** Returns the popularity band of a class, as its place in STATISTICS_BANDS; 0 if it has none. */
  bandOf(id: number): number;
  /** Returns the encoder without the vectors of its items. Undefined if there is none. */
  encoder(): Uint8Array<ArrayBuffer> | undefined | Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** Finds or loads the part that answers a request. */
export type PartFor = (c: Context, asked: AskedParts) => Promise<AnsweringPart>;
