export { load } from "./load-imported.ts";
export * from "./public.ts";
