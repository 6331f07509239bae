/** The products of a query with the codewords, and the rate of its tilts. */
export interface SubScores {
  /** (K): ⟨z1, C1[k]⟩ / T */
  readonly subScores1: Float32Array;
  /** (K): ⟨z2, C2[k]⟩ / T */
  readonly subScores2: Float32Array;
  /** Times a dispersion it is the logarithm of a tilt. */
  readonly tiltRate: number;
}

/**
 * How masses were computed, as far as their logarithms show it. "f64": logits are small enough that rounding to f32
 * does not show, and a log mass is a sum in f64. "factors", "logs": logits are so large that a log mass must repeat the
 * rounding of the factors or of the logarithms.
 */
export type MassPath = "f64" | "factors" | "logs";

/**
 * How the tilts are part of the masses: not at all, as factors, or as logarithms. The tilt of a bucket is e^(σ² / 2), at
 * most e^MOST_TILT, with σ² the variance of its residual logits over T that its dispersion leads one to expect.
 */
export type TiltPath = "none" | "factors" | "logs";

/** The units that logarithms of masses are relative to. */
export interface MassUnits {
  readonly path: MassPath;
  readonly tiltPath: TiltPath;
  /** The logarithm of the unit of the masses. */
  readonly massShift: number;
  /** The largest logarithms of the factors of groups and of second codewords. */
  readonly groupShift: number;
  readonly secondShift: number;
}

/** The masses of the tail. */
export interface Tail {
  /** (blocks · 32): the masses of the buckets outside the head, 0 elsewhere. */
  readonly slotMasses: Float32Array;
  readonly blockSums: Float32Array;
  /** (K + 1): the tail's mass before each group, then tailTotal. */
  readonly groupPrefix: Float64Array;
  readonly tailTotal: number;
}
