import { describe, expect, test } from "vitest";
import { type LoggedRow, policyValue } from "../../src/train/index.ts";

const rows: readonly LoggedRow[] = [
  {
    requestId: "a",
    draws: [
      { weight: 0.5, reward: 2 },
      { weight: 1.5, reward: 0 },
    ],
  },
  { requestId: "a", draws: [{ weight: 2, reward: 3 }] },
  { requestId: "b", draws: [{ weight: 0.5, reward: 4 }] },
  { requestId: "c", draws: [{ weight: 1, reward: 0 }] },
];

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("policyValue", () => {
  test("refuses rows of weight 0 alone, of which there is nothing to say", () => {
    const draws = [{ weight: 0, reward: 1 }];
    expect(() => policyValue([{ requestId: "a", draws }])).toThrow("expected a weight above 0, got none");
  });

  test("is the mean over requests of the mean over their rows, with its error and interval", () => {
    const { ips, logged, difference, meanWeight, ...value } = policyValue(rows);
    const values = [mean([(0.5 * 2) / 2, 6]), 2, 0];
    expect(ips.mean).toBeCloseTo(mean(values), 12);
    const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - ips.mean) ** 2, 0) / 2);
    expect(ips.deviation).toBeCloseTo(deviation, 12);
    expect(ips.standardError).toBeCloseTo(deviation / Math.sqrt(3), 12);
    expect(ips.low).toBeCloseTo(ips.mean - 1.96 * ips.standardError, 12);
    expect(ips.high).toBeCloseTo(ips.mean + 1.96 * ips.standardError, 12);
    expect(logged.mean).toBeCloseTo(mean([mean([1, 3]), 4, 0]), 12);
    expect(difference.mean).toBeCloseTo(ips.mean - logged.mean, 12);
    const weights = [mean([1, 2]), 0.5, 1];
    expect(meanWeight.mean).toBeCloseTo(mean(weights), 12);
    expect(value.snips.mean).toBeCloseTo(ips.mean / mean(weights), 12);
    expect(value.effectiveRequests).toBeCloseTo(9 / (1.5 ** 2 + 0.5 ** 2 + 1), 12);
    expect(value).toMatchObject({ requests: 3, draws: 5, largestWeight: 2 });
    expect(value).not.toHaveProperty("doublyRobust");
  });

  test("is doubly robust with predictions", () => {
    const { doublyRobust } = policyValue([
      { requestId: "a", direct: 0.4, draws: [{ weight: 3, reward: 1, predicted: 0.5 }] },
      {
        requestId: "b",
        direct: 0.2,
        draws: [
          { weight: 0, reward: 1, predicted: 0 },
          { weight: 1, reward: 0, predicted: 1 },
        ],
      },
    ]);
    expect(doublyRobust?.mean).toBeCloseTo(mean([0.4 + 3 * 0.5, 0.2 - 0.5]), 12);
  });

  test("with a clip counts larger weights as it, and tells the largest nevertheless", () => {
    const value = policyValue(rows, { clip: 1 });
    expect(value.ips.mean).toBeCloseTo(mean([mean([0.5, 3]), 2, 0]), 12);
    expect(value.largestWeight).toBe(2);
  });

  test("of a single request has no error", () => {
    const { ips } = policyValue(rows.slice(0, 1));
    expect(ips).toEqual({
      mean: 0.5,
      standardError: Number.NaN,
      deviation: Number.NaN,
      low: Number.NaN,
      high: Number.NaN,
    });
  });

  const draw = { weight: 1, reward: 0 };
  test.each<[rows: readonly object[], message: string]>([
    [[], '"rows" expected at least one row, got none'],
    [[{ draws: [draw] }], '"rows"[0].requestId expected a string, got undefined'],
    [[{ requestId: "a", draws: [] }], '"rows"[0].draws expected an array of at least one draw'],
    [
      [{ requestId: "a", draws: [{ ...draw, weight: Number.NaN }] }],
      '"rows"[0].draws[0].weight expected a finite number, got NaN',
    ],
    [[{ requestId: "a", draws: [{ ...draw, weight: -1 }] }], '"rows"[0].draws[0].weight expected 0 or more, got -1'],
    [
      [{ requestId: "a", draws: [draw, { weight: 1 }] }],
      '"rows"[0].draws[1].reward expected a finite number, got undefined',
    ],
    [
      [{ requestId: "a", direct: 1, draws: [draw] }],
      '"rows"[0].draws[0].predicted expected "rows"[0].direct beside it, or neither',
    ],
    [
      [
        { requestId: "a", draws: [draw] },
        { requestId: "b", direct: 1, draws: [{ ...draw, predicted: 1 }] },
      ],
      '"rows"[1] expected "direct" and "predicted" in every row or in none',
    ],
  ])("names what is wrong in %j", (wrong, message) => {
    expect(() => policyValue(wrong as LoggedRow[])).toThrow(message);
  });

  test("refuses a clip that is none", () => {
    expect(() => policyValue(rows, { clip: 0 })).toThrow(new RangeError('"clip" expected a number above 0, got 0'));
    expect(() => policyValue(rows, { klip: 1 } as never)).toThrow('did you mean "clip"?');
  });
});
