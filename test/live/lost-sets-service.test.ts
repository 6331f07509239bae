import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { SegmentNames } from "../../src/publication/segments/segment-names.ts";
import { bundleCli } from "../cli/bundle.ts";
import { midx } from "../cli/run.ts";
import { catalogue, Isolate, published, rowOf, type Shelf } from "./live-service.ts";
import { memorySegments } from "./log/memory-segments.ts";
import { openLog } from "./log/open-log.ts";
import { startServe } from "./serve-process.ts";
import { best, liveFiles, rowOf as longRowOf, upsert } from "./served-log.ts";

const FIRST = new SegmentNames("words/log/").set(1);
const ASK = { vector: rowOf(1), k: 200, exact: true };

/** A service with three changes, whose log then loses the first one. */
async function losing(shelf: Shelf) {
  const store = memorySegments();
  const isolate = new Isolate(shelf, openLog(store).log, { deltaSeconds: 0.05 });
  for (const [i, label] of ["one", "two", "three"].entries()) {
    expect((await isolate.send("/v1/upsert", { labels: [label], rows: [rowOf(500 + i)] })).status).toBe(200);
  }
  await isolate.settled();
  await store.remove(FIRST);
  return { store, isolate };
}

test("an isolate that begins refuses a log without its oldest sets by name", async () => {
  const shelf = { current: published(await catalogue(), "first") };
  const { store } = await losing(shelf);
  const fresh = new Isolate(shelf, openLog(store).log);
  const { status, body } = await fresh.send("/v1/predict", ASK);
  expect([status, body.code]).toEqual([503, "log_unfit"]);
  expect(body.detail).toContain(`${FIRST} is missing, and the log has sets up to 3`);
  const written = await fresh.send("/v1/upsert", { labels: ["four"], rows: [rowOf(1)] });
  expect([written.status, written.body.code]).toEqual([503, "log_unfit"]);
});

test("a version with the changes that are gone is served, as the message says", async () => {
  const shelf = { current: published(await catalogue(), "first") };
  const { store } = await losing(shelf);
  shelf.current = published(await catalogue(), "second", 3);
  const fresh = new Isolate(shelf, openLog(store).log);
  expect((await fresh.send("/v1/predict", ASK)).body).toMatchObject({ version: "second", mutation: 3 });
  expect((await fresh.send("/v1/upsert", { labels: ["four"], rows: [rowOf(1)] })).body.sequence).toBe(4);
});

test("an isolate that has all changes keeps them, and says that the log has lost one", async () => {
  const now = Date.now;
  let later = 0;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + later);
  onTestFinished(() => clock.mockRestore());
  const shelf = { current: published(await catalogue(), "first") };
  const { isolate } = await losing(shelf);
  later = 600_000;
  for (let i = 0; i < 2; i++) {
    expect((await isolate.send("/v1/predict", ASK)).body.labels).toContain("one");
    await isolate.settled();
    later += 1000;
    expect((await isolate.send("/readyz")).body).toMatchObject({
      status: "degraded",
      reason: { code: "log_unfit", detail: expect.stringContaining(`${FIRST} is missing`) },
    });
  }
  shelf.current = published(await catalogue(), "second", 3);
  await expect.poll(async () => (await isolate.send("/v1/predict", ASK)).body.version).toBe("second");
  expect((await isolate.send("/readyz")).body.status).toBe("ready");
});

test("midx serve refuses such a log by name", async () => {
  const bundle = await bundleCli();
  onTestFinished(() => bundle.remove());
  const { folder, argv } = await liveFiles();
  const first = await startServe("Node", bundle.cli, argv);
  for (const i of [0, 1, 2]) expect((await upsert(first, `new ${i}`, longRowOf(i))).status).toBe(200);
  expect(await best(first, longRowOf(0), 3)).toBe("new 0");
  rmSync(join(folder, "log", "000000000001.set"));
  await first.end("SIGTERM");
  const { code, stderr } = await midx(["serve", ...argv, "--port", "0"]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining("000000000001.set is missing, and the log has sets up to 3"),
  ]);
});
