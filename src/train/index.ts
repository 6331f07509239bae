export { FormatError } from "../errors.ts";
export type { RowType } from "../facts.ts";
export type { BuildOptions, BuildProgress, BuildReport, Matrix } from "./build.ts";
export { build } from "./build-inlined.ts";
export { measure, type Quality } from "./measure.ts";
