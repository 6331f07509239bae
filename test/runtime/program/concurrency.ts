import type { MultiIndex } from "../../../src/index.ts";
import { goldenQuery } from "../../golden/input.ts";
import type { Library } from "./library.ts";

const CALLERS = 64;
const CALLS = 8;
const LOADS = 16;

/** 64 callers share an index and wait between their calls. Returns how many get other answers than a caller alone. */
export async function differingCallers(index: MultiIndex): Promise<number> {
  const callers = Array.from({ length: CALLERS }, (_, caller) => caller);
  const alone = callers.map((caller) => Array.from({ length: CALLS }, (_, step) => ask(index, caller, step)));
  const together = await Promise.all(callers.map((caller) => converse(index, caller)));
  return callers.filter((caller) => textOf(alone[caller]) !== textOf(together[caller])).length;
}

/**
 * Starts 16 loads at once, from bytes and streams. Returns how many give an index that answers differently than one
 * loaded alone.
 */
export async function differingLoads({ load }: Library, file: Uint8Array<ArrayBuffer>): Promise<number> {
  const expected = textOf(ask(await load(file), 1, 2));
  const sources = Array.from({ length: LOADS }, (_, i) => (i % 2 ? new Response(file) : file));
  const indexes = await Promise.all(sources.map((source) => load(source)));
  return indexes.filter((index) => textOf(ask(index, 1, 2)) !== expected).length;
}

async function converse(index: MultiIndex, caller: number): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let step = 0; step < CALLS; step++) {
    answers.push(ask(index, caller, step));
    await ((caller + step) % 3
      ? Promise.resolve()
      : new Promise((resolve) => setTimeout(resolve, (caller * step) % 4)));
  }
  return answers;
}

/**
 * Makes another call with another query and condition in each step, so that anything that a call leaves behind shows in
 * the next.
 */
function ask(index: MultiIndex, caller: number, step: number): unknown {
  const query = goldenQuery(caller * CALLS + step);
  const temperature = 1 + (caller % 3) / 2;
  const options = { temperature, exclude: [caller, caller + 7 * step], scan: 50 * step, seed: caller };
  switch ((caller + step) % 4) {
    case 0:
      return index.predict(query, 5, options);
    case 1:
      return index.sample(query, 10, options);
    case 2:
      return index.topK(query, 5, { temperature, exact: true });
    default:
      return index.logPartition(query, options);
  }
}

/** The text of an answer with shortest decimals, so two numbers have the same text only if they have the same bits. */
const textOf = (answer: unknown): string =>
  JSON.stringify(answer, (_, value: unknown) =>
    typeof value === "bigint" || typeof value === "number" ? String(value) : value,
  );
