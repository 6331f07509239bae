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

/** Returns what a call does, or `otherwise` if it fails with this code. All other errors are thrown. */
const unless = <T, U>(code: string, call: Promise<T>, otherwise: U): Promise<T | U> =>
  call.catch((error) => {
    if (error.code === code) return otherwise;
    throw error;
  });

let turn: Promise<unknown> = Promise.resolve();
/** Makes one change after the other, so that no file changes between the look at its tag and its replacement. */
function inTurn<T>(change: () => Promise<T>): Promise<T> {
  const changed = turn.then(change);
  turn = changed.catch(() => undefined);
  return changed;
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A folder for one process at a time. Several take `midx serve --log`. */
const folder = path(".");
const store: SegmentStore = {
  name: folder,
  async get(key) {
    const bytes = await unless("ENOENT", readFile(`${folder}/${key}`), undefined);
    return bytes && { bytes, etag: hash(bytes) };
  },
  has: async (key) => (await unless("ENOENT", stat(`${folder}/${key}`), undefined)) !== undefined,
  /** A prefix is a path within the folder: "" or one that ends in "/". */
  async list(prefix, behind) {
    const names = await unless("ENOENT", readdir(`${folder}/${prefix}`), []);
    return names
      .map((name) => prefix + name)
      .filter((key) => key > behind)
      .sort();
  },
  async put(key, bytes, condition) {
    const [file, temporary] = [`${folder}/${key}`, `${folder}/${randomUUID()}.tmp`];
    await mkdir(dirname(file), { recursive: true });
    const replace = async (etag: string): Promise<boolean> => {
      if ((await store.get(key))?.etag !== etag) return false;
      await rename(temporary, file);
      return true;
    };
    try {
      await writeNew(temporary, bytes);
      if (condition !== "absent") return await inTurn(() => replace(condition.etag));
      const created = link(temporary, file).then(() => true);
      return await unless("EEXIST", created, false);
    } finally {
      await rm(temporary, { force: true });
    }
  },
  remove: (key) => inTurn(() => rm(`${folder}/${key}`, { force: true })),
};

const { WRITE_TOKEN = "", PORT = "8787" } = process.env;
const handler = createLiveHandler(() => readFile(path("next-word.midx")), {
  log: () => logInSegments(store, "next-word.log/"),
  ...(WRITE_TOKEN !== "" && { writeTokens: [hash(WRITE_TOKEN)] }),
});

/** The server that `deno serve` and `bun` run. */
export default { port: Number(PORT), fetch: (request: Request) => handler.fetch(request, {}) };
