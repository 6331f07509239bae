import { describe, expect, test } from "vitest";
import { createClient, createVectorizeBinding } from "../../worker/client.ts";

/** Clients that send nothing, and the requests that they would have sent. */
function silent() {
  const sent: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    sent.push(request);
    return Response.json({ version: "a", mutationId: "1", result: {} });
  };
  const url = "https://midx.test";
  return { sent, midx: createClient(url, { fetch }), binding: createVectorizeBinding(url, { fetch }) };
}

const QUERY = [1, 2];
const { NaN: none, POSITIVE_INFINITY: infinity } = Number;

// JSON writes these as null, which is "no value" in a filter and in metadata, or leaves them out.
const LACKING = [
  [{ price: none }, 'got NaN as "price"'],
  [{ price: infinity }, 'got Infinity as "price"'],
  [{ price: -infinity }, 'got -Infinity as "price"'],
  [{ price: { $ne: none } }, 'got NaN as "$ne"'],
  [{ price: { $in: [1, none] } }, 'got NaN as "1"'],
  [{ price: new Date(none) }, 'got null as "price"'],
  [{ price: Math.max }, 'got function as "price"'],
  [{ price: Symbol("x") }, 'got symbol as "price"'],
  [new Map([["price", none]]), 'got NaN as "price"'],
] as const;

describe("a value that JSON lacks is refused by the client", () => {
  test.each([...LACKING, [{ price: { $in: [undefined] } }, 'got undefined as "0"'] as const])(
    "in a filter: %o",
    async (given, got) => {
      const { midx, binding, sent } = silent();
      const filter = given as never;
      const message = `"filter" expected values that JSON has, ${got}`;
      for (const asked of [
        midx.predict(QUERY, { filter }),
        midx.predict(Float32Array.from(QUERY), { filter }),
        midx.sample([QUERY, QUERY], { draws: 1, conditions: [{}, { filter }] }),
        midx.vectorizeQuery(QUERY, { filter }),
        binding.query(QUERY, { filter }),
      ]) {
        await expect(asked).rejects.toThrow(new TypeError(message));
      }
      expect(sent).toEqual([]);
    },
  );

  test.each(LACKING)("in metadata: %o", async (given, got) => {
    const { midx, binding, sent } = silent();
    const metadata = given as never;
    const message = `"metadata" expected values that JSON has, ${got}`;
    for (const written of [
      midx.upsert({ labels: ["a", "b"], rows: [QUERY, QUERY], metadata: [null, metadata] }),
      binding.upsert([{ id: "a", values: QUERY, metadata }]),
    ]) {
      await expect(written).rejects.toThrow(new TypeError(message));
    }
    expect(sent).toEqual([]);
  });

  test("and what JSON has is sent", async () => {
    const { midx, sent } = silent();
    const filter = { price: { $gte: -1e300 }, name: undefined, stock: null } as never;
    await midx.predict(QUERY, { filter });
    await midx.upsert({ labels: ["a"], rows: [QUERY], metadata: [{ tags: ["a", undefined], filter: { x: null } }] });
    const bodies = await Promise.all(sent.map((request) => request.json()));
    expect(bodies).toMatchObject([
      { filter: { price: { $gte: -1e300 }, stock: null } },
      { metadata: [{ tags: ["a", null], filter: { x: null } }] },
    ]);
  });
});
