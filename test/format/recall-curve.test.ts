import { describe, expect, test } from "vitest";
import {
  CURVE_FIELDS,
  CURVE_KS,
  CURVE_POINTS,
  choosePoint,
  curvesFromValues,
  curvesToValues,
  firstWrongCurveValue,
  type RecallCurve,
} from "../../src/format/recall-curve.ts";

const CURVES: readonly RecallCurve[] = [
  {
    k: 10,
    points: [
      { scan: 256, rescore: 10, recall: 0.5 },
      { scan: 512, rescore: 20, recall: 0.75 },
      { scan: 512, rescore: 200, recall: 1 },
    ],
  },
  { k: 100, points: [{ scan: 2 ** 24, rescore: 1, recall: 0.875 }] },
];

const full: RecallCurve[] = CURVE_KS.map((k) => ({
  k,
  points: Array.from({ length: CURVE_POINTS }, (_, i) => ({ scan: i + 1, rescore: k, recall: (i + 1) / CURVE_POINTS })),
}));
/** The same with twice as many rows to rescore, and one more. */
const wide = full.map(({ k, points }) => ({ k, points: points.map((point) => ({ ...point, rescore: 2 * k + 1 })) }));
const none: RecallCurve[] = CURVE_KS.map((k) => ({ k, points: [] }));

test.each([
  ["some points", CURVES],
  ["as many as there is room for", full],
  ["none", none],
])("curves of %s are what they were, written and read", (_, curves) => {
  const values = curvesToValues(curves);
  expect(values).toHaveLength(CURVE_KS.length * CURVE_POINTS * CURVE_FIELDS);
  expect(curvesFromValues(values)).toEqual(curves);
  expect(firstWrongCurveValue(values)).toBe(-1);
});

describe("choosePoint", () => {
  test("chooses the first point that reaches the recall", () => {
    expect(choosePoint(CURVES, 10, 0)).toMatchObject({ scan: 256, rescore: 10 });
    expect(choosePoint(CURVES, 10, 0.5)).toMatchObject({ scan: 256, rescore: 10 });
    expect(choosePoint(CURVES, 10, 0.51)).toMatchObject({ scan: 512, rescore: 20 });
    expect(choosePoint(CURVES, 10, 1)).toMatchObject({ scan: 512, rescore: 200 });
  });

  test("uses the curve of the next larger k, or the last one with sizes in proportion", () => {
    expect(choosePoint(CURVES, 0, 0.7)).toMatchObject({ scan: 512, rescore: 20 });
    expect(choosePoint(CURVES, 11, 0.7)).toMatchObject({ scan: 2 ** 24, rescore: 1 });
    expect(choosePoint(wide, 101, 0.01)).toMatchObject({ scan: 2, rescore: 204 });
    expect(choosePoint(wide, 250, 0.01)).toMatchObject({ scan: 3, rescore: 503 });
  });

  test("grows from no point with the fewest rows, which may be enough because outliers are the best classes", () => {
    const points = [
      { scan: 256, rescore: 100, recall: 0.98 },
      { scan: 512, rescore: 150, recall: 0.99 },
    ];
    expect(choosePoint([{ k: 100, points }], 100, 0.95)).toMatchObject({ scan: 256, rescore: 100 });
    expect(choosePoint([{ k: 100, points }], 200, 0.95)).toMatchObject({ scan: 1024, rescore: 300 });
    expect(choosePoint(full, 101, 0.01)).toBeUndefined();
  });

  test("lets the rows alone grow with k where it is told to", () => {
    expect(choosePoint(full, 250, 0.01, { growsScan: false })).toMatchObject({ scan: 1, rescore: 250 });
  });

  test("finds none if no point reaches the recall", () => {
    expect(choosePoint(CURVES, 100, 0.9)).toBeUndefined();
    expect(choosePoint(none, 10, 0.1)).toBeUndefined();
    expect(choosePoint([], 10, 0.1)).toBeUndefined();
  });
});

describe("firstWrongCurveValue", () => {
  const at = (curve: number, point: number, field: number): number =>
    (curve * CURVE_POINTS + point) * CURVE_FIELDS + field;
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

  test.each([
    ["scan", 0, [-1, 0.5, 2 ** 24 + 2, nan, infinity]],
    ["rescore", 1, [0, -0, -1, 1.5, 2 ** 24 + 2, nan, infinity]],
    ["recall", 2, [0, -0, -0.1, 0.5, 1.0001, nan, infinity]],
    ["the last field", 3, [1, -0, nan, 1e-45]],
  ])("finds what %s of a point can't be", (_, field, wrong) => {
    for (const value of wrong) {
      const values = curvesToValues(CURVES);
      values[at(0, 1, field)] = value;
      expect(firstWrongCurveValue(values), String(value)).toBe(at(0, 1, field));
    }
  });

  test("finds values behind the last point, in their curve", () => {
    for (const curve of [0, 1]) {
      const points = CURVES[curve]?.points.length ?? 0;
      for (const point of [points, CURVE_POINTS - 1]) {
        for (const field of [1, 2, 3]) {
          const values = curvesToValues(CURVES);
          values[at(curve, point, field)] = 1;
          expect(firstWrongCurveValue(values)).toBe(at(curve, point, field));
        }
      }
      const values = curvesToValues(CURVES);
      values[at(curve, points, 0)] = -0;
      expect(firstWrongCurveValue(values), "-0 is no zero").toBe(at(curve, points, 0));
    }
  });

  test("finds a recall that does not rise", () => {
    for (const recall of [0.5, 0.25]) {
      const values = curvesToValues(CURVES);
      values[at(0, 1, 2)] = recall;
      expect(firstWrongCurveValue(values)).toBe(at(0, 1, 2));
    }
  });

  test("lets recall start again in each curve", () => {
    const values = curvesToValues(CURVES);
    values[at(1, 0, 2)] = 0.125;
    expect(firstWrongCurveValue(values)).toBe(-1);
  });
});
