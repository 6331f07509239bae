import { expect, test } from "vitest";
import { cpuMillis, cpuTimes } from "../../bench/timing.ts";

/** Keeps the thread busy for this number of milliseconds of its own CPU time. */
function work(millis: number): void {
  for (const start = cpuMillis(); cpuMillis() - start < millis; );
}

test("a call that works twice as long takes twice the time, and waiting does not count", () => {
  const wait = (): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  const times = cpuTimes(3, 30, {
    shorter: () => work(12),
    longer: () => {
      work(24);
      wait();
    },
  });
  expect(times.longer / times.shorter).toBeGreaterThan(1.5);
  expect(times.longer / times.shorter).toBeLessThan(2.7);
});

test("kinds take turns, and each call of one has its own number", () => {
  const calls: string[] = [];
  cpuTimes(2, 0, { a: (call) => calls.push(`a${call}`), b: (call) => calls.push(`b${call}`) });
  expect(calls).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
});
