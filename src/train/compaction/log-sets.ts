import type { ChangeLog } from "../../publication/change-log.ts";

/** The sets of a log behind a number, up to the last one that existed when the first page was read. */
export interface LogSets {
  readonly sequence: number;
  readonly sets: AsyncIterable<Uint8Array>;
}

/** Reads the sets of a log behind the number `after`. Throws an Error if sets that follow are no longer kept. */
export async function setsBehind(log: ChangeLog, after: number): Promise<LogSets> {
  let page = await log.read(after);
  const { head, first } = page;
  if (head < after) {
    throw new Error(
      `the published version has the changes up to ${after}, and the log ends with ${head}: it is the log of another index`,
    );
  }
  if (first > after + 1 && head > after) {
    throw new Error(
      `the log expected the changes from ${after + 1} on, which follow the published version, got those from ${first} on: ` +
        "build a new index of the whole table, and publish it with midx publish --sequence",
    );
  }
  const sequence = head;
  return {
    sequence,
    sets: (async function* sets() {
      for (let at = after; at < sequence; page = await log.read(at)) {
        if (page.sets.length === 0) throw new Error(`the log has no set ${at + 1}, and goes on to ${sequence}`);
        for (const { sequence: number, bytes } of page.sets) {
          if (number > sequence) return;
          if (number !== at + 1) throw new Error(`the log has no set ${at + 1}, and goes on with ${number}`);
          at = number;
          yield bytes;
        }
        if (at === sequence) return;
      }
    })(),
  };
}
