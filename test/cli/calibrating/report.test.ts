import { describe, expect, test } from "vitest";
import { calibrationFacts, calibrationText } from "../../../src/cli/calibrating/report.ts";

const MEASURED = {
  factor: 1,
  limit: 2,
  coverage: 0.97,
  flagged: 0.1,
  answers: 512,
  source: "stand-ins",
  queryCount: 32,
} as const;

describe("the report of a calibration", () => {
  test("says what finds a class that no head holds where an error is far beyond its bar", () => {
    const facts = new Map(calibrationFacts({ ...MEASURED, largestMiss: 208 }));
    expect(facts.get("coverage")).toContain("208.0 standard errors");
    expect(facts.get("beware")).toMatch(/fine codes .* exact: true/);
  });

  test("says that bars are wider where queries are like single rows", () => {
    expect(new Map(calibrationFacts({ ...MEASURED, largestMiss: 4, spread: 1.5 })).get("spread")).toMatch(/^1\.50: /);
    expect(new Map(calibrationFacts({ ...MEASURED, largestMiss: 4, spread: 1 })).has("spread")).toBe(false);
  });

  test("says where there are no bars because estimates miss single rows", () => {
    const limited = new Map(calibrationFacts({ ...MEASURED, largestMiss: 4, spreadLimit: 0.5 }));
    expect(limited.get("no bars")).toMatch(/point at single rows .* exact: true/);
    expect(new Map(calibrationFacts({ ...MEASURED, largestMiss: 4, spreadLimit: 2 ** 40 })).has("no bars")).toBe(false);
  });

  test("claims no coverage where nothing could be compared", () => {
    const facts = new Map(calibrationFacts({ ...MEASURED, coverage: 0, flagged: 0, largestMiss: 0 }));
    expect(facts.get("coverage")).toBe("not known: no trusted answer had a bar to compare its error with");
    const info = { ...MEASURED, calibrated: true, estimator: "dispersion-5" };
    const lineOf = (coverage: number, largestMiss: number) => calibrationText({ ...info, coverage, largestMiss });
    expect(lineOf(0, 0)).toBe("dispersion-5, on 32 stand-ins, factor 1.00, coverage not known");
    expect(lineOf(0.97, 3)).toContain("coverage 97.0 %");
  });

  test("leaves that out where errors are as bars say", () => {
    expect(new Map(calibrationFacts({ ...MEASURED, largestMiss: 4 })).has("beware")).toBe(false);
  });
});
