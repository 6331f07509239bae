import type { Mixture, MixtureShares } from "../answers/recommend-options.ts";
import { checkNumber } from "../checks/check.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import type { IndexInfo } from "./info.ts";

/** The largest power of the popularity. */
const MOST_POWER = 1024;

/** Reads the option `mixture` of a call. Returns undefined where everything is drawn from the proposal. */
export function mixtureShares(
  mixture: Mixture | undefined,
  { hasBias }: Pick<IndexInfo, "hasBias">,
): MixtureShares | undefined {
  if (mixture === undefined) return undefined;
  const { uniform = 0, popularity } = optionsWithoutNull("mixture", mixture, ["uniform", "popularity"], "mixture");
  checkNumber("mixture.uniform", uniform, 0, 1);
  const name = "mixture.popularity";
  if (popularity !== undefined && !hasBias) {
    throw new RangeError(`"${name}" expected an index built with "bias" (--bias), got one without`);
  }
  const read = popularity === undefined ? undefined : optionsWithoutNull(name, popularity, ["share", "power"], name);
  const share = read ? checkNumber(`${name}.share`, read.share as number, 0, 1) : 0;
  const power = checkNumber(`${name}.power`, read?.power ?? 1, 0, MOST_POWER);
  if (uniform + share > 1) {
    throw new RangeError(`"${name}.share" expected at most ${1 - uniform} beside uniform: ${uniform}, got ${share}`);
  }
  if (uniform === 0 && share === 0) return undefined;
  return { uniform, popularity: share, power: Math.fround(power) };
}
