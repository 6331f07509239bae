import { expect, test } from "vitest";
import { startArena } from "../../src/train/runtime/arena.ts";

test("memory that the runtime does not give is refused with the sizes that need it", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  const arena = startArena({ memory, heapBase: () => 1024 });
  arena.take(100_000);
  const before = memory.buffer.byteLength;
  expect(() => arena.take(5 * 2 ** 30)).toThrow(
    new RangeError(
      "5.0 GiB of memory or more are needed, and the runtime gives no more: fewer classes, vectors of fewer values, smaller batches and fewer draws need less",
    ),
  );
  expect(memory.buffer.byteLength).toBe(before);
});
