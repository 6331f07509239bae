import { beforeEach, describe, expect, test } from "vitest";
import { encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { type RollbackOptions, rollback } from "../../../src/cli/publishing/rollback.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { memorySegments } from "../../live/log/memory-segments.ts";
import { around, type MemoryStore, memoryStore, sha256Of } from "./memory-store.ts";
import { readPublished } from "./reader.ts";

const KEY = "words/current.json";
const fileOf = (version: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`${version} and much else`.repeat(200));

let store: MemoryStore;
const publishTo = (target: Store, version: string) =>
  publish(target, KEY, fileOf(version), { version, maxPartBytes: 1000 });
const back = (options?: RollbackOptions, target: Store = store) => rollback(target, KEY, options);
const read = async () => {
  const found = await readPublished(async (key) => store.values.get(key), KEY);
  expect(found && sha256Of(found.bytes)).toBe(found && sha256Of(fileOf(found.version)));
  return found?.version;
};

beforeEach(async () => {
  store = memoryStore();
  for (const version of ["a", "b", "c"]) await publishTo(store, version);
});

describe("a rollback", () => {
  test("goes to the version before, as it was published, and another one further", async () => {
    expect(await back()).toMatchObject({ outcome: "rolled-back", from: "c", pointer: { version: "b", previous: "a" } });
    expect(await read()).toBe("b");
    expect(store.values.get(KEY)).toEqual(store.values.get("words/versions/b.json"));
    expect(await back()).toMatchObject({ from: "b", pointer: { version: "a" } });
    expect(await read()).toBe("a");
    await expect(back()).rejects.toThrow(`memory: ${KEY} is a, which has no previous version`);
    expect(await read()).toBe("a");
  });

  test("goes to a version by its name, before or after the current one", async () => {
    await back({ to: "a" });
    expect(await read()).toBe("a");
    await back({ to: "c" });
    expect(await read()).toBe("c");
    expect(await back({ to: "c" })).toMatchObject({ outcome: "current", from: "c" });
  });

  test("may be followed by a publication, of something new or of what was rolled back", async () => {
    await back();
    expect(await publishTo(store, "d")).toMatchObject({ pointer: { version: "d", previous: "b" } });
    expect(await publishTo(store, "c")).toMatchObject({
      outcome: "published",
      newParts: 0,
      pointer: { previous: "d" },
    });
    await back();
    expect(await read()).toBe("d");
  });

  test.each(["nothing", "../../x", ""])("to %j is refused: there is no such version", async (to) => {
    await expect(back({ to })).rejects.toThrow(`there is no version ${JSON.stringify(to)}`);
    expect(await read()).toBe("c");
  });

  test("where nothing was published says so", async () => {
    await expect(back({}, memoryStore())).rejects.toThrow(`memory: ${KEY} is missing: nothing was published`);
  });

  test("to a version of which a part is damaged or gone is refused, and the current one stays", async () => {
    const part = `words/parts/${sha256Of(fileOf("b").subarray(1000, 2000))}`;
    store.values.set(part, fileOf("a").slice(0, 1000));
    await expect(back()).rejects.toThrow(`memory: ${part} has another hash`);
    store.values.delete(part);
    await expect(back()).rejects.toThrow(`memory: ${part} is missing`);
    expect(await read()).toBe("c");
  });

  test("to a pointer that is another version's, or whose parts are another file, is refused", async () => {
    const [a, b] = ["a", "b"].map(
      (version) => store.values.get(`words/versions/${version}.json`) as Uint8Array<ArrayBuffer>,
    );
    store.values.set("words/versions/b.json", a as Uint8Array<ArrayBuffer>);
    await expect(back()).rejects.toThrow("words/versions/b.json is the pointer of a");
    const { parts, ...pointer } = JSON.parse(Buffer.from(b as Uint8Array).toString());
    const mixed = JSON.stringify({ ...pointer, parts: [parts[1], parts[0], ...parts.slice(2)] });
    store.values.set("words/versions/b.json", new TextEncoder().encode(mixed));
    await expect(back()).rejects.toThrow("its parts do not add up to the file");
    expect(await read()).toBe("c");
  });

  test("that a publication overtakes changes nothing", async () => {
    const late = around(store, async (run, _at, call) => {
      if (call === "put") await publishTo(store, "d");
      return run();
    });
    await expect(back({}, late)).rejects.toThrow(`another publication came first: memory: ${KEY} is now d`);
    expect(await read()).toBe("d");
  });
});

describe("a rollback of an index that changes", () => {
  const facts = { itemCount: 9, dim: 4, metric: "dot", hasLabels: true, memoryBytes: 1 } as const;
  /** Publishes versions with the changes up to these numbers. */
  const publishAll = async (...sequences: number[]) => {
    store = memoryStore();
    for (const [i, sequence] of sequences.entries()) {
      const version = `v${i}`;
      await publish(store, KEY, fileOf(version), { version, facts, sequence, maxPartBytes: 1000 });
    }
  };
  const logOf = async (sets: number, trimmed: number, prefix = "words/log/") => {
    const segments = memorySegments();
    const log = new SegmentLog(segments, prefix);
    for (let i = 0; i < sets; i++) await log.append(encodeLoggedSet({ removals: [`item ${i}`] }));
    if (trimmed > 0) await log.trim(trimmed);
    return { segments, log };
  };
  const putBeside = async (sets: number, trimmed: number) => {
    const { segments } = await logOf(sets, trimmed);
    for (const [key, bytes] of segments.values) store.values.set(key, Uint8Array.from(bytes));
  };
  const current = async () => (await readPublished(async (key) => store.values.get(key), KEY))?.version;

  test.each([
    ["the log beside the pointer", async () => putBeside(9, 5), undefined],
    ["a log elsewhere", async () => {}, async () => ({ name: "s3://logs/words", log: (await logOf(9, 5, "")).log })],
  ] as const)("is refused if %s no longer has the changes behind the version", async (_, prepare, logElsewhere) => {
    await publishAll(1, 4, 5, 9);
    await prepare();
    const log = await logElsewhere?.();
    const options = log ? { log } : {};
    const place = log ? "s3://logs/words" : "memory: words/log/";
    for (const to of ["v0", "v1"]) {
      await expect(back({ ...options, to })).rejects.toThrow(
        `needs the changes behind ${to === "v0" ? 1 : 4}, and the log, ${place}, no longer has those up to 5, so`,
      );
      expect(await current()).toBe("v3");
    }
    expect(await back({ ...options, to: "v2" })).toMatchObject({ outcome: "rolled-back" });
    expect(await back({ ...options, to: "v0", isForced: true })).toMatchObject({ outcome: "rolled-back" });
  });

  test.each([2, 3])("is refused if the log beside the pointer has lost set %i behind the version", async (lost) => {
    await publishAll(1, 3, 9);
    await putBeside(9, 0);
    const key = `words/log/00000000000${lost}.set`;
    store.values.delete(key);
    await expect(back({ to: "v0" })).rejects.toThrow(
      `version v0 needs the changes behind 1, and memory: ${key} is missing, and the log has sets up to 9: put it back, or`,
    );
    const again = { version: "v9", facts, sequence: 1, maxPartBytes: 1000 };
    await expect(publish(store, KEY, fileOf("v9"), again)).rejects.toThrow(`memory: ${key} is missing`);
    expect(await current()).toBe("v2");
    expect(await back({ to: "v1" })).toMatchObject({ outcome: "rolled-back" });
    expect(await back({ to: "v0", isForced: true })).toMatchObject({ outcome: "rolled-back" });
  });

  test.each([true, false])(
    "and a publication are refused if the log ends before the version: beside the pointer %s",
    async (isBeside) => {
      await publishAll(1, 9);
      await putBeside(8, 0);
      const tooFar = { version: "v9", facts, sequence: 9999, maxPartBytes: 1000 };
      await expect(publish(store, KEY, fileOf("v9"), tooFar)).rejects.toThrow(
        "version v9 has the changes up to 9999, and the log, memory: words/log/, ends with 8: say with --sequence which change its table has",
      );
      expect(await current()).toBe("v1");
      expect(await publish(store, KEY, fileOf("v9"), { ...tooFar, isForced: true })).toMatchObject({
        outcome: "published",
      });
      const named = isBeside ? {} : { log: { name: "words-log", log: (await logOf(8, 0)).log } };
      await expect(back(named)).rejects.toThrow(
        `version v1 has the changes up to 9, and the log, ${isBeside ? "memory: words/log/" : "words-log"}, ends with 8: `,
      );
      expect(await back({ ...named, to: "v0" })).toMatchObject({ outcome: "rolled-back" });
    },
  );

  test("goes wherever a log that was never trimmed has the changes, and refuses the log of another index", async () => {
    await publishAll(1, 4, 9);
    await putBeside(9, 0);
    expect(await back({ to: "v0" })).toMatchObject({ outcome: "rolled-back" });
    const { log } = await logOf(3, 0);
    await expect(back({ to: "v1", log: { name: "words-log", log } })).rejects.toThrow(
      "version v1 has the changes up to 4, and the log, words-log, ends with 3: '--log' is that of another index",
    );
  });

  test("is refused if no log is found and a compaction may have trimmed it, but not to the version before", async () => {
    await publishAll(1, 4, 9);
    await expect(back({ to: "v0" })).rejects.toThrow(
      "needs the changes behind 1, and a compaction may have trimmed the log up to 4, so",
    );
    expect(await current()).toBe("v2");
    expect(await back()).toMatchObject({ pointer: { version: "v1" } });
  });

  test("is not needed if a publication that the log beside the pointer cannot continue is refused", async () => {
    await publishAll(1, 4);
    await putBeside(9, 3);
    const publishFourth = (more: object) =>
      publish(store, KEY, fileOf("v9"), { version: "v9", facts, maxPartBytes: 1000, ...more });
    for (const sequence of [undefined, 2]) {
      await expect(publishFourth(sequence === undefined ? {} : { sequence })).rejects.toThrow(
        `version v9 needs the changes behind ${sequence ?? 0}, and the log, memory: words/log/, no longer has those up to 3, so`,
      );
    }
    expect(await current()).toBe("v1");
    expect(await publishFourth({ sequence: 3 })).toMatchObject({ outcome: "published" });
    await publishAll(1, 4);
    await putBeside(9, 3);
    expect(await publishFourth({ isForced: true })).toMatchObject({ outcome: "published" });
  });

  test("nor one that a log elsewhere cannot continue, which a compaction has trimmed", async () => {
    await publishAll(1, 4);
    store.values.set("words/current.trimmed.json", new TextEncoder().encode('{"upTo":3}\n'));
    const again = { version: "v9", facts, maxPartBytes: 1000 };
    await expect(publish(store, KEY, fileOf("v9"), { ...again, sequence: 2 })).rejects.toThrow(
      "version v9 needs the changes behind 2, and a compaction may have trimmed the log up to 3, so",
    );
    expect(await current()).toBe("v1");
    expect(await publish(store, KEY, fileOf("v9"), { ...again, sequence: 3 })).toMatchObject({ outcome: "published" });
  });
});
