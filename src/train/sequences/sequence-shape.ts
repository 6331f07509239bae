import { checkCount, checkFlag, checkOneOf } from "../../checks/check.ts";
import { MAX_BLOCKS, MAX_UNITS } from "../../format/encoder.ts";
import { checkRange } from "../model/check-range.ts";
import { ENCODERS, MAX_DIM, type ModelShape } from "../model/shape.ts";
import type { SequenceOptions } from "./options.ts";
import type { Sequences } from "./sequences.ts";
import type { SequenceSettings } from "./settings.ts";

/** Checks the sizes of a model of these sequences. */
export function sequenceShape(
  { itemCount }: Sequences,
  options: SequenceOptions,
  { length }: Pick<SequenceSettings, "length">,
): ModelShape {
  const { encoder = "gru" } = options;
  checkOneOf("encoder", encoder, ENCODERS);
  const dim = checkWidth("dim", options.dim ?? 64, MAX_DIM);
  const isTied = options.tied === undefined || checkFlag("tied", options.tied);
  const common = { classCount: itemCount, featureCount: itemCount, dim, positionCount: 0, hidden: "none" } as const;
  const items = isTied ? "tied" : "own";
  if (encoder === "gru") {
    refuse(options, ["blocks", "heads"], "attention", encoder);
    return { ...common, encoder, units: checkWidth("units", options.units ?? dim, MAX_UNITS), items };
  }
  refuse(options, ["units"], "gru", encoder);
  const blocks = checkRange("blocks", options.blocks ?? 2, 1, MAX_BLOCKS);
  const heads = checkRange("heads", options.heads ?? 1, 1, MAX_DIM);
  if (dim % (4 * heads) !== 0) {
    throw new RangeError(`"heads" expected a divisor of dim / 4, which is ${dim / 4}, got ${heads}`);
  }
  return { ...common, encoder, blocks, heads, length, items };
}

/** Refuses options of the other encoder. */
function refuse(options: SequenceOptions, names: readonly (keyof SequenceOptions)[], of: string, got: string): void {
  for (const name of names) {
    if (options[name] !== undefined) throw new RangeError(`"${name}" expected the encoder ${of}, got ${got}`);
  }
}

function checkWidth(name: string, width: number, most: number): number {
  checkCount(name, width, most, "the limit");
  if (width < 4 || width % 4 !== 0)
    throw new RangeError(`"${name}" expected a multiple of 4 in 4..${most}, got ${width}`);
  return width;
}
