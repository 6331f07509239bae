import { expect, test } from "vitest";
import { type Interruptible, runAsync, runSync, startYielding } from "../../src/train/runtime/event-loop.ts";

function* sumTo(count: number): Interruptible<number> {
  let sum = 0;
  for (let i = 1; i <= count; i++) {
    sum += i;
    yield;
  }
  return sum;
}

test("work has the same result at once and with pauses", async () => {
  expect(runSync(sumTo(10))).toBe(55);
  expect(await runAsync(sumTo(10), startYielding(undefined))).toBe(55);
});

test("the event loop runs while work pauses", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++);
  const yieldIfDue = startYielding(undefined);
  for (const start = performance.now(); performance.now() - start < 100; ) await yieldIfDue();
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

test("a clock that stands still does not keep the event loop from running", async ({ onTestFinished }) => {
  const { now } = performance;
  performance.now = () => 0;
  onTestFinished(() => {
    performance.now = now;
  });
  let turns = 0;
  setTimeout(() => turns++);
  const yieldIfDue = startYielding(undefined);
  for (let i = 0; i < 10_000; i++) await yieldIfDue();
  expect(turns).toBe(1);
});

test("an aborted signal ends work with its reason", async () => {
  const reason = new Error("enough");
  const work = runAsync(sumTo(10), startYielding(AbortSignal.abort(reason)));
  await expect(work).rejects.toBe(reason);
});
