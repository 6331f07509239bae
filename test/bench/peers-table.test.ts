import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PEERS_BLOCKS } from "../../bench/peers/docs.ts";
import { leftOutOf } from "../../bench/peers/left-out.ts";
import { fastest, frontier, type PeerMeasured, type PeerSet, type PeersResult } from "../../bench/peers/result.ts";
import { indexTables, leftOut, winners, winsTable } from "../../bench/peers/table.ts";
import { targetLines } from "../../bench/peers/targets.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const result = JSON.parse(read("bench/results/peers.json")) as PeersResult;

it.each(Object.entries(PEERS_BLOCKS))("shows the peers bench's measurements: %s", (name, block) => {
  expect(read("docs/peers.md")).toContain(`<!-- ${name} -->\n\n${block(result)}\n\n<!-- /${name} -->`);
});

type Points = readonly (readonly [recall: number, micros: number, label?: string])[];

const measured = (name: string, kinds: Readonly<Record<string, Points>>): PeerMeasured => ({
  ...{ name, version: "1.0", runtime: "native", buildSeconds: 1, bytes: 1e6, memoryBytes: 1e6 },
  curves: Object.entries(kinds).map(([kind, points]) => ({
    ...{ kind, k: 10 },
    points: points.map(([recall, micros, label = ""]) => ({ label, recall, micros })),
  })),
});

const setOf = (kinds: readonly string[], contenders: readonly PeerMeasured[]): PeerSet => ({
  ...{ name: "GloVe", metric: "dot", count: 99_000, dim: 100, hasBias: false, leftOut: [] },
  ...{ kinds, contenders },
});

const of = (...sets: PeerSet[]): PeersResult => ({ machine: "a machine", node: "v24", queries: 500, sets });

it("takes the fastest of the settings that reach a recall", () => {
  const points: Points = [
    [0.9, 10],
    [0.96, 30],
    [0.97, 20],
  ];
  const peer = measured("a peer", { easy: points });
  expect(fastest(peer, 10, 0.95)?.micros).toBe(20);
  expect(fastest(peer, 10, 0.99)).toBeUndefined();
  expect(fastest(peer, 100, 0.5)).toBeUndefined();
});

it("draws the settings that no other beats", () => {
  const points: Points = [
    [0.9, 10],
    [0.96, 30],
    [0.97, 20],
    [0.97, 40],
    [1, 50],
  ];
  const peer = measured("a peer", { easy: points });
  expect(frontier(peer, 10).map(({ micros }) => micros)).toEqual([10, 20, 50]);
});

const two = setOf(
  ["easy", "hard"],
  [
    measured("midx", { easy: [[0.95, 50]], hard: [[0.95, 90]] }),
    measured("midx, residuals", { easy: [[1, 300, "exact"]], hard: [[1, 400, "exact"]] }),
    measured("VNNI scan", { easy: [[1, 200]], hard: [[1, 200]] }),
    measured("faiss PQ4fs", { easy: [[0.95, 100]], hard: [[0.95, 80]] }),
    measured("faiss (generic) PQ4fs", { easy: [[0.95, 70]], hard: [[0.95, 85]] }),
    measured("plain scan int8, relaxed", { easy: [[1, 400]], hard: [[1, 400]] }),
  ],
);

it("keeps the kinds of queries apart, and names who is faster in each cell", () => {
  const rows = winsTable(of(two)).split("\n");
  expect(rows.slice(2, 3).concat(rows.slice(4, 5))).toEqual([
    "| GloVe, 99,000 × 100, inner product | easy | 10 | midx 50; faiss PQ4fs 100 | midx 50; faiss PQ4fs 100 | **VNNI scan 200**; midx 300 | **VNNI scan 200**; midx 300 | **VNNI scan 200**; midx 300 |",
    "|  | hard | 10 | **faiss PQ4fs 80**; midx 90 | **faiss PQ4fs 80**; midx 90 | **VNNI scan 200**; midx 400 | **VNNI scan 200**; midx 400 | **VNNI scan 200**; midx 400 |",
  ]);
});

it("counts the cells that are won, and names everything that is faster in the others", () => {
  const text = winners(of(two));
  expect(text).toContain(
    "In 2 of 10 cells, nothing measured is faster than midx; with the default int8 rows alone, in 2.",
  );
  expect(text).toContain("hard, k = 10: ≥ .90: faiss PQ4fs 80, faiss (generic) PQ4fs 85 (midx 90)");
});

it("claims nothing from being faster than a generic build", () => {
  const kinds = { easy: [[0.95, 50]] } as const;
  const slower = measured("faiss (generic) PQ4fs", { easy: [[0.95, 700]] });
  const text = winsTable(of(setOf(["easy"], [measured("midx", kinds), slower])));
  expect(text).toContain("| midx 50 | midx 50 | – | – | – |");
});

it("names what a set leaves out, and why", () => {
  const large = { name: "GloVe", metric: "dot", words: 341_479 } as const;
  expect(leftOutOf(large, ["midx", "hnswlib C++"])).toEqual([]);
  const [one] = leftOutOf(large, ["hnswlib-wasm"]);
  expect(one?.why).toMatch(/minutes/);
  expect(leftOutOf({ ...large, words: 100_000 }, ["hnswlib-wasm"])).toEqual([]);
  const text = leftOut(of({ ...two, leftOut: one ? [one] : [] }));
  expect(text).toBe(`- GloVe, 99,000 × 100, inner product. Not measured here (${one?.why}): hnswlib-wasm.`);
});

it("leaves a contender out of the tables only if another is as fast at each recall shown", () => {
  const flat = (name: string, micros: number) => measured(name, { easy: [[1, micros]] });
  const tables = (micros: number) => {
    const result = of(setOf(["easy"], [flat("plain scan int8, relaxed", 50), flat("faiss Flat", micros)]));
    return [indexTables(result).includes("| faiss Flat |"), leftOut(result).includes("faiss Flat")];
  };
  expect(tables(50)).toEqual([false, true]);
  expect(tables(49)).toEqual([true, false]);
});

it("compares each kind of queries with the targets", () => {
  const lines = targetLines(of(two)).split("\n");
  expect(lines).toContain("  ≥ .95, of faiss fast-scan: 0.500, met (at most 0.600: 50 against 100)");
  expect(lines).toContain("  ≥ .95, of faiss fast-scan: 1.125, NOT met (at most 0.600: 90 against 80)");
  expect(lines).toContain("  ≥ .99, of the plain scan int8, relaxed: 0.750, NOT met (at most 0.500: 300 against 400)");
  expect(lines).toContain("  exact, of the plain scan int8, relaxed: 0.750, met (at most 1.050: 300 against 400)");
  expect(lines).toContain("  exact, of the plain scan int8, relaxed: 1.000, met (at most 1.050: 400 against 400)");
});
