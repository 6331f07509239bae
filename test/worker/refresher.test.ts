import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { IndexSlot } from "../../worker/publication/index-slot.ts";
import type { Load, Loaded } from "../../worker/publication/open-publication.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { Refresher } from "../../worker/publication/refresher.ts";

const MINUTE = 60_000;

const indexOf = (memoryBytes: number): MultiIndex =>
  ({
    info: { memoryBytes, contentId: "0".repeat(64), itemCount: 9, dim: 4, metric: "dot", hasLabels: false },
    dispose: vi.fn(),
  }) as unknown as MultiIndex;

const publicationOf = (tag: string): Publication => ({ tag, version: `v${tag}`, open: () => new Uint8Array(1) });

/** A slot that serves version `a`, and a refresher with its load. */
async function serving(load: Load, memoryBytes = 50_000_000) {
  const slot = new IndexSlot();
  const current: Loaded = { index: indexOf(memoryBytes), version: "va", tag: "a", contract: undefined };
  await slot.get(
    () => Promise.resolve(current),
    () => {},
  );
  const refresher = new Refresher(slot, load);
  refresher.start();
  return { slot, refresher, current };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("Refresher", () => {
  it("is due when the last look is that old, and not while one is under way, unless that was abandoned", async () => {
    const { refresher, current } = await serving(() => new Promise(() => {}));
    expect(refresher.isDue(60)).toBe(false);
    vi.advanceTimersByTime(MINUTE - 1);
    expect(refresher.isDue(60)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(refresher.isDue(60)).toBe(true);
    expect(refresher.isDue(0)).toBe(false);
    void refresher.look({ look: () => new Promise(() => {}) }, current);
    vi.advanceTimersByTime(20_000);
    expect(refresher.isDue(1)).toBe(false);
    vi.advanceTimersByTime(10_000);
    expect(refresher.isDue(1)).toBe(true);
  });

  it("gives the new index the room that the old one leaves of 110 MB", async () => {
    const load = vi.fn<Load>(async () => indexOf(1));
    const { refresher, current, slot } = await serving(load, 60_000_000);
    const outcome = await refresher.look({ look: async () => publicationOf("b") }, current);
    expect(load.mock.calls[0]?.[1]).toMatchObject({ maxBytes: 50_000_000 });
    expect(outcome).toEqual({ result: "swapped", version: "vb", fault: undefined });
    expect(slot.current).toMatchObject({ version: "vb", tag: "b" });
  });

  it("refuses by name one that does not fit beside the old one", async () => {
    const load: Load = () => Promise.reject(new RangeError("index needs 55.0 MiB, limit is 47.7 MiB"));
    const { refresher, current, slot } = await serving(load, 60_000_000);
    const { result, fault } = await refresher.look({ look: async () => publicationOf("b") }, current);
    expect(result).toBe("failed");
    expect(fault?.code).toBe("swap_too_large");
    expect(fault?.message).toBe(
      "version vb does not fit in memory beside va, which takes 60000000 of 110000000 bytes: deploy the Worker again to serve it " +
        "(index needs 55.0 MiB, limit is 47.7 MiB)",
    );
    expect(slot.current).toBe(current);
  });

  it("reads the same file again if it is published with another number of the log, as other changes follow it then", async () => {
    const load = vi.fn<Load>(async () => indexOf(1));
    const { refresher, current, slot } = await serving(load);
    const publisher = (version: string, sequence: number) => ({
      look: async () => ({ ...publicationOf(version), file: "same", sequence }),
    });
    await refresher.look(publisher("b", 0), current);
    await refresher.look(publisher("c", 0), slot.current as Loaded);
    expect(load).toHaveBeenCalledTimes(1);
    await refresher.look(publisher("d", 50), slot.current as Loaded);
    expect(load).toHaveBeenCalledTimes(2);
    expect(slot.current).toMatchObject({ version: "vd" });
  });

  it("asks again for a bad one whose age a clock that was set back does not tell", async () => {
    const load = vi.fn<Load>(() => Promise.reject(new Error("damaged")));
    const { refresher, current } = await serving(load);
    const publisher = { look: vi.fn(async () => publicationOf("b")) };
    await refresher.look(publisher, current);
    vi.setSystemTime(Date.now() - 60 * MINUTE);
    expect(refresher.isDue(60)).toBe(true);
    await refresher.look(publisher, current);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("asks for what differs from the bad one until it is time to read that again: 1, 2, 4 … minutes, an hour at most", async () => {
    const load = vi.fn<Load>(() => Promise.reject(new Error("damaged")));
    const { refresher, current } = await serving(load);
    const publisher = { look: vi.fn(async (known?: string) => (known === "b" ? undefined : publicationOf("b"))) };
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const before = load.mock.calls.length;
      await refresher.look(publisher, current);
      expect(load).toHaveBeenCalledTimes(before + 1);
      expect(publisher.look).toHaveBeenLastCalledWith("a");
      vi.advanceTimersByTime(minutes * MINUTE - 1);
      expect(await refresher.look(publisher, current)).toMatchObject({ result: "unchanged", version: "va" });
      expect(publisher.look).toHaveBeenLastCalledWith("b");
      expect(load).toHaveBeenCalledTimes(before + 1);
      expect(refresher.health.fault?.message).toBe("damaged");
      vi.advanceTimersByTime(1);
    }
  });

  it("gives a canary the room that the current index leaves, and refuses by name one that does not fit", async () => {
    const load = vi.fn<Load>(() => Promise.reject(new RangeError("index needs 55.0 MiB")));
    const { refresher, current, slot } = await serving(load, 60_000_000);
    const canary = { share: 0.5, look: async () => publicationOf("b") };
    const publisher = { look: async () => ({ ...publicationOf("a"), tag: "aa", file: "a", canary }) };
    slot.replace(current, { ...current, file: "a 0" });
    const { result, version, fault } = await refresher.look(publisher, slot.current as Loaded);
    expect([result, version, fault?.code]).toEqual(["failed", "va", "swap_too_large"]);
    expect(fault?.message).toMatch(
      /^version vb does not fit in memory beside va, which takes 60000000 of 110000000 bytes/,
    );
    expect(slot.current?.canary).toBeUndefined();
    load.mockResolvedValue(indexOf(1));
    vi.advanceTimersByTime(MINUTE);
    await refresher.look(publisher, slot.current as Loaded);
    expect(load.mock.lastCall?.[1]).toMatchObject({ maxBytes: 50_000_000 });
    expect(slot.current).toMatchObject({ version: "va", tag: "aa", canary: { version: "vb", share: 0.5 } });
  });

  it("drops a canary before it reads another index, and never reads two at one look", async () => {
    const load = vi.fn<Load>(async () => indexOf(1));
    const { refresher, current, slot } = await serving(load);
    const held: Loaded = { ...current, file: "a" };
    slot.replace(current, { ...held, canary: { ...held, version: "vb", file: "b", share: 1 } });
    const canary = { share: 1, look: async () => ({ ...publicationOf("d"), file: "d" }) };
    const publisher = { look: async () => ({ ...publicationOf("c"), file: "c", canary }) };
    const seen = [];
    for (let look = 0; look < 4; look++) {
      await refresher.look(publisher, slot.current as Loaded);
      const { version, canary: beside } = slot.current as Loaded;
      seen.push([load.mock.calls.length, version, beside?.version]);
    }
    expect(seen).toEqual([
      [0, "va", undefined],
      [1, "vc", undefined],
      [2, "vc", "vd"],
      [2, "vc", "vd"],
    ]);
  });

  it("drops what it has read where something newer was swapped in meanwhile", async () => {
    const read = Promise.withResolvers<MultiIndex>();
    const { refresher, current, slot } = await serving(() => read.promise);
    const looking = refresher.look({ look: async () => publicationOf("b") }, current);
    const newer: Loaded = { index: indexOf(1), version: "vc", tag: "c", contract: undefined };
    slot.replace(current, newer);
    const late = indexOf(1);
    read.resolve(late);
    expect(await looking).toMatchObject({ result: "unchanged", version: "vc" });
    expect(late.dispose).toHaveBeenCalledOnce();
    expect(slot.current).toBe(newer);
  });
});
