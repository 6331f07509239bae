import { expect, test } from "vitest";
import { load } from "../../src/index.ts";
import { createApp } from "../../worker/app.ts";
import { createClient } from "../../worker/client.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { noise } from "../cli/noise.ts";
import { buildIndex } from "../fixtures/build-index.ts";

// Queries that name the space that they are of, as writes name that of their rows.

const DIM = 4;
const serviceOf = async (space?: string) =>
  createApp(
    fixedHost(
      await load(
        await buildIndex({ data: noise(40 * DIM, 1), shape: [40, DIM] }, { bits: 2, ...(space && { space }) }),
      ),
    ),
  );
const service = await serviceOf("minilm-2");
const nameless = await serviceOf();

async function post(path: string, body: object, app = service) {
  const headers = { "content-type": "application/json" };
  const response = await app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

const vector = [1, 0.5, -0.25, 2];
const CALLS: readonly (readonly [path: string, body: object])[] = [
  ["/v1/predict", { vector, k: 2 }],
  ["/v1/predict", { vectors: [vector, vector], k: 2 }],
  ["/v1/sample", { vector, draws: 3 }],
  ["/v1/sample-top-k", { vector, k: 2 }],
  ["/v1/log-partition", { vector }],
  ["/v1/log-probability", { vector, ids: [1] }],
  ["/v1/slate-log-probability", { vector, ids: [1] }],
  ["/v1/decode", { vector }],
];

test.each(CALLS)("%s refuses queries of another space by name, and answers those of its own", async (path, body) => {
  const other = await post(path, { ...body, space: "minilm-3" });
  expect(other.status).toBe(400);
  const problem =
    '"space" expected "minilm-2", the space of the index, got "minilm-3": ask with the model of the index';
  expect(other.text).toContain(JSON.stringify(problem).slice(1, -1));
  expect((await post(path, { ...body, space: "minilm-2" })).status).toBe(200);
  expect((await post(path, body)).status).toBe(200);
  expect((await post(path, { ...body, space: "minilm-3" }, nameless)).status).toBe(200);
  expect((await post(path, { ...body, space: 3 })).text).toContain("expected a string, got 3");
});

test("the name changes no bit of an answer, and the client sends it", async () => {
  const midx = createClient("http://localhost", { fetch: async (request) => service.request(request) });
  const { requestId: _, ...plain } = await midx.predict(Float32Array.from(vector), { k: 3, seed: 1 });
  for (const query of [vector, Float32Array.from(vector)]) {
    const { requestId: __, ...named } = await midx.predict(query, { k: 3, seed: 1, space: "minilm-2" });
    expect(named).toEqual(plain);
    await expect(midx.predict(query, { k: 3, space: "other" })).rejects.toMatchObject({ code: "invalid_field" });
  }
});
