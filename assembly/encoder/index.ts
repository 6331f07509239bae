// The encoder module makes queries from sequences. Re-exports only.
export { heapBase } from "../memory";
export { attend } from "./attention";
export { addValues, reluInPlace } from "./elementwise";
export { gruForward } from "./gates";
export { normRows } from "./norm";
export { addProducts, packColumns } from "./products";
