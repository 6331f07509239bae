import { beforeAll, describe, expect, it } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { libraryIndex, post, queryOf } from "./client.ts";

let index: MultiIndex;
let vectors: number[][];
beforeAll(async () => {
  index = await libraryIndex();
  vectors = [1, 2].map((seed) => queryOf(index.info.dim, seed));
});

/** The bitmap of the classes that leave a rest below `most` when divided by 7. */
function bitmapOf(most: number): { readonly bytes: Uint8Array; readonly base64: string; readonly ids: number[] } {
  const { itemCount } = index.info;
  const ids = Array.from({ length: itemCount }, (_, id) => id).filter((id) => id % 7 < most);
  const bytes = new Uint8Array(Math.ceil(itemCount / 8));
  for (const id of ids) bytes[id >> 3] = (bytes[id >> 3] as number) | (1 << (id & 7));
  return { bytes, base64: btoa(String.fromCharCode(...bytes)), ids };
}

async function answerOf(path: string, body: object): Promise<object> {
  const response = await post(path, body);
  const { requestId: _, ...answer } = await response.json<Record<string, unknown>>();
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return answer;
}

describe("a bitmap of allowed classes", () => {
  it.each([
    ["/v1/predict", { k: 5 }, "allow"],
    ["/v1/sample", { draws: 20 }, "allow"],
    ["/v1/sample-top-k", { k: 5 }, "allow"],
    ["/v1/log-partition", {}, "allow"],
    ["/v1/log-probability", { ids: [7, 14] }, "allow"],
    ["/v1/slate-log-probability", { ids: [7, 14] }, "allow"],
    ["/v1/decode", { min_p: 0.2 }, "allowed_token_ids"],
    ["/v1/decode", { top_p: 0.5, certain: true }, "allowed_token_ids"],
  ])("at %s with %j is answered as its ids are", async (path, fields, field) => {
    const { base64: bitmap, ids } = bitmapOf(2);
    const seed = path === "/v1/slate-log-probability" ? {} : { seed: 3 };
    const [vector] = vectors;
    const byIds = await answerOf(path, { vector, ...fields, ...seed, [field]: ids });
    expect(await answerOf(path, { vector, ...fields, ...seed, [field]: { bitmap } })).toEqual(byIds);
    expect(await answerOf(path, { vector, ...fields, ...seed })).not.toEqual(byIds);
    const conditions = [{ [field]: { bitmap } }, {}];
    expect(await answerOf(path, { vectors, ...fields, ...seed, conditions })).toEqual(
      await answerOf(path, { vectors, ...fields, ...seed, conditions: [{ [field]: ids }, {}] }),
    );
  });

  it("is the library's, whatever bits lie behind the last class", async () => {
    const { bytes } = bitmapOf(3);
    expect(index.info.itemCount % 8).not.toBe(0);
    const last = bytes.length - 1;
    const filled = bytes.with(last, (bytes[last] as number) | (0xff << (index.info.itemCount % 8)));
    const body = { vector: vectors[0], k: 4, seed: 3, allow: { bitmap: btoa(String.fromCharCode(...filled)) } };
    const { ids } = index.predict(Float32Array.from(vectors[0] as number[]), 4, { allow: { bitmap: bytes }, seed: 3 });
    expect(await answerOf("/v1/predict", body)).toMatchObject({ ids: Array.from(ids) });
  });

  it("that is wrong is named by its field, that of one query too", async () => {
    const bad = { bitmap: "AAAA" };
    const single = await post("/v1/decode", { vector: vectors[0], allowed_token_ids: bad });
    expect(await single.json()).toMatchObject({
      status: 400,
      detail: expect.stringContaining('"allowed_token_ids.bitmap" expected'),
    });
    const each = await post("/v1/predict", { vectors, conditions: [{}, { allow: bad }] });
    expect(await each.json()).toMatchObject({
      status: 400,
      detail: expect.stringContaining('"conditions[1].allow.bitmap" expected'),
    });
  });

  it("comes on top of the largest body of one query", async () => {
    // The text of 1,000,000 classes. This index has fewer, which is told only after the body has passed.
    const bitmap = btoa("\0".repeat(125_000));
    const body = { vector: vectors[0], allow: { bitmap } };
    expect(await (await post("/v1/predict", body)).json()).toMatchObject({
      code: "invalid_field",
      detail: expect.stringContaining("got 125000"),
    });
    const padded = { ...body, exclude: Array.from({ length: 131_072 / 2 }, () => 1) };
    expect(await (await post("/v1/predict", padded)).json()).toMatchObject({
      code: "body_too_large",
      detail: "body expected at most 131072 bytes beside a bitmap",
    });
  });
});
