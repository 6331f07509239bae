import { afterAll, beforeAll, expect, test } from "vitest";
import { startFrom } from "../../bench/upkeep/drifted.ts";
import { upkeepOf } from "../../bench/upkeep/payback.ts";
import type { DriftedState } from "../../bench/upkeep/result.ts";
import type { TrainingState } from "../../bench/upkeep/training.ts";
import { randomRows } from "../train/rows.ts";

const N = 600;
const DIM = 8;
const counts = new Float32Array(N).fill(1);
const placed = randomRows(N * DIM, 1);
const queries = Array.from({ length: 6 }, (_, i) => randomRows(DIM, 100 + i).map((value) => 3 * value));

/** Classes that have moved to a point between their places and others, as far from the origin as before. */
function stateAfter(steps: number, far: number): TrainingState {
  const others = randomRows(N * DIM, 2);
  return {
    ...{ steps, queries, stepMillis: 1 },
    rows: placed.map((value, i) => Math.sqrt(1 - far ** 2) * value + far * (others[i] as number)),
    biases: new Float32Array(N),
  };
}

let begun: Awaited<ReturnType<typeof startFrom>>;
let unmoved: DriftedState;
let moved: DriftedState;

beforeAll(async () => {
  begun = await startFrom(stateAfter(10, 0), counts);
  unmoved = await begun.after(stateAfter(11, 0));
  moved = await begun.after(stateAfter(30, 0.6));
});
afterAll(() => begun.dispose());

const share = (state: DriftedState, name: string): number => upkeepOf(state, name).effectiveSampleShare;

test("an index whose classes have not moved keeps its quality, and upkeep moves nothing", () => {
  expect(share(unmoved, "kept")).toBe(begun.start.effectiveSampleShare);
  expect(share(unmoved, "reassigned")).toBe(share(unmoved, "kept"));
  expect(unmoved.energyGrowth).toBe(1);
  expect(unmoved.chiSquareGrowth).toBeCloseTo(1, 6);
  expect(upkeepOf(unmoved, "reassigned").movedShare).toBe(0);
  expect(upkeepOf(unmoved, "refresh: none").movedShare).toBe(0);
});

test("an index whose classes have moved loses quality, and each upkeep brings it nearer to a rebuild", () => {
  expect(moved.steps).toBe(20);
  expect(moved.energyGrowth).toBeGreaterThan(1.1);
  expect(moved.chiSquareGrowth).toBeGreaterThan(1.1);
  const kl = (name: string): number => upkeepOf(moved, name).kl;
  expect(kl("kept")).toBeGreaterThan(1.5 * upkeepOf(unmoved, "kept").kl);
  expect(kl("reassigned")).toBeLessThan(kl("kept"));
  expect(kl("8 passes")).toBeLessThan(kl("reassigned"));
  expect(kl("rebuilt")).toBeLessThan(kl("reassigned"));
  expect(upkeepOf(moved, "reassigned").movedShare).toBeGreaterThan(0.2);
  expect(upkeepOf(moved, "rebuilt").movedShare).toBeUndefined();
});

test("the sampler's own rule reacts to the drift", () => {
  const rule = moved.upkeep.at(-1);
  expect(rule?.name).toMatch(/^refresh: (reassigned|rebuilt)$/);
  expect(rule?.kl).toBeLessThan(upkeepOf(moved, "kept").kl);
  expect(rule?.movedShare).toBeGreaterThan(0);
});
