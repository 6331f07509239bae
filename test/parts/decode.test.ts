import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { DecodeOptions } from "../../src/decode/decode-options.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { Question } from "../../src/parts/question.ts";
import { inTurn as takeTurns } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";
import { consecutive, idsTo, indexOf, inParts, inTurn, nested, type Table } from "./split.ts";
import { clustered, DIM, ITEM_COUNT, queries, SIZES, TABLES } from "./tables.ts";

// decode over parts against decode of one index of all rows.

const bitmap = new Uint8Array(ITEM_COUNT / 8).fill(0b10110101);

const CONDITIONS: Readonly<Record<string, ConditionOptions>> = {
  none: {},
  exclude: { exclude: [0, 3, 101, 102, 239, 239] },
  allow: { allow: [5, 1, 230, 235, 7, 7], exclude: [7, 8] },
  bitmap: { allow: { bitmap }, exclude: [0, 1] },
  bias: { bias: { ids: [7, 120, 200, 201], values: [3, -2, 1, Number.NEGATIVE_INFINITY] } },
  penalties: { history: [1, 1, 130, 239], repetitionPenalty: 1.3, presencePenalty: 0.2, frequencyPenalty: 0.1 },
};

/** Chains whose sets follow from bounds. */
const BOUNDED: readonly DecodeOptions[] = [
  { temperature: 0 },
  { topK: 1 },
  { topK: 9, temperature: 0.5 },
  { topK: 9, topLogProbabilities: 4, certain: true },
  { minP: 1 },
  { minP: 0.05 },
  { minP: 1e-4, temperature: 2, topLogProbabilities: 0 },
  { topK: 30, minP: 0.02, topP: 0.8 },
  { topK: 30, minP: 0.4, topP: 0.8, order: ["topK", "topP", "minP", "temperature"], temperature: 0.7 },
  { topK: 5, minP: 1e-3, topP: 0.6, order: ["minP", "topP", "topK"] },
];

const NUCLEI: readonly DecodeOptions[] = [
  { topP: 0.3 },
  { topP: 0.9, certain: true, topLogProbabilities: 5 },
  { topP: 0.999, temperature: 2 },
  { topP: 0.9, topK: 20, order: ["topP", "topK"] },
  { topP: 0.8, minP: 0.01, order: ["topP", "temperature", "minP"], temperature: 0.6, certain: true },
];

/** log Z of all parts is within this of that of one index. */
const ROUNDING = 2 ** -20;

describe.each(Object.entries(TABLES))("%s", (_, table) => {
  const groups = [...SIZES.map((sizes) => consecutive(sizes)), inTurn(ITEM_COUNT, 3)];

  test("bounded chains draw the classes of one index, with the same numbers", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    let seed = 0;
    for (const group of groups) {
      const { routers } = await inParts(table, group);
      for (const router of routers) {
        for (const [name, conditions] of Object.entries(CONDITIONS)) {
          for (const query of queries) {
            for (const chain of takeTurns(BOUNDED, 10, `${seed}`)) {
              const options = { ...chain, ...conditions, seed: seed++ };
              const { top, scored: __, ...one } = whole.decode(query, options);
              const { top: found, scored, ...all } = await router.decode(query, options);
              const what = `${group.map((ids) => ids.length)}, ${name}, ${JSON.stringify(chain)}`;
              expect(all, what).toEqual(one);
              expect(all.decided, what).toBe("bounds");
              expect(scored, what).toBeGreaterThan(0);
              expect(found === undefined, what).toBe(top === undefined);
              if (!top || !found) continue;
              expect(found.ids, what).toEqual(top.ids);
              expect(Math.abs(found.logProbability - top.logProbability), what).toBeLessThan(ROUNDING);
              for (const [i, log] of top.logProbabilities.entries()) {
                expect(Math.abs((found.logProbabilities[i] as number) - log), what).toBeLessThan(ROUNDING);
              }
            }
          }
        }
      }
    }
  });

  test("nuclei are those of one index", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    let seed = 0;
    for (const group of groups) {
      const { parted } = await inParts(table, group);
      for (const [name, conditions] of Object.entries(CONDITIONS)) {
        for (const query of queries) {
          for (const chain of takeTurns(NUCLEI, 5, `${seed}`)) {
            const options = { ...chain, ...conditions, seed: seed++ };
            const { top: _top, scored: _one, ...one } = whole.decode(query, options);
            const { top: _found, scored: _all, ...all } = await parted.decode(query, options);
            const what = `${group.map((ids) => ids.length)}, ${name}, ${JSON.stringify(chain)}`;
            expect(all, what).toEqual(one);
            expect(all, what).toMatchObject({ certain: true, decided: "exact", undecided: 0, standardError: 0 });
          }
        }
      }
    }
  });

  test("without a truncation, the log-probability is that of the softmax", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    const { parted } = await inParts(table, consecutive([1, 0, 239]));
    for (const conditions of Object.values(CONDITIONS)) {
      for (const query of queries) {
        for (const certain of [false, true]) {
          const options = { ...conditions, temperature: 0.8 };
          const drawn = await parted.decode(query, { ...options, certain, seed: 3 });
          const { logProbabilities } = whole.logProbability(query, [drawn.id], { ...options, exact: true });
          expect(Math.abs(drawn.logProbability - (logProbabilities[0] as number))).toBeLessThan(ROUNDING);
          const { kept } = whole.decode(query, { ...options, certain, seed: 3 });
          expect(drawn).toMatchObject({ kept, certain: true, decided: "exact", standardError: 0 });
        }
      }
    }
  });

  test("one part alone is the index, bit for bit", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    const { parted } = await inParts(table, [idsTo(ITEM_COUNT)]);
    for (const alone of [parted, new PartedIndex([parted])]) {
      for (const query of queries) {
        for (const [name, conditions] of Object.entries(CONDITIONS)) {
          for (const chain of takeTurns(BOUNDED, 3, `${name}, ${query}`)) {
            const options = { ...chain, ...conditions, seed: 5 };
            expect(await alone.decode(query, options)).toEqual(whole.decode(query, options));
          }
          const { scored: _, ...one } = whole.decode(query, { ...conditions, seed: 5 });
          expect(await alone.decode(query, { ...conditions, seed: 5 })).toMatchObject(one);
        }
      }
    }
  });

  test("queries of a batch have conditions of their own", async () => {
    const { parted } = await inParts(table, consecutive([100, 140]));
    const batch = Float32Array.of(...queries.flatMap((query) => Array.from(query)));
    const conditions = [{}, { temperature: 0 }, { exclude: [1], temperature: 0.5 }];
    const many = await parted.decode(batch, { batch: 3, minP: 0.1, conditions, seed: 2 });
    for (const [i, query] of queries.entries()) {
      expect(many[i]).toEqual(await parted.decode(query, { minP: 0.1, ...conditions[i], seed: 2 }));
    }
    expect(await parted.decode(batch, { batch: 3, topK: 4, seed: 2 })).toHaveLength(3);
  });
});

describe("nuclei by an estimate", async () => {
  const itemCount = 3000;
  const table: Table = { data: clustered(itemCount, DIM, 5), dim: DIM, options: { bits: 4, seed: 1 } };
  const whole = await indexOf({ ...table, limits: { maxK: itemCount } }, idsTo(itemCount));
  const { parts, parted } = await inParts(table, consecutive([1400, 0, 1600]));
  const asked = Array.from({ length: 24 }, (_, seed) => ({
    query: randomRows(DIM, 100 + seed).map((value) => (1 + (seed % 4)) * value),
    seed,
    topP: [0.3, 0.8, 0.95][seed % 3] as number,
  }));

  test("are close to those of exact masses, and say what decided", async () => {
    const decisions = new Map<string, number>();
    for (const { query, seed, topP } of asked) {
      const { logPartition } = whole.logPartition(query, { exact: true });
      const { scores } = whole.topK(query, itemCount, { exact: true });
      for (const router of [parted, nested(parts)]) {
        const { kept, decided, certain, standardError } = await router.decode(query, { topP, seed });
        decisions.set(decided, (decisions.get(decided) ?? 0) + 1);
        expect(certain).toBe(decided === "exact");
        expect(standardError > 0).toBe(!certain);
        const masses = Array.from(scores.subarray(0, kept), (score) => Math.exp(score - logPartition));
        const mass = masses.reduce((sum, value) => sum + value, 0);
        const last = masses.at(-1) as number;
        // A nucleus ends in the class with which its mass reaches topP. Three of its errors of one bar each are left.
        expect(mass).toBeGreaterThan(0.85 * topP);
        expect(mass - last).toBeLessThan(1.15 * topP);
      }
    }
    expect(decisions.get("estimate")).toBeGreaterThan(10);
  });

  test("are certain where that is asked for, or where no error is allowed", async () => {
    for (const { query, seed, topP } of asked) {
      const { scored: _, ...one } = whole.decode(query, { topP, seed, certain: true });
      const { scored: __, ...all } = await parted.decode(query, { topP, seed, certain: true });
      expect(all).toEqual(one);
      const { id, kept } = one; // an estimate whose error moves no class is enough
      expect(await parted.decode(query, { topP, seed, targetError: 0 })).toMatchObject({ id, kept });
    }
  });

  test("are certain where logits are so large that rounding leaves log Z a bar", async () => {
    const bias = new Float32Array(ITEM_COUNT).fill(2 ** 20);
    const raised: Table = { ...(TABLES["f32 rows"] as Table), bias };
    const one = await indexOf(raised, idsTo(ITEM_COUNT));
    let asks = 0;
    const { parts: own } = await inParts(raised, consecutive([100, 140]));
    const counted = own.map((part) => ({
      info: part.info,
      answer: (question: Question) => {
        if (++asks > 100) throw new Error("parts are asked again and again");
        return part.answer(question);
      },
    }));
    const [query] = queries as [Float32Array];
    expect((await new PartedIndex(own).logPartition(query, { exact: true })).standardError).toBeGreaterThan(0);
    for (const options of [{ certain: true }, { targetError: 0 }]) {
      asks = 0;
      const { scored: _, ...all } = await new PartedIndex(counted).decode(query, { topP: 0.9, seed: 1, ...options });
      const { scored: __, ...exact } = one.decode(query, { topP: 0.9, seed: 1, certain: true });
      expect(all).toEqual(exact);
    }
  });

  test("and behind minP or before it take less than all ranks", async () => {
    for (const { query, seed, topP } of asked) {
      const options = { topP, seed, certain: true, minP: 0.02, order: ["topP", "minP"] } as const;
      const { scored: _, ...one } = whole.decode(query, options);
      const { scored: __, ...all } = await parted.decode(query, options);
      expect(all).toEqual(one);
    }
  });
});

test("a nucleus beyond the first ranks takes at most two more questions about ranks, and one about log Z", async () => {
  const itemCount = 20_000;
  const data = randomRows(itemCount * 16, 1);
  const table: Table = { data, dim: 16, options: { bits: 6, seed: 1, calibrate: "off" } };
  const { parts } = await inParts(table, consecutive([8000, 12_000]));
  const asked: string[] = [];
  const counted = parts.map((part, i) => ({
    info: part.info,
    answer: (question: Question) => {
      if (i === 0) asked.push(`${question.call} ${question.options.exact ?? ""}`);
      return part.answer(question);
    },
  }));
  const parted = new PartedIndex(counted);
  const ladders = new Set<number>();
  for (const query of [randomRows(16, 103), randomRows(16, 104).map((value) => value / 2)]) {
    for (const topP of [0.5, 0.9, 0.99, 0.999]) {
      for (const temperature of [0.25, 1, 4]) {
        for (const targetError of takeTurns([undefined, 0.5, Infinity], 3, `${query[0]} ${topP} ${temperature}`)) {
          asked.length = 0;
          const options = { topP, temperature, seed: 1, ...(targetError !== undefined && { targetError }) };
          const { kept, decided } = await parted.decode(query, options);
          const rankings = asked.filter((call) => call === "decode ").length;
          ladders.add(rankings);
          expect([rankings <= 3, asked.filter((call) => call === "predict true").length <= 1], asked.join()).toEqual([
            true,
            true,
          ]);
          if (decided !== "exact") continue;
          expect(kept).toBe((await parted.decode(query, { topP, temperature, seed: 1, certain: true })).kept);
        }
      }
    }
  }
  expect(Array.from(ladders).sort()).toEqual([1, 2, 3]);
});

describe("decode over parts refuses by name", async () => {
  const table = TABLES["f32 rows"] as Table;
  const [query] = queries as [Float32Array];
  const { parted } = await inParts(table, consecutive([100, 140]));

  test.each<[DecodeOptions & Record<string, unknown>, string]>([
    [
      { allow: [] },
      '"allow", "exclude", "filter", "namespace" and "bias" expected to leave a class that the index has, got none',
    ],
    [
      { minP: 0.1, allow: [] },
      '"allow", "exclude", "filter", "namespace" and "bias" expected to leave a class that the index has, got none',
    ],
    [
      { topP: 0.5, allow: [] },
      '"allow", "exclude", "filter", "namespace" and "bias" expected to leave a class that the index has, got none',
    ],
    [{ minP: 1e-300, maxRanked: 3 }, '"maxRanked" expected at least 1'],
    [{ topK: 100 }, '"topK" expected at most 64 (maxK), got 100'],
    [{ topK: -1 }, '"topK" expected 0 or more, got -1'],
    [{ topP: 0 }, '"topP" expected'],
    [{ minP: 2 }, '"minP" expected 0 to 1, got 2'],
    [{ temperature: -1 }, '"temperature" expected'],
    [{ maxRanked: 0.5 }, '"maxRanked" expected an integer, got 0.5'],
    [{ topLogProbabilities: -1 }, '"topLogProbabilities" expected 0 or more, got -1'],
    [{ logprobs: 3 }, '"logprobs" is not an option of decode: it is called "topLogProbabilities" here'],
    [{ exclude: [240] }, '"exclude"[0] expected'],
    [{ allow: new Uint8Array(30) }, '"allow" expected { bitmap } or an array of integers, got a Uint8Array'],
    [{ scan: 3 }, '"scan" is not an option of decode'],
  ])("%j", async (options, message) => {
    await expect(parted.decode(query, options)).rejects.toThrow(message);
  });

  test("more classes than a part sends", async () => {
    const itemCount = 70_000;
    const data = randomRows(itemCount * 2, 1);
    const large = await inParts({ data, dim: 2, options: { bits: 2, seed: 1, calibrate: "off" } }, [idsTo(itemCount)]);
    const flat = new Float32Array(2);
    await expect(large.parted.decode(flat, { minP: 0.5 })).rejects.toThrow(
      '"maxRanked" expected at least 70000, which is how many classes this query has to rank, got 65536: give a larger "minP"',
    );
    expect(await large.parted.decode(flat, { topK: 3, seed: 1 })).toMatchObject({ kept: 3, decided: "bounds" });
  });
});
