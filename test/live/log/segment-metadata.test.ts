import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { type ChangeLog, KEY_LIFE_MS } from "../../../src/publication/change-log.ts";
import { SEGMENT_SETS } from "../../../src/publication/segments/segment.ts";
import type { SegmentLogOptions } from "../../../src/publication/segments/segment-log.ts";
import { EVERY } from "../../run/size.ts";
import { fated, Killed, memorySegments } from "./memory-segments.ts";
import { openLog, setOf } from "./open-log.ts";

type Metadata = Record<string, unknown>;
const upsert = (metadata: Readonly<Record<string, Metadata | null>>): Uint8Array => {
  const labels = Object.keys(metadata);
  const given = labels.map((label) => metadata[label] ?? null);
  return encodeLoggedSet({ upserts: { labels, rows: labels.map(() => 1), metadata: given as never } });
};
const removal = (...removals: string[]): Uint8Array => encodeLoggedSet({ removals });
const metadataOf = (log: ChangeLog, ...labels: string[]) =>
  (log.metadata as NonNullable<ChangeLog["metadata"]>)(labels);

/** A log whose clock a test moves. */
function clocked(options: SegmentLogOptions = {}) {
  const store = memorySegments();
  const clock = { now: 1e12 };
  const open = (of = store) => openLog(of as typeof store, () => clock.now, options).log;
  return { store, clock, open, log: open() };
}

describe("metadata in a log in segments", () => {
  test("are the last that each class was given, in this process and in others", async () => {
    const { log, open } = clocked();
    await log.append(upsert({ a: { text: "old" }, b: { text: "b" } }));
    await log.append(upsert({ a: { text: "new", $namespace: "shelf" } }));
    await log.append(upsert({ a: null, "e\u0301": { text: "two letters" }, "\u00e9": { text: "one letter" } }));
    const expected = [{ text: "new" }, null, { text: "b" }, { text: "two letters" }, { text: "one letter" }];
    const labels = ["a", "nobody", "b", "e\u0301", "\u00e9"];
    for (const each of [log, open()]) expect(await metadataOf(each, ...labels)).toEqual(expected);
  });

  test("end with their class, and it has none when it comes again", async () => {
    const { log, open } = clocked();
    await log.append(upsert({ a: { text: "first" } }));
    const other = open();
    expect(await metadataOf(other, "a")).toEqual([{ text: "first" }]);
    await log.append(removal("a", "nobody"));
    await log.append(setOf("a"));
    for (const each of [log, other, open()]) expect(await metadataOf(each, "a", "nobody")).toEqual([null, null]);
  });

  test("outlive their sets: a trim files them, and the last set of a class decides", async () => {
    const { log, open, store, clock } = clocked();
    await log.append(upsert({ a: { text: "old" }, b: { text: "b" }, c: { text: "c" } }));
    await log.append(removal("b"));
    await log.append(upsert({ a: { text: "new" } }));
    const early = open(); // knows the sets, and not of the trim
    await metadataOf(early, "a");
    await log.trim(3);
    clock.now += KEY_LIFE_MS;
    await log.trim(3);
    expect([...store.values.keys()].filter((key) => key.endsWith(".set"))).toEqual([]);
    const expected = [{ text: "new" }, null, { text: "c" }];
    for (const each of [log, early, open()]) expect(await metadataOf(each, "a", "b", "c")).toEqual(expected);
    await log.append(upsert({ c: { text: "newer" } }));
    await log.append(removal("a"));
    for (const each of [log, early, open()]) {
      expect(await metadataOf(each, "a", "b", "c")).toEqual([null, null, { text: "newer" }]);
    }
    await log.trim(5);
    clock.now += KEY_LIFE_MS;
    await log.trim(5);
    for (const each of [log, open()]) {
      expect(await metadataOf(each, "a", "b", "c")).toEqual([null, null, { text: "newer" }]);
    }
    const texts = Array.from(store.values.values(), (bytes) => new TextDecoder().decode(bytes)).join();
    for (const gone of ["old", '"new"', '"b"']) expect(texts, "what is removed is gone").not.toContain(gone);
  });

  test("are read from the sets that gave them, one by one, and from rolled-up segments when they are sought", async () => {
    const { log, store, clock } = clocked();
    const count = 2 * SEGMENT_SETS + 5;
    for (let i = 0; i < count; i++) await log.append(upsert({ [`class ${i}`]: { i } }));
    const calls: string[] = [];
    const { log: other } = openLog(
      fated(store, (call, key) => {
        calls.push(`${call} ${key}`);
        return "made";
      }),
      () => clock.now,
    );
    expect(await metadataOf(other, "class 0", "class 70", "nobody")).toEqual([{ i: 0 }, { i: 70 }, null]);
    expect(calls.length).toBeLessThan(40);
    calls.length = 0;
    expect(await metadataOf(other, "class 3")).toEqual([{ i: 3 }]);
    expect(calls.filter((call) => call.startsWith("get "))).toHaveLength(2); // the next set, and that of the class
  });

  test("cost a log without any nothing but a look", async () => {
    const { log, store } = clocked();
    for (const name of ["a", "b"]) await log.append(setOf(name));
    await log.append(removal("a"));
    await log.trim(3);
    expect([...store.values.keys()].filter((key) => key.includes("metadata"))).toEqual([]);
    expect(await metadataOf(log, "a", "b")).toEqual([null, null]);
  });

  test("cost a log without any no look at each set, however many classes the sets name", async () => {
    const { log, store, clock } = clocked();
    for (let set = 0; set < 20; set++) {
      await log.append(encodeLoggedSet({ removals: Array.from({ length: 1500 }, (_, i) => `class ${set} ${i}`) }));
    }
    const calls: string[] = [];
    const { log: other } = openLog(
      fated(store, (call) => {
        calls.push(call);
        return "made";
      }),
      () => clock.now,
    );
    await other.trim(20);
    expect(calls.filter((call) => call === "get").length).toBeLessThan(40);
  });

  test("are filed in several runs of a Worker where they are many, and the log is trimmed as far", async () => {
    const { log, store, clock } = clocked();
    const name = (set: number, i: number): string => `class ${set} ${i}`;
    for (let set = 0; set < 6; set++) {
      await log.append(upsert(Object.fromEntries(Array.from({ length: 900 }, (_, i) => [name(set, i), { set, i }]))));
    }
    let calls = 0;
    const counted = fated(store, () => {
      calls++;
      return "made";
    });
    const worker = openLog(counted, () => clock.now).log;
    const firsts: number[] = [];
    for (let run = 0; run < 3; run++) {
      calls = 0;
      await worker.trim(6);
      expect(calls).toBeLessThan(4100);
      firsts.push((await worker.read(6)).first);
      expect(await metadataOf(worker, name(0, 3), name(3, 7), name(5, 899))).toEqual([
        { set: 0, i: 3 },
        { set: 3, i: 7 },
        { set: 5, i: 899 },
      ]);
    }
    expect(firsts).toEqual([3, 5, 7]);
  });

  test("leave a class removed that an older set gives them, however slowly that set is filed", async () => {
    const { log, open, store } = clocked();
    await log.append(upsert({ a: { text: "old" } }));
    let isOvertaken = false;
    const slow = {
      ...store,
      async put(...[key, bytes, condition]: Parameters<typeof store.put>) {
        if (key.includes("/metadata/") && !isOvertaken) {
          isOvertaken = true;
          await log.append(removal("a"));
          await log.trim(2);
        }
        return store.put(key, bytes, condition);
      },
    };
    await open(slow).trim(1);
    expect(isOvertaken).toBe(true);
    expect(await metadataOf(open(), "a")).toEqual([null]);
  });
});

interface Step {
  readonly kind: "give" | "remove" | "plain" | "trim" | "twice" | "read";
  readonly label: number;
  readonly process: number;
  readonly dies: number;
  readonly hours: number;
}
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom("give", "give", "remove", "plain", "trim", "twice", "read"),
    label: fc.nat(4),
    process: fc.nat(1),
    dies: fc.oneof(fc.constant(-1), fc.nat(20)),
    hours: fc.constantFrom(0, 0, 0, 1, 25),
  }),
  { maxLength: 40 },
);

const made = { label: 0, process: 0, dies: -1, hours: 0 } as const;
/** A trim is killed before it has filed anything, and a day later two others file and remove what it left. */
const LATE_PLAN: Step[] = [
  { ...made, kind: "give" },
  { ...made, kind: "twice", dies: 6 },
  { ...made, kind: "give", hours: 25 },
  { ...made, kind: "trim" },
  { ...made, kind: "trim" },
];

/** Room for the last sets of all classes of a plan, of two, or of none. */
const rooms = fc.constantFrom(undefined, 250, 0);

test("whatever is given, removed, trimmed and killed, the last metadata are those of a Map", async () => {
  let filed = 0;
  await fc.assert(
    fc.asyncProperty(steps, rooms, async (plan, lastSetsBytes) => {
      const { store, clock, open } = clocked(lastSetsBytes === undefined ? {} : { lastSetsBytes });
      const logs = [open(), open()] as const;
      const truth = new Map<string, Metadata>();
      let head = 0;
      for (const [at, { kind, label, process, dies, hours }] of plan.entries()) {
        clock.now += 3_600_000 * hours;
        const name = `class ${label}`;
        const log = logs[process] as ChangeLog;
        let calls = 0;
        const mortal = open(fated(store, () => (calls++ === dies ? "failed" : "made")) as typeof store);
        const survive = (error: unknown) => expect(error).toBeInstanceOf(Killed);
        if (kind === "give") {
          await log.append(upsert({ [name]: { at } }));
          truth.set(name, { at });
          head++;
        } else if (kind === "remove") {
          await log.append(removal(name));
          truth.delete(name);
          head++;
        } else if (kind === "plain") {
          await log.append(setOf(name));
          head++;
        } else if (kind === "trim") {
          await mortal.trim(head - (at % 3)).catch(survive);
        } else if (kind === "twice") {
          await Promise.all([mortal.trim(head).catch(survive), log.trim(head >> 1)]);
        } else {
          await metadataOf(log, name);
        }
      }
      filed += [...store.values.keys()].filter((key) => key.includes("/metadata/")).length;
      const names = Array.from({ length: 5 }, (_, i) => `class ${i}`);
      const expected = names.map((name) => truth.get(name) ?? null);
      for (const log of [...logs, open()]) expect(await metadataOf(log, ...names)).toEqual(expected);
    }),
    { numRuns: Number(process.env.MIDX_CHANGES ?? (EVERY ? 150 : 60)), examples: [[LATE_PLAN, undefined]] },
  );
  expect(filed).toBeGreaterThan(0);
});
