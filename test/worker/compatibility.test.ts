import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Pointer } from "../../src/publication/pointer.ts";
import { createWorker } from "../../worker/worker.ts";
import { assetFile, indexFile, sendTo } from "./client.ts";
import { publish } from "./publish.ts";
import { factsOf } from "./published-facts.ts";

const KEY = "contracts/current.json";
const VARS = { INDEX_SOURCE: "r2", INDEX_KEY: KEY, REFRESH_SECONDS: "0.001" };
const put = (key: string, value: Uint8Array | string) => env.INDEX.put(key, value);

/** A Worker that serves version "one", and its answer after it has seen the publication of `publishNext`. */
async function after(fields: Partial<Pointer>, publishNext: () => Promise<unknown>) {
  await publish(put, KEY, await indexFile(), "one", fields);
  const worker = createWorker();
  const ready = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return (await sendTo(worker, "/readyz", VARS)).json();
  };
  expect(await ready()).toMatchObject({ status: "ready", version: "one" });
  await publishNext();
  await ready();
  return { now: await ready(), ready };
}

const INCOMPATIBLE = {
  status: "degraded",
  version: "one",
  reason: {
    code: "incompatible_version",
    detail: expect.stringContaining("version two would break the clients of one, as it has 16 dimensions instead of 8"),
  },
};

it("a Worker keeps what it serves where a version of another dim is published, by the pointer or by the file", async () => {
  const wide = await assetFile("wide.midx");
  const facts = await factsOf(wide);
  expect((await after({}, () => publish(put, KEY, wide, "two"))).now).toMatchObject(INCOMPATIBLE);
  expect((await after({}, () => publish(put, KEY, wide, "two", { facts }))).now).toMatchObject(INCOMPATIBLE);
  const ownFacts = await factsOf(await indexFile());
  const lying = () => publish(put, KEY, wide, "two", { facts: ownFacts });
  expect((await after({ facts: ownFacts }, lying)).now).toMatchObject(INCOMPATIBLE);
});

it("a Worker does not read the parts of a version whose pointer says that it is incompatible", async () => {
  const wide = await assetFile("wide.midx");
  const facts = await factsOf(wide);
  const { now } = await after({}, () =>
    publish(put, KEY, wide, "two", { facts, parts: [{ sha256: "0".repeat(64), byteLength: 7 }], byteLength: 7 }),
  );
  expect(now).toMatchObject(INCOMPATIBLE);
});

it("a Worker takes it where its publisher began another contract with it, and goes back too", async () => {
  const wide = await assetFile("wide.midx");
  const facts = await factsOf(wide);
  const { now, ready } = await after({}, () => publish(put, KEY, wide, "two", { facts, contract: "two" }));
  expect(now).toMatchObject({ status: "ready", version: "two" });
  await publish(put, KEY, await indexFile(), "one");
  await ready();
  expect(await ready()).toMatchObject({ status: "ready", version: "one" });
});

it("a pointer of a later form is refused by its number, and what is served stays", async () => {
  const { now } = await after({}, () => put(KEY, '{"pointerVersion": 4}'));
  expect(now).toMatchObject({
    status: "degraded",
    reason: { code: "index_invalid", detail: expect.stringContaining('"pointerVersion" expected 1, 2 or 3, got 4') },
  });
});
