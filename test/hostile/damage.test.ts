import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import { loadWith } from "../../src/index/load.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { WHOLE } from "../run/size.ts";
import { SMALL_FILES, SMALL_NAMES } from "./files.ts";
import { flipBit } from "./flip.ts";
import { leastTime } from "./judge.ts";
import { Tally } from "./tally.ts";

// Accidental damage: the checksums are unchanged. test/format/file.test.ts checks at which byte it is found.

/** The stride is odd, so that all eight bits of a byte take turns. */
const STRIDE = WHOLE ? 1 : 1201;
/**
 * The milliseconds that a refusal may take: SECURITY.md's figure, with room for slow machines unless all bits are
 * flipped.
 */
const LIMIT = WHOLE ? 5 : 50;

/** The code that a file is refused with under the default limits, and the time of the refusal. */
function refusal(file: Uint8Array): Promise<{ readonly result: string; readonly milliseconds: number }> {
  return leastTime(LIMIT, async () => {
    const error: unknown = await loadWith(BUILDS.release, file).catch((reason) => reason);
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).code;
  });
}

describe.each(SMALL_NAMES)("%s", (name) => {
  const file = SMALL_FILES[name];

  async function expectRefusals(what: string, files: Iterable<Uint8Array>): Promise<number> {
    const tally = new Tally();
    for (const changed of files) {
      const { result, milliseconds } = await refusal(changed);
      expect(milliseconds, `${what} ${tally.tried}`).toBeLessThan(LIMIT);
      tally.add(result, milliseconds);
    }
    tally.print(`${what}, ${name}`);
    return tally.tried;
  }

  test(`is refused in less than ${LIMIT} ms with any bit flipped`, async () => {
    function* flips() {
      for (let bit = 0; bit < 8 * file.length; bit += STRIDE) yield flipBit(file, bit);
    }
    expect(await expectRefusals("a bit flipped", flips())).toBe(Math.ceil((8 * file.length) / STRIDE));
  });

  test(`is refused in less than ${LIMIT} ms when cut to any length`, async () => {
    const step = WHOLE ? 1 : 23;
    const count = Math.ceil(file.length / step);
    const lengths = Array.from({ length: count }, (_, i) => file.subarray(0, i * step));
    expect(await expectRefusals("cut short", lengths)).toBe(count);
  });

  test(`is refused in less than ${LIMIT} ms with 1 to 64 bytes appended`, async () => {
    const longer = Array.from({ length: 128 }, (_, i) => {
      const bytes = new Uint8Array(file.length + 1 + (i >> 1)).fill(i % 2 ? 0xff : 0);
      bytes.set(file);
      return bytes;
    });
    expect(await expectRefusals("bytes appended", longer)).toBe(128);
  });
});
