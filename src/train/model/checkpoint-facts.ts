import { FormatError } from "../../bytes/format-error.ts";
import { isObject } from "../../checks/is-object.ts";
import { MAX_BLOCKS, MAX_LENGTH, MAX_UNITS } from "../../format/encoder.ts";
import { bestEpochOf, costOf } from "./best-epoch.ts";
import type { TrainingSettings, TrainingState } from "./checkpoint.ts";
import type { TrainingOrigin } from "./origin.ts";
import { SELECT_BY, selectedBy } from "./select-by.ts";
import { ENCODERS, type EncoderName, HIDDEN, ITEM_TABLES, MAX_DIM, type ModelShape } from "./shape.ts";
import { optimizerOf, restoreSettings, storedOptimizers } from "./stored-settings.ts";
import type { EpochReport } from "./train-options.ts";

type Facts = Readonly<Record<string, unknown>>;

/** Reads the shape of a model. @throws FormatError model-metadata. */
export function readShape(facts: Facts): ModelShape {
  const fail = (name: string, expected: string): never => {
    throw new FormatError(
      "model-metadata",
      8,
      `"${name}" of the model expected ${expected}, got ${shown(facts[name])}`,
    );
  };
  const size = (name: string, least: number): number => {
    const value = facts[name];
    return isCount(value, least) ? value : fail(name, `an integer of at least ${least}`);
  };
  const dim = size("dim", 4);
  if (dim > MAX_DIM || dim % 4 !== 0) fail("dim", `a multiple of 4 up to ${MAX_DIM}`);
  const hidden = HIDDEN.find((name) => name === facts.hidden) ?? fail("hidden", HIDDEN.join(", "));
  const shape = {
    classCount: size("classCount", 2),
    featureCount: size("featureCount", 1),
    dim,
    positionCount: size("positionCount", 0),
    hidden,
  };
  if (facts.encoder === undefined) return shape;
  const named = <Name extends string>(name: string, known: readonly Name[]): Name =>
    known.find((one) => one === facts[name]) ?? fail(name, known.join(", "));
  if (shape.featureCount !== shape.classCount) fail("featureCount", "the number of classes, which are the items");
  const encoder = named("encoder", ENCODERS);
  return { ...shape, encoder, ...sizesOf(encoder), items: named("items", ITEM_TABLES) };

  function sizesOf(name: EncoderName): Partial<ModelShape> {
    const sized = (size: string, least: number, most: number, step: number, expected: string): number => {
      const value = facts[size];
      return isCount(value, least) && value <= most && value % step === 0 ? value : fail(size, expected);
    };
    if (name === "gru") return { units: sized("units", 4, MAX_UNITS, 4, `a multiple of 4 up to ${MAX_UNITS}`) };
    const blocks = sized("blocks", 1, MAX_BLOCKS, 1, `an integer of 1 to ${MAX_BLOCKS}`);
    const heads = sized("heads", 1, dim / 4, 1, `an integer of 1 to ${dim / 4}`);
    if (dim % (4 * heads) !== 0) fail("heads", `a divisor of ${dim / 4}`);
    return { blocks, heads, length: sized("length", 1, MAX_LENGTH, 1, `an integer of 1 to ${MAX_LENGTH}`) };
  }
}

/**
 * Reads the state of a training and checks it against itself and the model. `withBest` tells by the settings whether the model is
 * from an earlier epoch than the last.
 *
 * @throws FormatError training-metadata
 */
export function readTraining(
  facts: Facts,
  shape: ModelShape,
  withBest: (settings: TrainingSettings) => boolean,
): TrainingState {
  const { epoch, steps, settings, history } = facts;
  if (!isCount(epoch, 1) || !isCount(steps, 1)) return fail('"epoch" and "steps" expected integers of at least 1');
  if (!Array.isArray(history) || history.length !== epoch) return fail(`"history" expected ${epoch} epochs`);
  const checked = readSettings(settings, shape);
  // A resumed optimizer counts its steps again, so their number has to follow from the epochs.
  const expected = epoch * Math.ceil(checked.examples / checked.batchSize);
  if (steps !== expected) fail(`"steps" expected ${expected} in ${epoch} epochs, got ${steps}`);
  const reports = history.map((report, i) => readReport(report, i + 1));
  const by = selectedBy(checked);
  if (by !== "loss" && reports.some((report) => costOf(report, by) === undefined)) {
    return fail(`the reports expected "heldOutRanks", since setting "selectBy" is ${by}`);
  }
  if (withBest(checked) && bestEpochOf(reports, by) === epoch) {
    const name = checked.averaging === undefined ? "latest" : "average";
    fail(`"${name}" tables are expected only if an earlier epoch was better`);
  }
  return { epoch, steps, settings: checked, history: reports };
}

/** Reads the origin of a training. @throws FormatError training-metadata. */
export function readOrigin({ data, heldOut, sampler }: Facts): TrainingOrigin {
  if (!isHash(data)) return fail('"data" expected 16 hex digits');
  if (heldOut !== undefined && !isHash(heldOut)) return fail('"heldOut" expected 16 hex digits');
  if (sampler !== undefined && typeof sampler !== "string") return fail('"sampler" expected a name');
  return { data, ...(heldOut !== undefined && { heldOut }), ...(sampler !== undefined && { sampler }) };
}

const isHash = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{16}$/.test(value);

function readSettings(settings: unknown, shape: ModelShape): TrainingSettings {
  if (!isObject(settings)) return fail('"settings" expected an object');
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== "string" && typeof value !== "number") fail(`setting "${name}" expected a string or a number`);
  }
  for (const [name, value] of Object.entries(shape)) {
    if (settings[name] !== value)
      fail(`setting "${name}" expected ${value}, as in the model, got ${shown(settings[name])}`);
  }
  // The messages name the settings as the file does.
  const { optimiser, batch, examples } = settings;
  if (optimizerOf(optimiser) === undefined) {
    return fail(`setting "optimiser" expected ${storedOptimizers().join(", ")}`);
  }
  if (!isCount(batch, 1) || !isCount(examples, 1)) {
    return fail('settings "batch" and "examples" expected integers of at least 1');
  }
  const { selectBy = "loss", averaging = "true" } = settings;
  if (averaging !== "true") fail('setting "averaging" expected true');
  if (!SELECT_BY.some((name) => name === selectBy)) fail(`setting "selectBy" expected ${SELECT_BY.join(", ")}`);
  return restoreSettings(settings as Record<string, string | number>) as TrainingSettings;
}

function readReport(report: unknown, epoch: number): EpochReport {
  if (!isObject(report)) return fail(`the report of epoch ${epoch} expected an object`);
  const { loss, heldOutLoss, heldOutRanks, refreshes, moved } = report;
  const isReport =
    report.epoch === epoch &&
    Number.isFinite(loss) &&
    (heldOutLoss === undefined || Number.isFinite(heldOutLoss)) &&
    (heldOutRanks === undefined || isRanks(heldOutRanks)) &&
    isCount(moved, 0) &&
    isObject(refreshes) &&
    Object.keys(refreshes).join() === "none,reassigned,rebuilt" &&
    Object.values(refreshes).every((count) => isCount(count, 0));
  if (!isReport) fail(`the report of epoch ${epoch} expected its number, finite losses and counts of refreshes`);
  return report as unknown as EpochReport;
}

function fail(message: string): never {
  throw new FormatError("training-metadata", 8, message);
}

const isRanks = (ranks: unknown): boolean =>
  isObject(ranks) &&
  Object.keys(ranks).join() === "recall,ndcg" &&
  Object.values(ranks).every((share) => typeof share === "number" && share >= 0 && share <= 1);

const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;

/** Shows a value as JSON, cut at 40 characters. */
const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 40);
