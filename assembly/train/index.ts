export { heapBase } from "../memory";
export { assignRows } from "./assign";
export { addToLanes, hashOfLanes, startLanes } from "./checksum";
export { minDistances, squaredErrors } from "./distance";
export { fineCodes } from "./fine";
export { packPanels } from "./panels";
export { residuals } from "./residuals";
export { addRows } from "./sums";
