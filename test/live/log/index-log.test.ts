import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { encodeLoggedSet } from "../../../src/changes/index.ts";
import { IndexLog, type LogState } from "../../../worker/live/index-log.ts";
import { logIn } from "../../../worker/live/log-in-object.ts";

// The object in this process, with SQLite of Node and a clock that the tests set. test/live/workerd.test.ts has it in workerd.

const HOUR = 3_600_000;
const setOf = (label: string) => encodeLoggedSet({ removals: [label] });

function objectOf() {
  const database = new DatabaseSync(":memory:");
  let alarm: number | null = null;
  const state: LogState = {
    storage: {
      sql: {
        exec: (query, ...bindings) => {
          const values = bindings.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
          const rows = database.prepare(query).all(...(values as (string | number | null)[]));
          return rows.map((row) => ({
            ...row,
            ...(row.bytes instanceof Uint8Array && { bytes: Uint8Array.from(row.bytes).buffer }),
          }));
        },
      },
      transactionSync: (work) => work(),
      getAlarm: async () => alarm,
      setAlarm: async (at) => {
        alarm = at;
      },
    },
  };
  const object = new IndexLog(state);
  const log = logIn({ idFromName: (name) => name, get: () => object }, "words");
  const wake = async (): Promise<void> => {
    alarm = null;
    await object.alarm();
  };
  const keys = (): unknown => database.prepare("SELECT count(*) AS n FROM keys").all()[0]?.n;
  return { log, wake, keys, alarm: () => alarm };
}

test("a key stands for one call for 24 hours, and an alarm forgets it", async () => {
  let now = 1e12;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const { log, wake, keys, alarm } = objectOf();
  const first = { key: "k", writer: "w" };
  expect(await log.append(setOf("a"))).toEqual({ sequence: 1, isReplay: false });
  expect(alarm()).toBeNull(); // nothing to forget
  expect(await log.append(setOf("b"), first)).toEqual({ sequence: 2, isReplay: false });
  expect(alarm()).toBe(1e12 + 24 * HOUR);
  now += 24 * HOUR - 1;
  expect(await log.append(setOf("b"), first)).toEqual({ sequence: 2, isReplay: true });
  await expect(log.append(setOf("c"), first)).rejects.toMatchObject({ code: "idempotency_conflict" });
  expect(await log.append(setOf("c"), { key: "late", writer: "w" })).toEqual({ sequence: 3, isReplay: false });
  now += 1;
  expect(await log.append(setOf("c"), first)).toEqual({ sequence: 4, isReplay: false }); // another day
  now += HOUR;
  expect(keys()).toBe(2);
  await wake();
  expect([keys(), alarm()]).toEqual([2, now + 23 * HOUR - 1]);
  now += 24 * HOUR;
  await wake();
  expect([keys(), alarm()]).toEqual([0, null]);
});

test("keys are forgotten in time although a clock was a year ahead once", async () => {
  let now = 1e12 + 365 * 24 * HOUR;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const { log, alarm } = objectOf();
  await log.append(setOf("a"), { key: "early", writer: "w" });
  now = 1e12;
  await log.append(setOf("b"), { key: "b", writer: "w" });
  expect(alarm()).toBe(1e12 + 24 * HOUR);
});

test("the last metadata of a class are kept until it is removed, whatever is trimmed", async () => {
  const { log } = objectOf();
  const upsert = (label: string, metadata: object | null) =>
    log.append(encodeLoggedSet({ upserts: { labels: [label], rows: [1], metadata: [metadata as never] } }));
  await upsert("a", { text: "old" });
  await upsert("a", { text: "new", $namespace: "shelf" });
  await upsert("a", null); // it keeps what it has
  await upsert("e\u0301", { text: "two letters" });
  await upsert("\u00e9", { text: "one letter" });
  await log.trim(5);
  const found = await log.metadata?.(["a", "nobody", "e\u0301", "\u00e9"]);
  expect(found).toEqual([{ text: "new" }, null, { text: "two letters" }, { text: "one letter" }]);
  await log.append(setOf("a"));
  expect(await log.metadata?.(["a"])).toEqual([null]);
  expect(await log.read(0)).toMatchObject({ head: 6, first: 6, sets: [{ sequence: 6 }] });
});
