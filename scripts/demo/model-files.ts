import { readFileSync } from "node:fs";

/** The files that `midx train` writes: a model, and the names of its classes and features, a line each. */
export interface ModelFiles {
  readonly model: string;
  readonly labels: string;
  readonly featureLabels: string;
}

/** Arguments of the command line that builds an index from a trained model and its features. */
export function modelBuild({ model, labels, featureLabels }: ModelFiles, output: string): string[] {
  const tensors = ["--tensor", "classes", "--bias", "bias", "--features", "features", "--positions", "positions"];
  return ["build", model, ...tensors, "--labels", labels, "--feature-labels", featureLabels, "-o", output];
}

export const linesIn = (path: string): string[] => readFileSync(path, "utf8").trimEnd().split("\n");
