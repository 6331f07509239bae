import * as v from "valibot";
import { contentId, count, mutation, version } from "./answer-fields.ts";

const points = v.array(
  v.strictObject({
    scan: v.pipe(count, v.description("The number of rows whose fine codes are read.")),
    rescore: v.pipe(count, v.description("The number of rows that are scored exactly.")),
    recall: v.pipe(
      v.number(),
      v.description("The share of the k best classes that topK is to find: as measured, less a margin."),
    ),
  }),
);

const number = (text: string) => v.exactOptional(v.pipe(v.number(), v.description(text)));

const origin = v.picklist(["measured", "carried", "none"]);

const changes = v.strictObject({
  sequence: v.pipe(count, v.description("The number of the last change.")),
  classCount: v.pipe(
    count,
    v.description("The number of classes that answers may contain. itemCount counts removed ones too."),
  ),
  rowCount: v.pipe(count, v.description("The number of rows that changes hold.")),
  removedCount: v.pipe(count, v.description("The number of classes of the file that were removed.")),
  addedCount: v.pipe(count, v.description("The number of labels that the file does not have, removed ones included.")),
  maxDelta: v.pipe(
    count,
    v.description(
      "The most of rowCount and of addedCount that writes may lead to. For an index in parts, the sum of all parts.",
    ),
  ),
});

export const infoAnswer = v.strictObject({
  version,
  mutation,
  itemCount: v.pipe(count, v.description("The number of classes.")),
  dim: v.pipe(count, v.description("The number of values in a query.")),
  codewordCount: v.pipe(count, v.description("The number of codewords in each of the two codebooks.")),
  bucketCount: v.pipe(count, v.description("The number of buckets with at least one class.")),
  largestBucket: v.pipe(count, v.description("The number of classes in the fullest bucket.")),
  quantizer: v.pipe(v.picklist(["pq", "rq"]), v.description("Product (pq) or residual (rq) quantization.")),
  rowType: v.pipe(
    v.picklist(["f32", "f16", "i8"]),
    v.description("The type of the stored rows. Scores are exact for the stored rows."),
  ),
  metric: v.pipe(v.picklist(["dot", "cosine"]), v.description("The kind of score: the inner product, or the cosine.")),
  hasBias: v.pipe(v.boolean(), v.description("True if scores include biases.")),
  hasFineCodes: v.pipe(
    v.boolean(),
    v.description('True if the index has fine codes, so that requests accept proposal "codes".'),
  ),
  hasLabels: v.pipe(
    v.boolean(),
    v.description("True if the classes have labels. Requests then accept them, and answers return them."),
  ),
  features: v.exactOptional(
    v.pipe(
      v.strictObject({
        featureCount: v.pipe(count, v.description("The number of features in the table.")),
        positionCount: v.pipe(
          count,
          v.description("The most features in a query if their order matters, otherwise 0."),
        ),
        pooling: v.pipe(
          v.picklist(["sum", "mean", "sqrtn"]),
          v.description("The default weight of each of n features: 1 (sum), 1/n (mean) or 1/√n (sqrtn)."),
        ),
        hasFeatureLabels: v.pipe(v.boolean(), v.description("True if the features have names.")),
        featureLabelBytes: v.pipe(count, v.description("The size of these names in bytes.")),
      }),
      v.description("The table that queries are encoded with. An index that has it accepts features."),
    ),
  ),
  columns: v.exactOptional(
    v.pipe(
      v.array(
        v.strictObject({
          name: v.pipe(v.string(), v.description("The name, as filters have it.")),
          type: v.pipe(v.picklist(["string", "number", "boolean"]), v.description("The type of its values.")),
          distinct: v.pipe(count, v.description("The number of distinct values; 2 of a boolean column.")),
          textBytes: v.pipe(count, v.description("The size of all distinct strings in bytes; 0 of the other types.")),
        }),
      ),
      v.description("The columns for filter, and $namespace if classes have namespaces."),
    ),
  ),
  space: v.exactOptional(
    v.pipe(v.string(), v.description("The name of the space of rows and queries, if the build was given one.")),
  ),
  factory: v.pipe(v.string(), v.description('The structure of the index in the style of faiss, such as "RQ2x8,SQ8".')),
  hasResiduals: v.pipe(v.boolean(), v.description("True if topK uses refined rows.")),
  outlierCount: v.pipe(
    count,
    v.description("The number of classes far from their bucket's codewords, which every head scores."),
  ),
  weights: v.exactOptional(
    v.pipe(
      v.picklist(["counts", "bias", "none"]),
      v.description("What the build weighed rows by: counts, biases, or nothing. Absent for files built in format 1."),
    ),
  ),
  recallQueries: v.exactOptional(
    v.pipe(
      v.picklist(["queries", "stand-ins", "none"]),
      v.description(
        "What the recall was measured on: given queries, or stand-ins for them. Absent for files of format 1.",
      ),
    ),
  ),
  rowRecall: v.exactOptional(
    v.pipe(
      v.number(),
      v.description("The recall@10 of the stored rows against the original rows, before they were rounded."),
    ),
  ),
  calibration: v.pipe(
    v.strictObject({
      calibrated: v.pipe(v.boolean(), v.description("True if the error bars were calibrated for this index.")),
      estimator: v.pipe(v.string(), v.description("The name of the rule by which error bars are computed.")),
      source: v.exactOptional(
        v.pipe(
          v.picklist(["queries", "stand-ins", "audits"]),
          v.description("What they were calibrated with: given queries, stand-ins for them, or audits of a service."),
        ),
      ),
      queryCount: v.exactOptional(v.pipe(count, v.description("The number of these queries."))),
      factor: number("The factor on error bars."),
      limit: number("The largest model error for which intervals held. Beyond it standardError is null."),
      coverage: number(
        "The share of trusted answers whose error was within 1.96 standard errors; 0 if there were none.",
      ),
      flagged: number("The share of answers that were not trusted."),
      answers: v.exactOptional(
        v.pipe(count, v.description("The number of answers that were compared with exact ones.")),
      ),
      largestMiss: number("The largest error of a trusted answer, in standard errors."),
      spread: number("The factor on the spread of weights that the model of the tail predicts, as a logarithm."),
      spreadLimit: number(
        "The largest logarithm of that spread at which answers have an error bar. Beyond it standardError is null.",
      ),
    }),
    v.description("What is known about the error bars of answers."),
  ),
  compaction: v.exactOptional(
    v.pipe(
      v.strictObject({
        sequence: v.pipe(count, v.description("The sequence number of the last change that the file has.")),
        calibration: v.pipe(origin, v.description("Where the calibration of error bars comes from.")),
        curves: v.pipe(origin, v.description("Where the recall curves come from.")),
      }),
      v.description(
        "Of an index that was made of an older one and changes: measured on it, carried over from the older one, or none.",
      ),
    ),
  ),
  contentId,
  formatVersion: v.pipe(v.string(), v.description("The version of the file format.")),
  builder: v.pipe(v.string(), v.description("The program that wrote the file.")),
  fileBytes: v.pipe(count, v.description("The size of the file in bytes.")),
  memoryBytes: v.pipe(count, v.description("The memory of the loaded index in bytes.")),
  recallCurves: v.pipe(
    v.array(
      v.strictObject({
        k: v.pipe(count, v.description("The k of topK.")),
        points: v.pipe(points, v.description("The measurements. The list is empty if the build made none.")),
      }),
    ),
    v.description(
      "The recall of topK by fine codes against the work it takes, measured by the build or by midx calibrate.",
    ),
  ),
  changes: v.exactOptional(
    v.pipe(changes, v.description("What changes have made of the file, if the service takes them and there are some.")),
  ),
});
