import { describe, expect, test } from "vitest";
import { load } from "../../src/index.ts";
import { DEFAULT_LIMITS } from "../../src/memory/load-options.ts";
import type { Question } from "../../src/parts/index.ts";
import type { LoadOptions } from "../../src/public.ts";
import { heapOfChanges } from "../../worker/live/heap-of-changes.ts";
import { takeChanges, takingBy } from "../../worker/live/parts/take-changes.ts";
import { PartKeeper } from "../../worker/parts/part-keeper.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

const shelf = new ManifestShelf();
const environment = { publisher: shelf, keepAlive: () => undefined };
const question: Question = {
  ...{ call: "topK", query: queryOf(1), size: 3, ids: new Int32Array(0), options: { exact: true } },
};
const [first, second, third] = [
  await partedFiles({ version: "one", seed: 1, sizes: [20] }),
  await partedFiles({ version: "two", seed: 2, sizes: [20], previous: "one" }),
  await partedFiles({ version: "three", seed: 3, sizes: [20], previous: "two" }),
];
const asked = ({ manifest: { generation } }: typeof first) => ({
  ...{ generation, numbers: [0], deadlineMs: 60_000, isPartial: false },
});

test("with room for one generation, the new one takes the place of the old one, which then answers nothing", async () => {
  shelf.publish(first);
  const keeper = new PartKeeper(load, 1);
  const old = await keeper.obtain(asked(first), environment);
  expect(old.answer(question)).toMatchObject({ generation: first.manifest.generation });
  shelf.publish(second);
  const kept = await keeper.obtain(asked(second), environment);
  expect(kept.answer(question)).toMatchObject({ generation: second.manifest.generation });
  expect(() => old.answer(question)).toThrow(expect.objectContaining({ code: "unknown_generation", status: 409 }));
  await expect(keeper.obtain(asked(first), environment)).rejects.toMatchObject({ code: "unknown_generation" });
  expect(keeper.current?.version).toBe("two");
});

test("with room for two, both answer, also the one before for a router that asks for it late", async () => {
  shelf.publish(first);
  shelf.publish(second);
  const keeper = new PartKeeper(load);
  const kept = await keeper.obtain(asked(second), environment);
  const old = await keeper.obtain(asked(first), environment);
  expect(kept.answer(question)).toMatchObject({ generation: second.manifest.generation });
  expect(old.answer(question)).toMatchObject({ generation: first.manifest.generation });
});

test("the generation that answers stays while routers refuse two that came after it", async () => {
  shelf.publish(first);
  const keeper = new PartKeeper(load);
  const served = await keeper.obtain(asked(first), environment);
  expect(served.answer(question)).toMatchObject({ generation: first.manifest.generation });
  for (const refused of [second, third]) {
    shelf.publish(refused);
    await keeper.obtain(asked(refused), environment); // described, and never asked, as a host of another part lacks it
  }
  expect(served.answer(question)).toMatchObject({ generation: first.manifest.generation });
  const restarted = await new PartKeeper(load).obtain(asked(first), environment);
  expect(restarted.answer(question)).toMatchObject({ generation: first.manifest.generation });
});

test("a part that is loaded too late, after another has taken its place, is let go", async () => {
  shelf.publish(first);
  let finish: (() => void) | undefined;
  const slow: typeof load = async (source, options) => {
    if (source === first.files[0]) await new Promise<void>((resolve) => (finish = resolve));
    return load(source, options);
  };
  const keeper = new PartKeeper(slow, 1);
  const late = keeper.obtain(asked(first), environment);
  await expect.poll(() => finish).toBeDefined();
  shelf.publish(second);
  await keeper.obtain(asked(second), environment);
  finish?.();
  const old = await late;
  expect(() => old.answer(question)).toThrow(expect.objectContaining({ code: "unknown_generation" }));
  expect(() => old.index.encode([])).toThrow("disposed");
});

describe("what added classes take in a part beside WebAssembly's memory", () => {
  const MANY = 400_000;
  const ROOM = 500_000; // a quarter more, for writers who do not know of each other
  const labelled = [
    partedFiles({ version: "one", seed: 1, sizes: [20], hasLabels: true }),
    partedFiles({ version: "two", seed: 2, sizes: [20], hasLabels: true, previous: "one" }),
  ];

  test("lowers its limit, as in a Worker of one index", async () => {
    let given: LoadOptions = {};
    const noting: typeof load = async (source, options) => {
      given = options ?? {};
      return load(source, { ...options, maxDelta: 10 });
    };
    const own = await labelled[0];
    shelf.publish(own as typeof first);
    const keeper = new PartKeeper(noting, undefined, takingBy(takeChanges({ maxDelta: MANY })));
    await keeper.obtain(asked(own as typeof first), environment);
    expect(given).toMatchObject({ maxDelta: ROOM, maxBytes: DEFAULT_LIMITS.maxBytes - heapOfChanges(ROOM) });
  });

  test.each([
    ["leaves room for another one", 2],
    ["counts for each of two, so that the old one is let go", 1.9],
  ])("%s", async (_, rooms) => {
    const [one, two] = (await Promise.all(labelled)) as [typeof first, typeof first];
    const taking = takingBy(takeChanges({ maxDelta: MANY }));
    const [{ memoryBytes: stated = 0 } = {}] = one.manifest.parts;
    shelf.publish(one);
    const alone = await new PartKeeper(load, undefined, taking).obtain(asked(one), environment);
    const room = alone.index.info.memoryBytes - stated + heapOfChanges(ROOM);
    const keeper = new PartKeeper(load, 2 * stated + rooms * room + 1, taking);
    const old = await keeper.obtain(asked(one), environment);
    shelf.publish(two);
    await keeper.obtain(asked(two), environment);
    const answer = () => (old.answer(question) as { readonly generation?: string }).generation;
    if (rooms === 2) expect(answer()).toBe(one.manifest.generation);
    else expect(answer).toThrow(expect.objectContaining({ code: "unknown_generation" }));
  });
});
