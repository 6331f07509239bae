import { beforeAll, describe, expect, test } from "vitest";
import golden from "../golden/golden.json" with { type: "json" };
import type { BuildingReport } from "./program/building-report.ts";
import { ODD_INPUTS } from "./program/odd-inputs.ts";

/** The hash of encodedGolden in the runtime of `npm test`. */
const ENCODED = "0b2f29e49851e3efdbef3cbff0f16133a90b3cbdae3a2be1bcf140637c2d5c04";

/** Tests what every runtime must report. */
function describePromises(runtime: string, run: () => Promise<BuildingReport>): void {
  describe(`in ${runtime}`, () => {
    let report: BuildingReport;
    beforeAll(async () => {
      report = await run();
    });

    test.each(["auto", "base"] as const)("a thousand queries give the golden bits, simd %s", (simd) => {
      expect(report.answers[simd]).toBe(golden.answers);
    });

    test("the encoder of a file makes the queries of every other runtime", () => {
      expect(report.encoded).toBe(ENCODED);
    });

    test("64 callers in turn get the answers that each gets alone", () => {
      expect(report.differingCallers).toBe(0);
    });

    test("16 loads at once give the answers of one", () => {
      expect(report.differingLoads).toBe(0);
    });

    test("indexes of 0 to 40 classes give possible answers with any number of codewords", () => {
      expect(report.impossibleIndexes).toBe(0);
    });

    test("every odd input has an outcome", () => {
      expect(Object.keys(report.outcomes)).toEqual(ODD_INPUTS.map(({ name }) => name));
    });

    test.each(ODD_INPUTS)("$name gives $gives", ({ name, gives }) => {
      expect(report.outcomes[name]).toBe(gives);
    });
  });
}

/** Tests the same, and what midx/train builds and trains. In a Worker, it is bundled with kernels that are imported. */
export function describeBuildingPromises(runtime: string, run: () => Promise<BuildingReport>): void {
  const report = once(run);
  describePromises(runtime, report);

  test(`decoding, changed logits, parts and changes have the bits of every other runtime in ${runtime}`, async () => {
    expect((await report()).calls).toBe(CALLS);
  });

  test(`midx/train builds the golden file in ${runtime}, byte for byte`, async () => {
    expect((await report()).built).toBe(golden.file);
  });

  test(`midx/train trains the golden models in ${runtime}, bit for bit`, async () => {
    expect((await report()).trained).toBe(golden.trained);
  });

  test(`the samplers of midx/train make the draws of every other runtime in ${runtime}`, async () => {
    expect((await report()).samplers).toBe(SAMPLERS);
  });

  test(`midx/train trains encoders of sequences, and midx/encoder encodes with them in ${runtime}, bit for bit`, async () => {
    expect((await report()).sequences).toBe(SEQUENCES);
    expect((await report()).attention).toBe(ATTENTION);
  });
}

/** The hash of callsGolden in the runtime of `npm test`. */
const CALLS = "d3780baf35bea072e0f4e01144a8ea2239cd506c723410b1a781d12f57af3735";

/** The hash of samplersGolden in the runtime of `npm test`. */
const SAMPLERS = "c373729d80315ca404bcbf5da0861eea1778d8b862810d075e0493d592ee373e";

/** The hash of sequencesGolden in the runtime of `npm test`. */
const SEQUENCES = "f945c1c305def7d350d26bd1ad5cec82021086f0a756c18475ae29b35828c8d3";

/** The hash of attentionGolden in the runtime of `npm test`. */
const ATTENTION = "052fd9a7174fd3330ddc457eedc77cf52c8674364b20bb856d4f19aaafe23516";

/** Returns a function that runs another one the first time alone. */
export function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= run();
    return result;
  };
}
