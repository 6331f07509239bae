import { expect, expectTypeOf, test } from "vitest";
import { createClient, type MidxError } from "../../worker/client.ts";
import { FaultyHost, killed } from "./faulty-hosts.ts";
import { hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf, wholeIndex } from "./parted-files.ts";

// midx/client as a client of a router.

const SIZES = [60, 90, 50];
const shelf = new ManifestShelf();
const files = await partedFiles({ version: "a", seed: 1, sizes: SIZES });
shelf.publish(files);
const whole = await wholeIndex(files);
const hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
const { app } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]);
const midx = createClient("https://words.example.com", { fetch: async (request) => app.fetch(request) });
const query = queryOf(1);
const allow = { partial: "allow", exact: true } as const;

test("the answer of all parts has what that of an index has, and coverage", async () => {
  const answer = await midx.predict(query, { k: 5, ...allow });
  expect(answer.coverage).toEqual({ parts: 3, of: 3, classes: 1 });
  if (!("probabilities" in answer)) throw new Error("a part is missing");
  expectTypeOf(answer.logPartition).toEqualTypeOf<number | null>();
  expect(answer.ids).toEqual(Array.from(whole.predict(query, 5, { exact: true }).ids));
  expect((await midx.info()).parts?.map(({ classes }) => classes)).toEqual(SIZES);
});

test("what some of the parts tell is an answer where that is allowed, and else an error", async () => {
  await midx.ready();
  (hosts[1] as FaultyHost).fault = killed;
  const coverage = { parts: 2, of: 3, classes: 110 / 200 };
  const some = await midx.predict(query, { k: 5, ...allow });
  expect("probabilities" in some).toBe(false);
  expect(some).toMatchObject({ exact: false, coverage });
  const { results } = await midx.predict([query, query], { k: 5, ...allow });
  expect(results.map((answer) => answer.ids)).toEqual([some.ids, some.ids]);
  const bound = await midx.logPartition(query, allow);
  expect("upper" in bound).toBe(false);
  expect(bound.coverage).toEqual(coverage);
  expect(bound.lower).toBeLessThan(whole.logPartition(query, { exact: true }).logPartition);
  const bounds = await midx.logPartition([query, query], allow);
  expect(bounds.results.map(({ lower }) => lower)).toEqual([bound.lower, bound.lower]);
  const { matches, coverage: ofMatches } = await midx.vectorizeQuery(query, { topK: 5, partial: "allow" });
  expect(matches.map(({ id }) => Number(id))).toEqual(some.ids);
  expect(ofMatches).toEqual(coverage);
  await expect(midx.predict(query, { k: 5 })).rejects.toMatchObject({
    ...{ status: 503, code: "part_missing", retryAfter: 1 },
  } satisfies Partial<MidxError>);
  (hosts[1] as FaultyHost).fault = undefined;
});
