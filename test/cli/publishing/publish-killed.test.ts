import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { cliBundle } from "../../../scripts/bundle/cli-bundle.ts";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { rollback } from "../../../src/cli/publishing/rollback.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { load } from "../../../src/index.ts";
import { EVERY } from "../../run/size.ts";
import { makeFolder } from "../files.ts";
import { indexes, SMALL_PARTS } from "./indexes.ts";
import { around, memoryStore } from "./memory-store.ts";
import { readPublished } from "./reader.ts";

const KEY = "words/current.json";
/** The bundle of publish-and-die.ts, which starts in a third of the time. */
let program: string;

const files: Record<string, Uint8Array<ArrayBuffer>> = {};
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-program-"));
  program = join(folder, "publish-and-die.mjs");
  const entryPoints = { "publish-and-die": join(import.meta.dirname, "publish-and-die.ts") };
  await build({ ...cliBundle, entryPoints, outdir: folder, outExtension: { ".js": ".mjs" } });
  return () => rmSync(folder, { recursive: true });
});
beforeAll(async () => {
  for (const [i, bytes] of (await indexes(2)).entries()) files[i === 0 ? "old" : "new"] = bytes;
});

const publishTo = (store: Store, version: "old" | "new") =>
  publish(store, KEY, files[version] as Uint8Array<ArrayBuffer>, { version, maxPartBytes: SMALL_PARTS });

/**
 * The number of calls of the store that a publication takes: 3 reads, one of them of the marks of midx prune, 3 × (read, put, read
 * back), version and current. After another version it looks for a log beside the pointer with 3 more calls.
 */
const callsAfter = (before: "old" | undefined): number => (before ? 17 : 14);

/** Returns the version that a reader sees after loading all of it. */
async function readWhole(store: Store): Promise<string | undefined> {
  const found = await readPublished(async (key) => (await store.get(key))?.bytes, KEY);
  if (!found) return undefined;
  const index = await load(found.bytes);
  expect(index.info.itemCount).toBe(100);
  index.dispose();
  expect(Buffer.compare(found.bytes, files[found.version] as Uint8Array)).toBe(0);
  return found.version;
}

/** Checks that the same publication and a rollback work after any failure. */
async function expectToGoOn(store: Store, before: "old" | undefined): Promise<void> {
  expect(await publishTo(store, "new")).toMatchObject({ pointer: { version: "new" } });
  expect(await readWhole(store)).toBe("new");
  if (before === undefined) return;
  await rollback(store, KEY);
  expect(await readWhole(store)).toBe(before);
}

describe.each([{ before: "old" }, { before: undefined }] as const)(
  "a publisher, with $before before it,",
  ({ before }) => {
    test.each(["before", "after"] as const)(
      "that dies %s any call of its store leaves the old version or the new one",
      async (moment) => {
        const outcomes: (string | undefined)[] = [];
        for (let fatal = 1; ; fatal++) {
          const store = memoryStore();
          if (before) await publishTo(store, before);
          const dies = around(store, async (run, at) => {
            if (at > fatal || (at === fatal && moment === "before")) throw new Error("died");
            const result = await run();
            if (at === fatal) throw new Error("died");
            return result;
          });
          const ended = await publishTo(dies, "new").then(
            () => "published",
            ({ message }) => message,
          );
          const version = await readWhole(store);
          expect([before, "new"]).toContain(version);
          await expectToGoOn(store, before);
          if (ended === "published") break;
          expect(ended).toBe("died");
          outcomes.push(version);
        }
        expect(outcomes).toHaveLength(callsAfter(before));
        expect(outcomes.slice(0, -1).every((version) => version === before)).toBe(true);
        expect(outcomes.at(-1)).toBe(moment === "after" ? "new" : before);
      },
    );

    // `npm run test:cases` tests the other moments of a first publication.
    test.each(EVERY || before ? ["before", "0", "2"] : ["0"])(
      "that is killed at any of them does the same in a folder: %s",
      async (moment) => {
        const file = join(makeFolder(), "new.midx");
        writeFileSync(file, files.new as Uint8Array);
        const outcomes: (string | undefined)[] = [];
        for (let fatal = 1; ; fatal++) {
          const folder = makeFolder();
          const store = folderStore(folder);
          if (before) await publishTo(store, before);
          const argv = [program, folder, file, "new", SMALL_PARTS, fatal, moment].map(String);
          const { status, signal, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
          if (signal !== "SIGKILL") expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
          const version = await readWhole(store);
          expect([before, "new"]).toContain(version);
          await expectToGoOn(store, before);
          expect(readFileSync(join(folder, "words/versions/new.json"), "utf8")).toContain('"version": "new"');
          if (status === 0) break;
          outcomes.push(version);
        }
        expect(outcomes).toHaveLength(callsAfter(before));
        expect(outcomes.slice(0, -1).every((version) => version === before)).toBe(true);
        expect(outcomes.at(-1)).toSatisfy(
          (version) => version === before || (moment !== "before" && version === "new"),
        );
      },
    );
  },
);
