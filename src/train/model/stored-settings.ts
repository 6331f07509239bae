import type { OptimizerName } from "./optimizer.ts";

// Checkpoint files keep the names and values that the settings had when their format was fixed. This is the only place that
// knows both.

const STORED_NAMES = new Map([
  ["batchSize", "batch"],
  ["optimizer", "optimiser"],
  ["learningRate", "rate"],
  ["heldOutLimit", "heldOutRows"],
]);
const NAMES = new Map(Array.from(STORED_NAMES, ([name, stored]) => [stored, name]));

const STORED_OPTIMIZERS: Readonly<Record<OptimizerName, string>> = {
  adagrad: "adagrad",
  adam: "adam",
  sgd: "descent",
};

/** The settings by the names of the options. */
type Settings = Readonly<Record<string, string | number>>;

/** Converts settings to the names and values in a file, in the same order. */
export function storeSettings(settings: Settings): Settings {
  return renamed(settings, STORED_NAMES, (optimizer) => STORED_OPTIMIZERS[optimizer as OptimizerName]);
}

/** Converts settings from a file back to the names and values of the options, in the same order. */
export function restoreSettings(stored: Settings): Settings {
  return renamed(stored, NAMES, optimizerOf);
}

/** Returns the optimizer that a file names. Undefined for an unknown name. */
export function optimizerOf(stored: unknown): OptimizerName | undefined {
  return (Object.keys(STORED_OPTIMIZERS) as OptimizerName[]).find((name) => STORED_OPTIMIZERS[name] === stored);
}

/** Returns the names of the optimizers in files. */
export const storedOptimizers = (): string[] => Object.values(STORED_OPTIMIZERS);

function renamed(
  settings: Settings,
  names: ReadonlyMap<string, string>,
  optimizer: (value: unknown) => string | undefined,
): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const isOptimizer = name === "optimizer" || name === "optimiser";
      return [names.get(name) ?? name, isOptimizer ? (optimizer(value) ?? value) : value];
    }),
  );
}
