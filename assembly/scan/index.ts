// The scan module: top-k, proposals and certified answers by fine codes. It is built twice, once with relaxed SIMD.
// Re-exports only.
export { heapBase } from "../memory";
export { layOutGroups } from "./groups";
export { fineTables } from "./tables";
export { scanCodes } from "./codes";
export { keepBest } from "./reservoir";
export { codeLogMass, codePositionAt, proposeByCodes } from "./proposal";
export { extendHead } from "./extend";
export { scanBest, scanFurther, scanTop } from "./top";
export { hasRelaxedDot, quantiseQuery, rowsReaching, sevenBitMargin } from "./rows";
export { certifyByCodes, codedShare } from "./certify";
