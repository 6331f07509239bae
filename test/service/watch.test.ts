import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchAlone, watchTogether } from "../../worker/middleware/watch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([
  ["a timer of its own", watchAlone],
  ["one timer for all", watchTogether()],
])("%s looks until it is stopped", (_, watch) => {
  const [first, second] = [vi.fn(), vi.fn()];
  const stopFirst = watch(first);
  const stopSecond = watch(second);
  vi.advanceTimersByTime(500);
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([2, 2]);
  stopFirst();
  vi.advanceTimersByTime(250);
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([2, 3]);
  stopSecond();
  vi.advanceTimersByTime(1000);
  expect(second).toHaveBeenCalledTimes(3);
  expect(vi.getTimerCount()).toBe(0);
});

it("one timer for all is one, ends when nothing is left, and begins again", () => {
  const watch = watchTogether();
  const stops = [1, 2, 3].map(() => watch(() => {}));
  expect(vi.getTimerCount()).toBe(1);
  for (const stop of stops) stop();
  vi.advanceTimersByTime(250);
  expect(vi.getTimerCount()).toBe(0);
  const look = vi.fn();
  const stop = watch(look);
  vi.advanceTimersByTime(250);
  expect(look).toHaveBeenCalledTimes(1);
  stop();
});
