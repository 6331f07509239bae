import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { build } from "../../src/train/index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { randomRows } from "../train/rows.ts";

// Arguments that run code or change while they are read. Either the answer is that of the first reading, or an error
// says why there is none.

const [N, DIM] = [500, 6];
const vectors = rawVectors(N, DIM, 3);
const [query, other] = [vectors.queries[1], vectors.queries[2]] as [Float32Array, Float32Array];
const REENTRY = "was called while the index reads the arguments of another call";

let index: MultiIndex;
beforeAll(async () => {
  const features = { data: randomRows(3 * DIM, 4), shape: [3, DIM] as const, labels: ["a", "b", "c"] };
  const labels = Array.from({ length: N }, (_, id) => `class ${id}`);
  index = (await open(await build(vectors, { fineCodes: true, features, labels, calibrate: "off" }), { maxBatch: 8 }))
    .index;
});

/** An array that calls `trap` when its element `at` is read. */
function trapped(values: ArrayLike<number>, at: number, trap: () => void): number[] {
  return new Proxy(Array.from(values), {
    get(target, name, receiver) {
      if (name === String(at)) trap();
      return Reflect.get(target, name, receiver);
    },
  });
}

/** An array that gives `first` when it is read for the first time, and `later` from then on. */
function changing(first: readonly number[], later: readonly number[]): number[] {
  const read = new Set<string>();
  return new Proxy(Array.from(first), {
    get(target, name, receiver) {
      if (typeof name !== "string" || !/^\d+$/.test(name)) return Reflect.get(target, name, receiver);
      const values = read.has(name) ? later : first;
      read.add(name);
      return values[Number(name)];
    },
  });
}

describe("a call from within the arguments of another", () => {
  const nested = (): unknown => index.topK(other, 5, { exact: true });
  const cases: [string, () => unknown][] = [
    ["the query", () => index.topK(trapped(query, 3, nested), 5, { exact: true })],
    ["the second query of a batch", () => index.score(trapped([...query, ...other], 9, nested), [1], { batch: 2 })],
    ["ids", () => index.logProbability(query, trapped([1, 2], 1, nested), { seed: 1 })],
    ["exclude", () => index.sample(query, 5, { exclude: trapped([1, 2], 1, nested), seed: 1 })],
    ["allow", () => index.predict(query, 5, { allow: trapped([1, 2], 0, nested), seed: 1 })],
    [
      "a getter of the options",
      () =>
        index.logPartition(query, {
          get draws() {
            nested();
            return 10;
          },
        }),
    ],
    [
      "a getter of a bitmap",
      () =>
        index.sampleTopK(query, 5, {
          allow: {
            get bitmap() {
              nested();
              return new Uint8Array(Math.ceil(N / 8)).fill(255);
            },
          },
        }),
    ],
  ];

  test.each(cases)("is refused, and leaves the index as it was: %s", (_, call) => {
    const before = index.topK(query, 5, { exact: true });
    expect(call).toThrow(REENTRY);
    expect(index.topK(query, 5, { exact: true })).toEqual(before);
  });

  test("changes nothing if its error is caught", () => {
    const quiet = (): void => {
      try {
        nested();
      } catch {}
    };
    expect(index.topK(trapped(query, 3, quiet), 5, { exact: true })).toEqual(index.topK(query, 5, { exact: true }));
    expect(index.predict(trapped(query, 0, quiet), 5, { seed: 1 })).toEqual(index.predict(query, 5, { seed: 1 }));
  });

  test("may make a query of features, and read labels", () => {
    const asked = trapped(query, 3, () => {
      index.encode(["a"]);
      index.labels([1]);
    });
    expect(index.topK(asked, 5)).toEqual(index.topK(query, 5));
  });

  test("that disposes of the index is an error that says so", async () => {
    const { index: own } = await open(await build(vectors));
    expect(() =>
      own.topK(
        trapped(query, 3, () => own.dispose()),
        5,
      ),
    ).toThrow("the index has been disposed of");
  });
});

describe("arguments that change while they are read", () => {
  const bad = [N, -1, 2 ** 31];
  const codes = { proposal: "codes", scan: 5 } as const;

  test("ids are read once", () => {
    const ids = [3, 1, 4];
    expect(index.score(query, changing(ids, bad))).toEqual(index.score(query, ids));
    expect(index.logQ(query, changing(ids, bad))).toEqual(index.logQ(query, ids));
    expect(index.logQ(query, changing(ids, bad), codes)).toEqual(index.logQ(query, ids, codes));
    expect(index.logProbability(query, changing(ids, bad), { seed: 1 })).toEqual(
      index.logProbability(query, ids, { seed: 1 }),
    );
    expect(index.labels(changing(ids, bad))).toEqual(index.labels(ids));
    expect(index.predict(query, 5, { exclude: changing(ids, bad), seed: 1 })).toEqual(
      index.predict(query, 5, { exclude: ids, seed: 1 }),
    );
    expect(index.topK(query, 5, { allow: changing(ids, bad) })).toEqual(index.topK(query, 5, { allow: ids }));
  });

  test("features and weights are read once", () => {
    expect(index.encode(changing([0, 1, 2], bad), { weights: changing([1, 2, 3], [Number.NaN, 0, 0]) })).toEqual(
      index.encode([0, 1, 2], { weights: [1, 2, 3] }),
    );
  });

  test("options are read once", () => {
    let reads = 0;
    const options = {
      get draws() {
        return reads++ === 0 ? 20 : 2 ** 31;
      },
      seed: 1,
    };
    expect(index.predict(query, 5, options)).toEqual(index.predict(query, 5, { draws: 20, seed: 1 }));
    expect(reads).toBe(1);
  });

  test("a query that changes after the call does not change the answer", () => {
    const shared = new Float32Array(new SharedArrayBuffer(DIM * 4));
    shared.set(query);
    const [answer, alone] = [index.topK(shared, 5), index.topK(query, 5)];
    shared.fill(0);
    expect(answer).toEqual(alone);
  });

  test("a length that is not an array's is refused", () => {
    class Longer extends Float32Array {
      override get length(): number {
        return DIM;
      }
    }
    expect(() => index.topK(new Longer(2), 5)).toThrow(`"query"[2] expected a finite number`);
  });
});

describe("a list whose length is far too large", () => {
  const gaps = (): never => new Array(2 ** 31) as never;
  test.each<[string, () => unknown, string]>([
    ["order", () => index.decode(query, { topK: 2, order: gaps() }), '"order"[0] expected temperature, '],
    ["labels", () => index.idsOf(gaps()), '"labels"[0] expected a string, got undefined'],
    [
      "conditions of decode",
      () => index.decode(query, { batch: 1, conditions: Array(2 ** 20).fill({}) }),
      '"conditions" expected 1 of them, one for each query, got 1048576',
    ],
    [
      "conditions of decode without a batch",
      () => index.decode(query, { conditions: gaps() } as never),
      '"conditions" expected "batch" beside it, the number of queries',
    ],
  ])("is refused before it is read to its end: %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});

test("info, which ids and queries are checked by, cannot be changed", () => {
  const info = index.info as { -readonly [K in keyof typeof index.info]: (typeof index.info)[K] };
  const [curve] = info.recallCurves;
  const attempts: (() => unknown)[] = [
    () => (info.itemCount = 2 ** 30),
    () => (info.dim = 3),
    () => (info.hasLabels = false),
    () => Object.assign(info.features ?? {}, { featureCount: 1 }),
    () => (info.recallCurves as unknown[]).push({ k: 1, points: [] }),
    () => Object.assign(curve ?? {}, { k: 1 }),
    () => Object.assign(curve?.points ?? {}, { 0: {} }),
    () => Object.assign(curve?.points[0] ?? {}, { rescore: 1 }),
  ];
  for (const attempt of attempts) expect(attempt).toThrow(TypeError);
  expect(() => index.score(query, [2 ** 29])).toThrow(`"ids"[0] expected an integer in 0..${N - 1}`);
});

test.each([
  ["a long text", "x".repeat(1e6), `got "${"x".repeat(64)}"`],
  ["a text of control characters", "\u001b[31m", 'got "\\u001b[31m"'],
  ["a bigint", 3n, "got 3n"],
  ["a function", () => "x".repeat(1e6), "got a function"],
])("%s is shown as what it is, and in short", (_, k, message) => {
  expect(() => index.topK(query, k as never)).toThrow(new TypeError(`"k" expected an integer, ${message}`));
});

test("the class of an index has its name in a bundle, too", () => {
  expect(index.constructor.name).toBe("MultiIndex");
});
