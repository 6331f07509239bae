import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { createVectorizeBinding, MidxError, type VectorizeBinding } from "../../worker/client.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { SERVED_DIM, servedIndex, servedQuery } from "../fixtures/served-index.ts";

const LABELS = Array.from({ length: 60 }, (_, id) => `word ${id}`);
const VECTOR = servedQuery(1);
const SHA256_OF_SECRET = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

let index: MultiIndex;
beforeAll(async () => {
  index = await servedIndex({ itemCount: 60, labels: LABELS });
});

/** A binding of the application in this process, and the bodies that it has sent. */
function bindingOf(token?: string): { binding: VectorizeBinding; sent: string[] } {
  const app = createApp(fixedHost(index, { tokens: [SHA256_OF_SECRET] }));
  const sent: string[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    sent.push(await request.clone().text());
    return app.request(request);
  };
  return { binding: createVectorizeBinding("https://midx.test/", { fetch, token: token ?? "secret" }), sent };
}

describe("a client of the binding's shape", () => {
  test("gives the library's matches, for every type of vector", async () => {
    const { binding } = bindingOf();
    const { ids, scores } = index.topK(VECTOR, 5);
    const matches = Array.from(ids, (id, rank) => ({ id: LABELS[id], score: scores[rank] }));
    for (const vector of [VECTOR, Float64Array.from(VECTOR), Array.from(VECTOR)]) {
      expect(await binding.query(vector)).toEqual({ count: 5, matches });
    }
    const asked = { topK: 2, returnValues: true, returnMetadata: true, filter: {} };
    expect((await binding.query(VECTOR, asked)).matches).toEqual(
      matches.slice(0, 2).map((match, rank) => ({
        ...match,
        values: Array.from(index.rows([ids[rank] as number])),
        metadata: { label: match.id },
      })),
    );
  });

  test("asks with the stored row of an id", async () => {
    const { binding } = bindingOf();
    const { ids, scores } = index.topK(index.rows([7]), 3);
    const matches = Array.from(ids, (id, rank) => ({ id: LABELS[id], score: scores[rank] }));
    expect(await binding.queryById("word 7", { topK: 3 })).toEqual({ count: 3, matches });
    await expect(binding.queryById("nobody")).rejects.toMatchObject({
      status: 400,
      detail: '"vectorId" expected an id of the index, got an unknown string',
    });
  });

  test("gets vectors by their ids", async () => {
    const { binding } = bindingOf();
    expect(await binding.getByIds(["word 3", "nobody"])).toEqual([
      { id: "word 3", values: Array.from(index.rows([3])), metadata: { label: "word 3" } },
    ]);
  });

  test("describes the index as both of Workers' types have it", async () => {
    const { contentId } = index.info;
    expect(await bindingOf().binding.describe()).toEqual({
      id: contentId,
      name: contentId.slice(0, 12),
      config: { dimensions: SERVED_DIM, metric: "dot-product" },
      dimensions: SERVED_DIM,
      ...{ vectorCount: 60, vectorsCount: 60, processedUpToDatetime: 0, processedUpToMutation: 0 },
    });
  });

  test("rejects with the refusal of a service that takes no changes", async () => {
    const { binding, sent } = bindingOf();
    const vectors = [{ id: "word 1", values: [1, 2, 3, 4] }];
    for (const change of [
      () => binding.insert(vectors),
      () => binding.upsert(vectors),
      () => binding.deleteByIds(["word 1"]),
    ]) {
      const error: unknown = await change().catch((reason) => reason);
      expect(error).toBeInstanceOf(MidxError);
      expect(error).toMatchObject({
        ...{ status: 405, code: "immutable" },
        detail: expect.stringContaining("`midx publish`"),
      });
    }
    const line = `${JSON.stringify(vectors[0])}\n`;
    expect(sent).toEqual([line, line, '{"ids":["word 1"]}']);
  });

  test("rejects with every other refusal, too", async () => {
    const { binding } = bindingOf();
    const refused = { status: 400, code: "invalid_field" };
    await expect(binding.query(VECTOR, { namespace: "a" })).rejects.toMatchObject(refused);
    await expect(binding.query(VECTOR, { filter: { genre: "news" } })).rejects.toMatchObject(refused);
    await expect(binding.query([1])).rejects.toMatchObject(refused);
    await expect(bindingOf("another").binding.query(VECTOR)).rejects.toMatchObject({ status: 401 });
    await expect(bindingOf("another").binding.describe()).rejects.toMatchObject({ status: 401 });
  });
});
