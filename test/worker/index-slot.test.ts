import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IndexSlot } from "../../worker/publication/index-slot.ts";
import type { Loaded } from "../../worker/publication/open-publication.ts";

const untracked = () => {};

function fakeIndex(version = "a"): Loaded {
  return { index: { dispose: vi.fn() }, version, tag: version } as unknown as Loaded;
}

/** A load that the test completes by hand. */
function controlledLoad() {
  const { promise, resolve, reject } = Promise.withResolvers<Loaded>();
  return { load: vi.fn(() => promise), resolve, reject };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("IndexSlot", () => {
  it("loads once for all requests that come while it loads", async () => {
    const slot = new IndexSlot();
    const { load, resolve } = controlledLoad();
    const answers = [1, 2, 3].map(() => slot.get(load, untracked));
    const index = fakeIndex();
    resolve(index);
    await vi.advanceTimersByTimeAsync(10);
    expect(await Promise.all(answers)).toEqual([index, index, index]);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("keeps a load alive that its request may leave behind", async () => {
    const kept: Promise<unknown>[] = [];
    const load = () => Promise.reject(new Error("no file"));
    await expect(new IndexSlot().get(load, (loading) => kept.push(loading))).rejects.toThrow("no file");
    expect(kept).toHaveLength(1);
    await expect(kept[0]).resolves.toBeUndefined();
  });

  it("gives waiting requests the failure, without a load of their own", async () => {
    const slot = new IndexSlot();
    const { load, reject } = controlledLoad();
    const answers = [1, 2].map(() => slot.get(load, untracked).catch((error) => error.message));
    reject(new Error("no file"));
    await vi.advanceTimersByTimeAsync(10);
    expect(await Promise.all(answers)).toEqual(["no file", "no file"]);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("waits 250 ms after a failure, twice as long after the next, 8 s at most", async () => {
    const slot = new IndexSlot();
    const load = vi.fn(() => Promise.reject(new Error("no file")));
    const attempt = () => slot.get(load, untracked).catch(() => undefined);
    await attempt();
    for (const backoff of [250, 500, 1000, 2000, 4000, 8000, 8000]) {
      const before = load.mock.calls.length;
      await vi.advanceTimersByTimeAsync(backoff - 1);
      await attempt();
      expect(load).toHaveBeenCalledTimes(before);
      await vi.advanceTimersByTimeAsync(1);
      await attempt();
      expect(load).toHaveBeenCalledTimes(before + 1);
    }
  });

  it("does not wait after a failure whose age a clock that was set back does not tell", async () => {
    const slot = new IndexSlot();
    await slot.get(() => Promise.reject(new Error("no file")), untracked).catch(() => undefined);
    vi.setSystemTime(Date.now() - 3_600_000);
    const index = fakeIndex();
    expect(await slot.get(() => Promise.resolve(index), untracked)).toBe(index);
  });

  it("takes over a load that was abandoned, and drops its index when it comes back", async () => {
    const slot = new IndexSlot();
    const abandoned = controlledLoad();
    const first = slot.get(abandoned.load, untracked);
    await vi.advanceTimersByTimeAsync(30_001);
    const index = fakeIndex();
    expect(await slot.get(() => Promise.resolve(index), untracked)).toBe(index);
    const late = fakeIndex();
    abandoned.resolve(late);
    expect(await first).toBe(index);
    expect(late.index.dispose).toHaveBeenCalledOnce();
  });

  it("gives the index that took the place of another, which those who have it keep", async () => {
    const slot = new IndexSlot();
    const [first, second, third] = [fakeIndex("a"), fakeIndex("b"), fakeIndex("c")];
    const load = () => Promise.resolve(first);
    expect(slot.current).toBeUndefined();
    const kept = await slot.get(load, untracked);
    expect(slot.replace(first, second)).toBe(true);
    expect(await slot.get(load, untracked)).toBe(second);
    expect(kept.index.dispose).not.toHaveBeenCalled();
    expect(slot.replace(first, third)).toBe(false);
    expect(slot.current).toBe(second);
  });

  it("forgets no index because an abandoned load failed late", async () => {
    const slot = new IndexSlot();
    const abandoned = controlledLoad();
    const first = slot.get(abandoned.load, untracked).catch((error) => error.message);
    await vi.advanceTimersByTimeAsync(30_001);
    const index = fakeIndex();
    await slot.get(() => Promise.resolve(index), untracked);
    abandoned.reject(new Error("connection lost"));
    expect(await first).toBe("connection lost");
    expect(await slot.get(abandoned.load, untracked)).toBe(index);
  });
});
