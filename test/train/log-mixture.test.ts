import { expect, test } from "vitest";
import { mixLogs, planLogMixture } from "../../src/train/samplers/log-mixture.ts";
import { at } from "../reference/at.ts";
import { BUILDS, trainKernels } from "./instances.ts";
import { modelKernels } from "./model/instances.ts";
import { randomRows } from "./rows.ts";

const MOST = 8;
const NEVER = Number.NEGATIVE_INFINITY;

const instances = [
  ...BUILDS.map((build) => [build, trainKernels(build)] as const),
  ["model.wasm", modelKernels()] as const,
];

test.each(instances)(
  "mixtures in %s have the bits of the plain ones, in every number of components and draws",
  (_, kernels) => {
    const mix = planLogMixture(kernels, MOST);
    for (const components of [1, 2, 3, MOST]) {
      const logShares = Array.from({ length: components }, (_, r) =>
        Math.log((r + 1) / (components * (components + 1))),
      );
      for (const count of [0, 1, 5, 1023, 1024, 1025, 2500]) {
        const logs = Array.from({ length: components }, (_, r) =>
          Float64Array.from(randomRows(count, r), (x) => 40 * x - 50),
        );
        const mixed = mix(logs, logShares);
        expect(mixed).toEqual(mixLogs(logs, logShares));
        for (let j = 0; j < count; j += 97) {
          const sum = logs.reduce((sum, log, r) => sum + Math.exp(at(log, j) + at(logShares, r)), 0);
          expect(at(mixed, j)).toBeCloseTo(Math.log(sum), 10);
        }
      }
    }
  },
);

test.each(instances)(
  "in %s a draw that some components never make counts for the others, one that none makes never",
  (_, kernels) => {
    const logs = [Float64Array.of(-3, NEVER, NEVER, -2000), Float64Array.of(NEVER, -5, NEVER, NEVER)];
    const expected = Float64Array.of(-3 + Math.log(0.5), -5 + Math.log(0.5), NEVER, -2000 + Math.log(0.5));
    const halves = [Math.log(0.5), Math.log(0.5)];
    expect(planLogMixture(kernels, 2)(logs, halves)).toEqual(expected);
    expect(mixLogs(logs, halves)).toEqual(expected);
  },
);
