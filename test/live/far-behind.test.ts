import { beforeEach, expect, test } from "vitest";
import { openIndex } from "../../worker/live/open-index.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { publishedAt } from "../../worker/publication/published-at.ts";
import { COUNT, catalogue, Isolate, loadSmall, published, rowOf, type Shelf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, shelfOfParts } from "./parted-shelf.ts";

// A rollback, or a damaged file, brings back a version from which the log is further away than writers may get.

const file = catalogue();
const SMALL = { maxDelta: 3, deltaSeconds: 0.05 };
let log: MemoryLog;
beforeEach(() => {
  log = new MemoryLog();
});

/** Writes 1,800 classes, more than there is memory for beside 3 rows, as later versions let writers do. */
async function writeMany(shelf: ConstructorParameters<typeof Isolate>[0]): Promise<void> {
  const writer = new Isolate(shelf, log, { maxDelta: 5000 });
  for (const name of ["a", "b", "a", "c"]) {
    const labels = Array.from({ length: 600 }, (_, i) => `${name} ${i}`);
    const { status } = await writer.send("/v1/upsert", { labels, rows: labels.map((_, i) => rowOf(i)) });
    expect(status).toBe(200);
  }
  expect((await writer.send("/v1/delete", { labels: Array.from({ length: 600 }, (_, i) => `c ${i}`) })).status).toBe(
    200,
  );
}

/** Expects all changes in answers, and no room for others. */
async function expectAll(isolate: Isolate): Promise<void> {
  expect((await isolate.send("/readyz")).body.status).toBe("ready");
  const { body } = await isolate.send("/v1/info");
  expect(body).toMatchObject({ version: "first", mutation: log.head, itemCount: COUNT + 1800 });
  const full = await isolate.send("/v1/upsert", { labels: ["new"], rows: [rowOf(5)] });
  expect([full.status, full.body.detail]).toEqual([507, expect.stringContaining("at most 3 rows or new labels")]);
  expect((await isolate.send("/v1/delete", { labels: ["nobody"] })).status).toBe(200);
}

test("it has the room that the log needs, in an isolate that served another version and in a new one", async () => {
  const shelf: Shelf = { current: published(await file, "first") };
  await writeMany(shelf);
  const first = shelf.current;
  shelf.current = published(await file, "second", 4);
  const warm = new Isolate(shelf, log, SMALL);
  expect((await warm.send("/v1/info")).body).toMatchObject({ version: "second", mutation: 5 });
  shelf.current = { ...first, tag: "back" };
  await expect.poll(async () => (await warm.send("/v1/info")).body.version).toBe("first");
  await expectAll(warm);
  await expectAll(new Isolate(shelf, log, SMALL));
});

test("it takes the place of a version whose file is damaged", async () => {
  const first = published(await file, "first");
  const shelf: Shelf = { current: first };
  await writeMany(shelf);
  const damaged = published(new Uint8Array(100), "second", 4);
  shelf.current = { ...damaged, previous: async () => first };
  const isolate = new Isolate(shelf, log, SMALL);
  const { body } = await isolate.send("/v1/info");
  expect(body).toMatchObject({ version: "first", mutation: log.head, itemCount: COUNT + 1800 });
});

test("parts in one process have that room, too", async () => {
  const rows = new Map(Array.from({ length: COUNT }, (_, i) => [`word ${i}`, rowOf(i)]));
  const shelf = shelfOfParts(await publishedParts(rows, [15], "first"));
  await writeMany(shelf);
  await expectAll(new Isolate(shelf, log, SMALL));
});

test("a file without a pointer is read again for that room", async () => {
  const shelf: Shelf = { current: published(await file, "first") };
  await writeMany(shelf);
  const store = { name: "the bucket", open: async () => ({ tag: "a", body: new Blob([await file]).stream() }) };
  const current = (await publishedAt(store, "words.midx").look()) as Publication;
  const { body } = await new Isolate({ current }, log, SMALL).send("/v1/info");
  expect(body).toMatchObject({ mutation: log.head, itemCount: COUNT + 1800 });
});

test("it is refused by name if there is no memory for that", async () => {
  const shelf: Shelf = { current: published(await file, "first") };
  await writeMany(shelf);
  const open = openIndex((source, options) => loadSmall(source, { ...options, maxBytes: 500_000 }));
  const { status, body } = await new Isolate({ ...shelf, open }, log, SMALL).send("/v1/info");
  expect([status, body.code]).toEqual([503, "index_too_large"]);
  expect(body.detail).toMatch(/^the changes of the log need room for 2800 rows: index needs .*, limit is/);
});
