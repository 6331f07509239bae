import { errorResponses } from "./errors.ts";

type Methods = Readonly<Record<string, { readonly responses?: object }>>;

/** The paths whose answers need no index, so that no request can ask them for one with certain changes. */
const WITHOUT_INDEX: readonly string[] = ["/healthz", "/metrics", "/v1/audits", "/openapi.json"];

/** Adds errors to the answers of all operations that need the index. */
export function withStatuses(paths: Readonly<Record<string, Methods>>, statuses: readonly number[] = []): object {
  if (statuses.length === 0) return paths;
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => {
      if (WITHOUT_INDEX.includes(path)) return [path, methods];
      const shape = path.startsWith("/client") || path === "/v1/query" ? "VectorizeError" : "Problem";
      const all = Object.entries(methods).map(([method, operation]) => {
        if (method === "parameters") return [method, operation];
        return [method, { ...operation, responses: { ...operation.responses, ...errorResponses(statuses, shape) } }];
      });
      return [path, Object.fromEntries(all)];
    }),
  );
}
