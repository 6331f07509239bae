import { expect, it } from "vitest";
import { libraryIndex, post, queryOf, send } from "./client.ts";

it("answers every one of many first requests that come at once", async () => {
  const statuses = await Promise.all(Array.from({ length: 32 }, async () => (await send("/readyz")).status));
  expect(new Set(statuses)).toEqual(new Set([200]));
});

it("gives requests that overlap the answers they get one by one", async () => {
  const { dim } = (await libraryIndex()).info;
  const bodies = Array.from({ length: 32 }, (_, i) => ({ vector: queryOf(dim, i), k: 8, seed: i }));
  const ask = async (body: object) => (await post("/v1/predict", body)).text().then(withoutRequestId);
  const together = await Promise.all(bodies.map(ask));
  for (const [i, body] of bodies.entries()) expect(await ask(body)).toBe(together[i]);
});

const withoutRequestId = (answer: string): string => answer.replace(/"requestId":"[^"]*"/, "");
