import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkedConditions } from "../../../src/cli/segments/checked-conditions.ts";
import { folderSegments } from "../../../src/cli/segments/folder-segments.ts";
import { inTurn } from "../../../src/cli/segments/in-turn.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";
import { type S3Server, startS3 } from "../../cli/publishing/s3-server.ts";
import { ID, inBucket, SECRET } from "./log-in-bucket.ts";
import { describeLogPromises } from "./log-promises.ts";
import { fated, memorySegments } from "./memory-segments.ts";

const openIn = (store: () => SegmentStore) => async (name: string) => new SegmentLog(store(), `${name}/log/`);

describe("a log in memory", () => {
  const store = memorySegments();
  describeLogPromises(openIn(() => store));
});

describe("a log in a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-log-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  describeLogPromises(openIn(() => folderSegments(folder)));

  test("gives the largest set whole that a write can make", async () => {
    // 1,000 classes of 4,096 values and 10 KiB of metadata, from a body of 16 MiB
    const set = new Uint8Array(1000 * (4 * 4096 + 10_240 + 256));
    const log = new SegmentLog(folderSegments(folder), "large/log/");
    await log.append(set);
    expect((await log.read(0)).sets[0]?.bytes.byteLength).toBe(set.byteLength);
  });

  test("says what the system means, and names no temporary file", async () => {
    writeFileSync(join(folder, "file"), "");
    const inFile = new SegmentLog(folderSegments(join(folder, "file")), "");
    await expect(inFile.read(0)).rejects.toThrow(/^\S+kept\.json: a part of the path is not a folder \(ENOTDIR\)$/);
    const long = new SegmentLog(folderSegments(folder), "l".repeat(240));
    await expect(long.append(new Uint8Array([1]))).rejects.toThrow(
      /^\S+l000000000001\.set: the file name is too long \(ENAMETOOLONG\)$/,
    );
  });
});

describe("a log in a bucket", () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3("words", ID, SECRET);
  });
  afterAll(() => server.close());
  describeLogPromises(openIn(() => inBucket(server.url)));

  test("has a set once when the answer to its write was lost", async () => {
    const log = new SegmentLog(inBucket(server.url), "lost/log/");
    let isLost = false;
    server.before = async (method, key) => {
      if (method !== "PUT" || !key.endsWith(".set") || isLost) return undefined;
      isLost = true;
      return 503;
    };
    expect(await log.append(new Uint8Array([1]))).toEqual({ sequence: 1, isReplay: false });
    expect(isLost).toBe(true);
    expect(await log.read(0)).toMatchObject({ head: 1, sets: [{ sequence: 1 }] });
  });

  test("says what to do when the bucket refuses", async () => {
    server.before = async () => 403;
    const log = new SegmentLog(inBucket(server.url), "refused/log/");
    await expect(log.read(0)).rejects.toThrow(/^s3:\/\/words\/refused\/log\/kept\.json: 403 Forced: check AWS_/);
  });
});

test("a bucket that ignores one of the conditions of writes is refused at the first write", async () => {
  const store = memorySegments();
  for (const [known, ignored] of [
    ["etag", "If-None-Match: *"],
    ["absent", "If-Match with another etag"],
  ]) {
    const careless: SegmentStore = {
      ...store,
      async put(key, bytes, condition) {
        if ((condition === "absent" ? "absent" : "etag") === known) return store.put(key, bytes, condition);
        store.values.set(key, bytes);
        return true;
      },
    };
    const log = new SegmentLog(checkedConditions(careless, "words/log/"), "words/log/");
    await expect(log.append(new Uint8Array([1]))).rejects.toThrow(
      `memory writes whatever the condition (${ignored}): keep the log in a folder`,
    );
  }
  const checked = new SegmentLog(checkedConditions(store, "words/log/"), "words/log/");
  for (const sequence of [1, 2]) expect(await checked.append(new Uint8Array([1]))).toMatchObject({ sequence });
});

test("calls of one process do not race for a number", async () => {
  const calls: string[] = [];
  const memory = memorySegments();
  const slow: SegmentStore = {
    ...memory,
    async put(...args) {
      await new Promise((resolve) => setTimeout(resolve, 1)); // another call would come first
      return memory.put(...args);
    },
  };
  const store = fated(slow, (call) => {
    calls.push(call);
    return "made";
  });
  const log = inTurn(new SegmentLog(store, "words/log/"));
  const numbers = await Promise.all([1, 2, 3, 4, 5].map((byte) => log.append(new Uint8Array([byte]))));
  expect(numbers.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(calls.filter((call) => call === "put")).toHaveLength(5);
});
