import { checkOneOf, kindOf, shown } from "../../checks/check.ts";
import { functionOptions } from "../../checks/function-options.ts";
import { type FeatureFacts, POOLINGS } from "../../format/features.ts";
import { MAX_ITEMS, MAX_POSITIONS } from "../../format/limits.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import { checkFloats, checkVector } from "../rows/matrix.ts";
import { paddedBlocks } from "../rows/padded-rows.ts";
import { type ByteChunks, bytesOf } from "../runtime/byte-chunks.ts";
import { FEATURE_OPTIONS, type FeatureTable } from "./build-options.ts";
import { encodeLabels } from "./encode-labels.ts";

/** A table of features as a file stores it. */
export interface EncodedFeatures {
  readonly facts: FeatureFacts;
  readonly tensors: Readonly<Partial<Record<TensorName, ByteChunks>>>;
}

/** Encodes the option `features`. A TypeError or RangeError names the part of it that is wrong. */
export function encodeFeatures(table: FeatureTable, dim: number): EncodedFeatures {
  const {
    data,
    shape,
    positions,
    labels,
    pooling = "sum",
  } = functionOptions("features of build", FEATURE_OPTIONS, table, "features");
  if (!Array.isArray(shape)) {
    throw new TypeError(`"features.shape" expected [features, values per row], got ${kindOf(shape)}`);
  }
  const [featureCount, width] = shape;
  if (!Number.isInteger(featureCount) || featureCount < 1 || featureCount > MAX_ITEMS) {
    throw new RangeError(`"features.shape"[0] expected 1..${MAX_ITEMS} rows, got ${shown(featureCount)}`);
  }
  if (width !== dim)
    throw new RangeError(`"features.shape"[1] expected ${dim} values per row, as in "data", got ${width}`);
  checkRows("features.data", data, featureCount * dim);
  const positionCount = (positions?.length ?? 0) / dim;
  if (positions) {
    checkRows("features.positions", positions, positions.length);
    if (!Number.isInteger(positionCount) || positionCount < 1 || positionCount > MAX_POSITIONS) {
      throw new RangeError(
        `"features.positions" expected 1..${MAX_POSITIONS} rows of ${dim} values, got ${positions.length}`,
      );
    }
  }
  checkOneOf("features.pooling", pooling, POOLINGS);
  const encoded = labels && encodeLabels(labels, featureCount, "features.labels");
  return {
    facts: {
      featureCount,
      positionCount,
      pooling,
      hasFeatureLabels: encoded !== undefined,
      featureLabelBytes: encoded?.text.length ?? 0,
    },
    tensors: {
      features: paddedBlocks(data, dim),
      ...(positions && { featurePositions: paddedBlocks(positions, dim) }),
      ...(encoded && {
        featureLabelOffsets: [bytesOf(encoded.offsets)],
        featureLabelOrder: [bytesOf(encoded.order)],
        featureLabelText: [encoded.text],
      }),
    },
  };
}

function checkRows(name: string, values: Float32Array, length: number): void {
  checkFloats(name, values);
  checkVector(name, values, length, Number.NEGATIVE_INFINITY);
}
