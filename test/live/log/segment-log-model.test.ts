import fc from "fast-check";
import { expect, test } from "vitest";
import { type ChangeLog, KEY_LIFE_MS } from "../../../src/publication/change-log.ts";
import { EVERY } from "../../run/size.ts";
import { type Fate, fated, Killed, memorySegments } from "./memory-segments.ts";
import { openLog, readAll, setOf } from "./open-log.ts";

/** A call of the model: which process makes it, and at which call of the store it is killed. */
interface Step {
  readonly kind: "append" | "fill" | "trim" | "read";
  readonly process: number;
  readonly key: number;
  readonly dies: number;
  readonly fate: Fate;
  readonly hours: number;
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom("append", "append", "append", "fill", "trim", "read"),
    process: fc.nat(2),
    key: fc.nat(9),
    dies: fc.oneof(fc.nat(8), fc.nat(150)),
    fate: fc.constantFrom("made", "made", "failed", "lost"),
    hours: fc.constantFrom(0, 0, 0, 1, 25),
  }),
  { maxLength: 40 },
);

const made = { process: 0, key: 0, dies: 0, fate: "made" } as const;
/** Rolls segments up and removes sets a day after they were trimmed, which few plans come to by chance. */
const LONG_PLAN: Step[] = [
  { ...made, kind: "fill", hours: 0 },
  { ...made, kind: "fill", hours: 0 },
  { ...made, kind: "trim", hours: 0 },
  { ...made, kind: "trim", hours: 25 },
];

test("whatever is called, killed and trimmed, the log is the list of its sets", async () => {
  let [rolledUp, removed] = [0, 0];
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const store = memorySegments();
      let now = 1e12;
      const logs = [0, 1, 2].map(() => openLog(store, () => now).log);
      const acknowledged = new Map<number, string>();
      const keys = new Map<string, number>();
      let trimmed = 0;
      for (const [at, { kind, process, key, dies, fate, hours }] of plan.entries()) {
        now += 3_600_000 * hours;
        let calls = 0;
        const isMortal = fate !== "made";
        const mortal = openLog(
          fated(store, () => (calls++ === dies ? fate : "made")),
          () => now,
        ).log;
        const log = isMortal ? mortal : (logs[process] as ChangeLog);
        const day = Math.floor(now / KEY_LIFE_MS);
        try {
          if (kind === "append") {
            // Keys 0 to 3 repeat their set, and the others come without a key.
            const name = key < 4 ? `${day} of key ${key}` : `call ${at}`;
            const { sequence } = await log.append(setOf(name), key < 4 ? { key: name } : {});
            expect(acknowledged.get(sequence) ?? name).toBe(name);
            if (key < 4) expect(keys.get(name) ?? sequence).toBe(sequence);
            if (key < 4) keys.set(name, sequence);
            acknowledged.set(sequence, name);
          } else if (kind === "fill") {
            // So many that segments are rolled up, and perhaps killed while they are.
            for (let i = 0; i < 40; i++) {
              const { sequence } = await log.append(setOf(`call ${at}.${i}`));
              acknowledged.set(sequence, `call ${at}.${i}`);
            }
          } else if (kind === "trim") {
            const upTo = acknowledged.size >> 1;
            trimmed = Math.max(trimmed, upTo);
            await log.trim(upTo);
          } else {
            await log.read(trimmed);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Killed);
        }
      }
      rolledUp += [...store.values.keys()].filter((key) => key.endsWith(".sets")).length;
      removed += store.values.has("words/log/000000000001.set") ? 0 : acknowledged.size;
      const fresh = openLog(store, () => now).log;
      const { first } = await fresh.read(0);
      expect(first - 1).toBeLessThanOrEqual(trimmed);
      const names = await readAll(fresh, first - 1, 200);
      for (const [sequence, name] of acknowledged) if (sequence >= first) expect(names[sequence - first]).toBe(name);
      const keyed = names.filter((name) => name.includes("of key"));
      expect(new Set(keyed).size).toBe(keyed.length);
      expect((await fresh.append(setOf("last"))).sequence).toBe(first + names.length);
    }),
    { numRuns: Number(process.env.MIDX_CHANGES ?? (EVERY ? 150 : 60)), examples: [[LONG_PLAN]] },
  );
  expect(rolledUp).toBeGreaterThan(0);
  expect(removed).toBeGreaterThan(0);
});
