// The encoder module: what makes queries of sequences. Re-exports only.
export { heapBase } from "../memory";
export { gruForward } from "./gates";
export { addProducts, packColumns } from "./products";
