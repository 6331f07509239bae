import { BLOCK_TOP, QUERY_BLOCK } from "../abi.ts";
import { AfterScan, type Given, packQuery, scanForBlock } from "../answers/block-scan.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { RowsAhead } from "../memory/rows-ahead.ts";

/** int8 rows meet four queries in one instruction, so two queries take longer together than alone. */
const LEAST_INT8 = 3;

/** An answer that waits until its block of queries is full. */
interface Waiting<T> {
  readonly row: number;
  readonly after: AfterScan<T>;
}

/**
 * Answers `count` queries under the conditions in place. Those whose answers need all rows read them in blocks of queries.
 * `place` puts the query of a row in place.
 */
export function answerTogether<T>(
  opened: OpenedIndex,
  count: number,
  place: (row: number) => void,
  answer: (opened: OpenedIndex, row: number) => Given<T>,
): T[] {
  const answers = new Array<T>(count);
  const waiting: Waiting<T>[] = [];
  const finish = (): void => {
    for (const [i, value] of finishTogether(opened, waiting, place).entries()) {
      answers[(waiting[i] as Waiting<T>).row] = value;
    }
    waiting.length = 0;
  };
  for (let row = 0; row < count; row++) {
    place(row);
    const given = answer(opened, row);
    if (!(given instanceof AfterScan)) answers[row] = given;
    else if (count === 1) answers[row] = given.finish(opened);
    else if (waiting.push({ row, after: given }) === QUERY_BLOCK) finish();
  }
  finish();
  return answers;
}

/** Finishes answers that want the same of all rows. Few of them are as fast alone. */
function finishTogether<T>(opened: OpenedIndex, waiting: readonly Waiting<T>[], place: (row: number) => void): T[] {
  const least = opened.header.facts.rows === "i8" ? LEAST_INT8 : 2;
  const isBlock = waiting.length >= least && waiting.every(({ after }) => after.wanted.k <= BLOCK_TOP);
  const ahead = isBlock ? readAhead(opened, waiting, place) : [];
  try {
    return waiting.map(({ row, after }, slot) => {
      place(row);
      opened.rowsAhead = ahead[slot];
      return after.finish(opened);
    });
  } finally {
    opened.rowsAhead = undefined;
  }
}

/** Reads all rows for a block of queries. */
function readAhead<T>(opened: OpenedIndex, waiting: readonly Waiting<T>[], place: (row: number) => void): RowsAhead[] {
  for (const [slot, { row, after }] of waiting.entries()) {
    place(row);
    packQuery(opened, slot, after.wanted);
  }
  return scanForBlock(
    opened,
    waiting.map(({ after }) => after.wanted),
  );
}
