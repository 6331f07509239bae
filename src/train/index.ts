export { FormatError } from "../errors.ts";
export type { RowType } from "../facts.ts";
export { build } from "./build-inlined.ts";
export type { BuildOptions, BuildProgress, BuildReport, Matrix } from "./build-input.ts";
export type { MeasureOptions, Quality } from "./measure.ts";
export { measure } from "./measure-inlined.ts";
