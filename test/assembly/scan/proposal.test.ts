import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import * as abi from "../../../src/abi.ts";
import { anyQuery } from "../../fixtures/index-cases.ts";
import { describeScanBuilds, type OpenedTiny, openTiny } from "../../fixtures/opened.ts";
import { someOf } from "../../fixtures/opened-exact.ts";
import { at } from "../../reference/at.ts";
import { derive } from "../../reference/buckets.ts";
import { reference } from "../../reference/index.ts";
import { approximateAll, type CodedProposal } from "../../reference/proposal.ts";
import { firstOutlierOf } from "../../reference/reference-index.ts";
import type { Conditions } from "../../reference/weights.ts";
import { inTurn } from "../../run/turns.ts";
import { randomRows } from "../../train/rows.ts";
import { FINE_CASES, WITH_CLASSES } from "../fine-cases.ts";

const RESCORES = [0, 1, 30, Number.POSITIVE_INFINITY];
const conditionsOf = (index: (typeof FINE_CASES)[number][1]): readonly Conditions[] => [
  {},
  { temperature: 0.25 },
  { temperature: 3.7, excluded: someOf(index) },
];

describe("the reference of proposeByCodes", () => {
  test.each(WITH_CLASSES)("is the softmax of exact scores in the head, of approximate ones outside: %s", (_, plain) => {
    for (const conditions of conditionsOf(plain)) {
      const index = derive(plain, conditions);
      const query = anyQuery(index, 60);
      const approximate = approximateAll(index, query);
      for (const rescore of [1, 30]) {
        const proposal = reference.proposeByCodes(index, query, rescore);
        const { headPositions, headScores, logProposal } = proposal;
        const { inverseTemperature } = index;
        const isHead = new Set(headPositions);
        const others = Array.from(approximate.keys()).filter((p) => !isHead.has(p) && !index.excluded.has(p));
        const logs = [...headScores, ...others.map((p) => at(approximate, p))].map(
          (score) => score * inverseTemperature,
        );
        if (logs.length === 0) continue;
        const top = Math.max(...logs);
        const total = top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
        expect(Math.abs(logProposal - total)).toBeLessThan(1e-5 * (1 + Math.abs(top)));
        const chosen = headPositions.filter((p) => p < firstOutlierOf(index)); // outliers are in it whatever they score
        const least = Math.min(...Array.from(chosen, (p) => at(approximate, p)));
        expect(others.every((p) => at(approximate, p) <= least)).toBe(true);
      }
    }
  });
});

describeScanBuilds("proposeByCodes", (modules) => {
  test.each(FINE_CASES)("equals the reference, and so do its draws and masses: %s", async (_, index) => {
    for (const conditions of conditionsOf(index)) {
      const opened = await openTiny(modules, index, conditions);
      for (const [i, size] of [1, 0, 30].entries()) {
        const query = anyQuery(index, 60 + i, size);
        for (const wanted of inTurn(RESCORES, 2, `${size}, ${conditions.temperature}`)) {
          const rescore = Math.min(wanted, index.facts.itemCount);
          opened.ask(query);
          opened.kernels.proposeByCodes(opened.layout, rescore);
          const expected = reference.proposeByCodes(opened.index, query, rescore);
          expect(readProposal(opened), `rescore ${rescore}`).toEqual(comparable(expected));
          const positions = [...index.ids.keys()].filter((p) => p % 7 === 0);
          expect(positions.map((position) => opened.kernels.codeLogMass(opened.layout, position))).toEqual(
            positions.map((position) => reference.codeLogMass(expected, position)),
          );
          if (expected.tailTotal === 0) continue;
          for (const share of [0, ...randomRows(20, i).map(Math.abs), 1 - 2 ** -53, 1]) {
            const target = share * expected.tailTotal;
            const position = opened.kernels.codePositionAt(opened.layout, target);
            expect(position).toBe(reference.codePositionAt(expected, target));
            expect(at(expected.codeMasses, position)).toBeGreaterThan(0);
          }
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });
});

function readProposal(opened: OpenedTiny): Record<string, unknown> {
  const { itemCount } = opened.index.facts;
  const headCount = opened.search(structs.SEARCH_HEAD_COUNT);
  return {
    headPositions: opened.read(Int32Array, "headPositions", headCount),
    headScores: opened.read(Float32Array, "headScores", headCount),
    headMax: opened.search(structs.SEARCH_HEAD_MAX),
    headSum: opened.search(structs.SEARCH_HEAD_SUM),
    ...(opened.search(structs.SEARCH_TAIL_TOTAL) > 0 && {
      codeMasses: opened.read(Float32Array, "codeMasses", itemCount),
      codePrefix: opened.read(Float64Array, "codePrefix", Math.ceil(itemCount / abi.MASS_BLOCK) + 1),
    }),
    tailTotal: opened.search(structs.SEARCH_TAIL_TOTAL),
    massShift: opened.search(structs.SEARCH_MASS_SHIFT),
    logProposal: opened.search(structs.SEARCH_LOG_PROPOSAL),
  };
}

/** Without a tail, nothing reads its masses. */
const comparable = ({ prepared, codeMasses, codePrefix, ...proposal }: CodedProposal): Record<string, unknown> => ({
  ...proposal,
  ...(proposal.tailTotal > 0 && { codeMasses, codePrefix }),
});
