import { describe, expect, it } from "vitest";
import { knownOptions } from "../../src/checks/known-options.ts";

const KNOWN = ["seed", "scan"];

class WithGetters {
  get seed(): number {
    return 3;
  }
}

/** The same option, given in every way in which `options.seed` is 3. */
const FORMS: readonly (readonly [string, object])[] = [
  ["a plain object", { seed: 3 }],
  ["an object without a prototype", Object.assign(Object.create(null), { seed: 3 })],
  ["an object that inherits it", Object.create({ seed: 3 })],
  ["an instance of a class with a getter", new WithGetters()],
  ["a property that is not enumerable", Object.defineProperty({}, "seed", { value: 3 })],
  ["a proxy", new Proxy({ seed: 3 }, {})],
  ["an object with undefined options, known and unknown", { scan: undefined, seed: 3, nprobe: undefined }],
];

describe("options", () => {
  it.each(FORMS)("are read from %s", (_, options) => {
    expect(knownOptions("predict", options, KNOWN)).toEqual({ seed: 3 });
  });

  it.each(FORMS)("that are unknown are refused beside %s", (_, options) => {
    const given = Object.defineProperty(options, "sead", { value: 1, enumerable: true, configurable: true });
    expect(() => knownOptions("predict", given, KNOWN)).toThrow(
      new TypeError('"sead" is not an option of predict: did you mean "seed"?'),
    );
  });

  it.each([
    ["Map", new Map([["seed", 3]])],
    ["URLSearchParams", new URLSearchParams("seed=3")],
    ["Date", new Date(0)],
    ["ArrayBuffer", new ArrayBuffer(8)],
  ])("are not looked for in a %s, which holds something else", (kind, options) => {
    expect(() => knownOptions("predict", options, KNOWN)).toThrow(
      new TypeError(`"options" expected an object, got ${kind}: pass what it holds`),
    );
  });

  it("are read once", () => {
    let reads = 0;
    const options = {
      get seed() {
        return ++reads;
      },
    };
    expect(knownOptions("predict", options, KNOWN)).toEqual({ seed: 1 });
    expect(reads).toBe(1);
  });
});
