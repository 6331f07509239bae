import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PEERS_BLOCKS } from "../bench/peers-docs.ts";
import type { PeersResult } from "../bench/peers-result.ts";
import { fastest, frontier, type PeerMeasured } from "../bench/peers-result.ts";
import { BEATEN, SHOWN } from "../bench/peers-table.ts";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const result = JSON.parse(read("bench/results/peers.json")) as PeersResult;

it.each(Object.entries(PEERS_BLOCKS))("shows the peers bench's measurements: %s", (name, block) => {
  expect(read("docs/peers.md")).toContain(`<!-- ${name} -->\n\n${block(result)}\n\n<!-- /${name} -->`);
});

it.each(Object.entries(BEATEN))("leaves out %s, as %s is faster at each recall shown", (slower, faster) => {
  for (const { contenders } of result.sets) {
    const timeOf = (wanted: string, k: number, recall: number): number => {
      const contender = contenders.find(({ name }) => name === wanted) as PeerMeasured;
      return fastest(contender, k, recall)?.micros ?? Number.POSITIVE_INFINITY;
    };
    for (const [k, recall] of SHOWN) {
      expect(timeOf(faster, k, recall)).toBeLessThanOrEqual(timeOf(slower, k, recall));
    }
  }
});

const measured = (...points: [recall: number, micros: number][]): PeerMeasured =>
  ({
    curves: [{ k: 10, points: points.map(([recall, micros]) => ({ label: "", recall, micros })) }],
  }) as unknown as PeerMeasured;

it("takes the fastest of the settings that reach a recall", () => {
  const peer = measured([0.9, 10], [0.96, 30], [0.97, 20]);
  expect(fastest(peer, 10, 0.95)?.micros).toBe(20);
  expect(fastest(peer, 10, 0.99)).toBeUndefined();
  expect(fastest(peer, 100, 0.5)).toBeUndefined();
});

it("draws the settings that no other beats", () => {
  const peer = measured([0.9, 10], [0.96, 30], [0.97, 20], [0.97, 40], [1, 50]);
  expect(frontier(peer, 10).map(({ micros }) => micros)).toEqual([10, 20, 50]);
});
