export { load } from "./load-inlined.ts";
export * from "./public.ts";
