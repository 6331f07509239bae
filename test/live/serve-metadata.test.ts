import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { midx } from "../cli/run.ts";
import { type ServeProcess, startServe } from "./serve-process.ts";
import { BEARER, liveFiles, rowOf } from "./served-log.ts";

// A log in a folder keeps metadata that the index has no columns for, as that of a Durable Object does.

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

const VECTORIZE = "/client/v4/accounts/a/vectorize/v2/indexes/i";
const give = async (server: ServeProcess, label: string, i: number, metadata: object | null): Promise<number> => {
  const { status, body } = await server.post(
    "/v1/upsert",
    { labels: [label], rows: [rowOf(i)], metadata: [metadata] },
    BEARER,
  );
  expect(status, body.detail).toBe(200);
  return body.sequence as number;
};
/** The metadata of the best class for a row, as a query and a look-up return them. */
async function metadataOf(server: ServeProcess, label: string, i: number, minMutation: number): Promise<object> {
  const vector = rowOf(i).map((x) => 100 * x);
  const asked = { vector, topK: 1, returnMetadata: "all", minMutation };
  const { body } = await server.post(`${VECTORIZE}/query`, asked);
  const { matches } = (body as { result?: unknown }).result as { matches: [{ id: string; metadata: object }] };
  const { label: own, ...metadata } = matches[0].metadata as { label: string };
  expect([matches[0].id, own]).toEqual([label, label]);
  const found = await server.post(`${VECTORIZE}/get_by_ids`, { ids: [label] });
  expect(found.body).toMatchObject({ result: [{ id: label, metadata: matches[0].metadata }] });
  return metadata;
}

test("metadata are returned, updated and removed, and outlive compactions and trims", async () => {
  const { file, folder, argv } = await liveFiles();
  const run = async (...command: string[]): Promise<void> => {
    const { code, stderr } = await midx(command);
    expect(code, stderr).toBe(0);
  };
  await run("publish", file, "--folder", folder, "--as", "one");
  const options = [join(folder, "current.json"), ...argv.slice(1), "--refresh-seconds", "0.2"];
  const compact = () => run("compact", "--folder", folder, "--log", join(folder, "log"), "--calibrate", "carry");
  let server = await startServe("Node", bundle.cli, options);
  await give(server, "boot", 1, { page: "Boots for all", tags: ["warm"] });
  await give(server, "hat", 2, { page: "Hats" });
  const first = await give(server, "boot", 1, null); // a new row, and the same metadata
  expect(await metadataOf(server, "boot", 1, first)).toEqual({ page: "Boots for all", tags: ["warm"] });
  await compact();
  const second = await give(server, "boot", 1, { page: "Warm boots" });
  await compact();
  await compact(); // trims what the version before the last one has
  expect(existsSync(join(folder, "log", "metadata"))).toBe(true);
  expect(await metadataOf(server, "boot", 1, second)).toEqual({ page: "Warm boots" });
  expect(await metadataOf(server, "hat", 2, second)).toEqual({ page: "Hats" });
  await server.end("SIGKILL");
  server = await startServe("Node", bundle.cli, options);
  expect(await metadataOf(server, "boot", 1, second)).toEqual({ page: "Warm boots" });
  const removed = await server.post("/v1/delete", { labels: ["hat"] }, BEARER);
  const third = await give(server, "hat", 2, null);
  expect(third).toBe((removed.body.sequence as number) + 1);
  expect(await metadataOf(server, "hat", 2, third)).toEqual({});
  await compact();
  expect(await metadataOf(server, "hat", 2, third)).toEqual({});
  await server.end("SIGTERM");
});
