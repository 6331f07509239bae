export { buildGolden } from "./build-golden.ts";
export { keepPromises } from "./keep-promises.ts";
