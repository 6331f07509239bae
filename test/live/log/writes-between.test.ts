import { expect, test } from "vitest";
import { memorySegments } from "./memory-segments.ts";
import { openLog, setOf } from "./open-log.ts";

/** A log in this process that appends a set of its own while a read waits for the answer that there is none. */
async function appendingWhileReading(count: number) {
  const store = memorySegments();
  const { log } = openLog({
    ...store,
    async get(key) {
      const found = await store.get(key);
      if (key === next) {
        next = "";
        await log.append(setOf("meanwhile"));
      }
      return found;
    },
  });
  let next = "";
  for (let i = 0; i < count; i++) await log.append(setOf(String(i)));
  next = `words/log/${String(count + 1).padStart(12, "0")}.set`;
  return log;
}

test.each([0, 3])(
  "a read behind the end gives a set that the same process appends meanwhile, behind %s others",
  async (count) => {
    const log = await appendingWhileReading(count);
    const { sets, head } = await log.read(count);
    expect({ numbers: sets.map(({ sequence }) => sequence), head }).toEqual({ numbers: [count + 1], head: count + 1 });
  },
);
