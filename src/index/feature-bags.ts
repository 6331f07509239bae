import type { EncodeOptions, Feature } from "../answers/options.ts";
import { checkArray, shown } from "../checks/check.ts";
import type { FeatureFacts } from "../format/features.ts";
import type { TensorPlace } from "../format/header.ts";
import { paddedCodeword } from "../format/tensor-spec.ts";
import { Labels, labelTable } from "../memory/labels.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { checkFloat, copyFloats } from "./copied-arguments.ts";

/** The name of its section, here so that not everything about encoders comes with it. */
const ENCODER = "encoder";

/** The weight of each of n features without `weights`, by pooling. */
const SHARES = { sum: () => 1, mean: (n: number) => 1 / n, sqrtn: (n: number) => 1 / Math.sqrt(n) };

/** Makes queries from weighted bags of features with the tables of a loaded index. */
export class FeatureBags {
  private readonly facts: FeatureFacts;
  private readonly dim: number;
  /** E: f32 (features, dim with padding). */
  private readonly vectors: Float32Array;
  /** P: f32 (positions, dim with padding). */
  private readonly positions: Float32Array | undefined;
  private readonly names: Labels | undefined;

  /** RangeError for an index without a table of features. */
  constructor({ kernels, header, plan }: Pick<OpenedIndex, "kernels" | "header" | "plan">) {
    const { buffer } = kernels.memory;
    const { dim, features, ignored } = header.facts;
    if (!features) {
      const isOfSequences = ignored?.some(({ name }) => name === ENCODER);
      const found = isOfSequences ? "with an encoder: call openEncoder of midx/encoder first" : "without";
      throw new RangeError(`"features" expected an index built with "features", got one ${found}`);
    }
    const view = ({ begin, end }: TensorPlace) => new Float32Array(buffer, plan.file + begin, (end - begin) / 4);
    const { features: vectors, featurePositions: positions } = header.tensors;
    this.facts = features;
    this.dim = dim;
    this.vectors = view(vectors as TensorPlace);
    this.positions = positions && view(positions);
    this.names = features.hasFeatureLabels ? new Labels(labelTable(buffer, header, plan, "featureLabel")) : undefined;
  }

  /**
   * Computes Σ_k w_k P[k] ⊙ E[f_k] in the order of the features. It rounds to f32 after every product and sum, as the
   * kernels of the trainer do. TypeError and RangeError name the argument.
   */
  encode(features: readonly Feature[] | Int32Array, { weights }: EncodeOptions): Float32Array<ArrayBuffer> {
    const { vectors, positions, dim } = this;
    const stride = paddedCodeword(dim);
    const ids = this.idsOf(features);
    const weighed = this.weigh(ids.length, weights);
    const query = new Float32Array(dim);
    for (let k = 0; k < weighed.length; k++) {
      const weight = weighed[k] as number;
      const row = (ids[k] as number) * stride;
      for (let d = 0; d < dim; d++) {
        let value = vectors[row + d] as number;
        if (positions) value = Math.fround(value * (positions[k * stride + d] as number));
        query[d] = (query[d] as number) + Math.fround(weight * value);
      }
    }
    for (const [d, value] of query.entries()) checkFloat("query of features", d, value); // sums may be too large
    return query;
  }

  /** Finds the rows of the features. */
  private idsOf(features: readonly Feature[] | Int32Array): Int32Array {
    const { positionCount } = this.facts;
    checkArray("features", features, "ids or names");
    const { length } = features;
    if (positionCount > 0 && length > positionCount) {
      throw new RangeError(`"features" expected at most ${positionCount}, one per position, got ${length}`);
    }
    const ids = new Int32Array(length);
    for (let k = 0; k < length; k++) ids[k] = this.idOf(features[k] as Feature, k);
    return ids;
  }

  /** Returns a weight for each of `count` features. */
  private weigh(count: number, weights: EncodeOptions["weights"]): Float32Array {
    if (weights === undefined) return new Float32Array(count).fill(SHARES[this.facts.pooling](count));
    checkArray("weights", weights, "numbers");
    const { length } = weights;
    if (length !== count) throw new RangeError(`"weights" expected ${count} values, one per feature, got ${length}`);
    return copyFloats("weights", weights, new Float32Array(length));
  }

  private idOf(feature: Feature, k: number): number {
    const { featureCount } = this.facts;
    const isName = typeof feature === "string";
    const id = isName ? this.names?.find(feature) : feature;
    if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < featureCount) return id as number;
    const expected = `an integer in 0..${featureCount - 1}${this.names ? " or the name of a feature" : ""}`;
    throw new RangeError(`"features"[${k}] expected ${expected}, got ${shown(feature)}`);
  }
}
