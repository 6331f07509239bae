import { checkNumber, checkSeed, MAGNITUDE_LIMIT, shown } from "../../checks/check.ts";
import type { Names } from "../../checks/function-options.ts";
import { unitRows } from "../../format/unit-rows.ts";
import { startArena } from "../runtime/arena.ts";
import { cosineAndSine } from "./circular.ts";
import { type Classes, dimOf } from "./classes.ts";
import { normalRows } from "./directions.ts";
import { enumeratedSampler } from "./enumerated.ts";
import { project } from "./projections.ts";
import { placeRows } from "./resident-rows.ts";
import type { Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";

/** Options of the sampler of kind "fourier". */
export interface FourierOptions {
  /** The number of random frequencies. A class has a cosine and a sine for each. Default 64. */
  readonly frequencies?: number;
  /** ν of the kernel e^{−ν‖z − v‖²/2} on unit vectors. Default 4. */
  readonly sharpness?: number;
  /** The seed of the random frequencies. Default 0. */
  readonly seed?: number | bigint;
}

export const FOURIER_OPTIONS: Names<FourierOptions> = { frequencies: true, sharpness: true, seed: true };

const MOST_FREQUENCIES = 2 ** 16;

/** The least mass of a class. The largest is 1. The estimate of a kernel can be negative, but a mass cannot. */
const LEAST_MASS = 0.01;

/**
 * Random Fourier features (Rawat et al. 2019): draws with q ∝ φ(z)·φ(v), which approximates e^{−ν‖z − v‖²/2} of the unit
 * vectors. Queries and classes share one set of frequencies. It computes the mass of every class, O(N · frequencies) per
 * query, so it is a reference for the quality of the proposal and not for its time.
 */
export function fourierSampler(
  tools: SamplerTools,
  classes: Classes,
  { frequencies = 64, sharpness = 4, seed = 0n }: FourierOptions = {},
): Sampler {
  const { train } = tools;
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  if (!Number.isInteger(frequencies) || frequencies < 1 || frequencies > MOST_FREQUENCIES) {
    throw new RangeError(`"frequencies" expected 1..${MOST_FREQUENCIES}, got ${shown(frequencies)}`);
  }
  const width = 2 * frequencies;
  checkNumber("sharpness", sharpness, 0, MAGNITUDE_LIMIT);
  const scale = Math.sqrt(sharpness);
  const directions = normalRows(train, frequencies, dim, checkSeed(seed)).map((value) => value * scale);
  const arena = startArena(train);
  const resident = placeRows(train, arena, itemCount, width);
  const oneUnit = new Float32Array(dim);
  const queryFeatures = new Float32Array(width);
  const masses = new Float64Array(itemCount);

  const writeFeatures = (rows: Float32Array, features: Float32Array): void =>
    project(train, arena.nest(), rows, directions, dim, (k, first, products) => {
      for (let i = 0; i < products.length; i++) {
        const [cosine, sine] = cosineAndSine(products[i] as number);
        features[(first + i) * width + k] = cosine / Math.sqrt(frequencies);
        features[(first + i) * width + frequencies + k] = sine / Math.sqrt(frequencies);
      }
    });

  const update = (rows: Float32Array): void => {
    const features = new Float32Array(itemCount * width);
    writeFeatures(unitRows(rows, dim, new Float32Array(rows.length)), features);
    resident.set(features);
  };
  update(classes.rows);
  return enumeratedSampler(tools, {
    name: "fourier",
    itemCount,
    dim,
    weigh(query) {
      writeFeatures(unitRows(query, dim, oneUnit), queryFeatures);
      const products = resident.products(queryFeatures);
      for (let id = 0; id < itemCount; id++) masses[id] = Math.max(LEAST_MASS, products[id] as number);
      return { masses, logMass: (id) => train.log64(masses[id] as number) };
    },
    update,
  });
}
