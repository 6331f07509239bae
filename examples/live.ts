// Serves words that change, with the log of the changes in a folder. In Deno and in Bun:
//   WRITE_TOKEN=secret deno serve --port 8787 --allow-read --allow-write --allow-env examples/live.ts
//   WRITE_TOKEN=secret bun examples/live.ts
import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createLiveHandler, logInSegments, type SegmentStore } from "midx/live";

const path = (name: string) => fileURLToPath(new URL(`next-word/${name}`, import.meta.url));
const hash = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A folder for one process at a time. Several take `midx serve --log`. */
const folder = path(".");
const store: SegmentStore = {
  name: folder,
  async get(key) {
    const bytes = await readFile(`${folder}/${key}`).catch(() => undefined);
    return bytes && { bytes, etag: hash(bytes) };
  },
  has: (key) =>
    stat(`${folder}/${key}`).then(
      () => true,
      () => false,
    ),
  /** A prefix is a path within the folder: "" or one that ends in "/". */
  async list(prefix, behind) {
    const names = await readdir(`${folder}/${prefix}`).catch(() => []);
    return names
      .map((name) => prefix + name)
      .filter((key) => key > behind)
      .sort();
  },
  async put(key, bytes, condition) {
    await mkdir(dirname(`${folder}/${key}`), { recursive: true });
    const temporary = `${folder}/${randomUUID()}.tmp`;
    const file = await open(temporary, "wx");
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    if (condition === "absent") {
      const isNew = await link(temporary, `${folder}/${key}`).then(
        () => true,
        () => false,
      );
      await rm(temporary);
      return isNew;
    }
    if ((await store.get(key))?.etag !== condition.etag) return false;
    await rename(temporary, `${folder}/${key}`);
    return true;
  },
  remove: (key) => rm(`${folder}/${key}`, { force: true }),
};

const { WRITE_TOKEN = "", PORT = "8787" } = process.env;
const handler = createLiveHandler(() => readFile(path("next-word.midx")), {
  log: () => logInSegments(store, "next-word.log/"),
  ...(WRITE_TOKEN !== "" && { writeTokens: [hash(WRITE_TOKEN)] }),
});

/** The server that `deno serve` and `bun` run. */
export default { port: Number(PORT), fetch: (request: Request) => handler.fetch(request, {}) };
