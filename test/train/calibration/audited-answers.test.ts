import { expect, test } from "vitest";
import { type AuditedAnswer, audited } from "../../../src/train/calibration/audited-answers.ts";

const AUDIT: AuditedAnswer = {
  ...{ temperature: 1, proposal: "buckets", scan: 1024, draws: 100 },
  ...{ error: 0.2, standardError: 0.06, modelError: 0.02 },
};
const SERVED = { factor: 1.2, limit: 0.5 };

test("bars are those without the factor of the file that answered", () => {
  const { bars, modelErrors, errors } = audited([AUDIT], SERVED);
  expect(bars[0]).toBeCloseTo(0.05, 12);
  expect([modelErrors[0], errors[0]]).toEqual([0.02, 0.2]);
});

test("an answer beyond the limit has the model's error as its bar, and one beyond the limit of spreads tells nothing", () => {
  const beyond = { ...AUDIT, standardError: null, modelError: 0.7 };
  const beyondSpread = { ...AUDIT, standardError: null, modelError: 0.001, error: 6 };
  const { bars, queries } = audited([AUDIT, beyondSpread, beyond], SERVED);
  expect(queries).toEqual(Int32Array.of(0, 1));
  expect(bars[1]).toBe(0.7);
});
