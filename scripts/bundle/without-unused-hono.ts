import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** Members of hono's classes that no route here uses, by module. */
const UNUSED: Readonly<Record<string, readonly string[]>> = {
  // Answers are made by c.json, c.body and new Response.
  context: [
    ...["event", "var", "status", "text", "html", "redirect", "newResponse"],
    ...["render", "setLayout", "getLayout", "setRenderer"],
  ],
  "hono-base": ["route", "basePath", "#clone", "mount", "request", "fire", "on"],
  // Bodies are read from c.req.raw, and query strings by URLSearchParams, which finds repeated fields.
  request: [
    ...["parseBody", "#cachedBody", "json", "text", "arrayBuffer", "bytes", "blob", "formData"],
    ...["query", "queries", "addValidatedData", "valid", "matchedRoutes", "routePath"],
  ],
};

/** The defaults of onError and notFound, which createApp replaces. */
const DEFAULT_HANDLERS = /^const (errorHandler|notFoundHandler) = .*?^};$/gms;

/**
 * Removes these members, and code that only they need, from hono: 7 KB of the Worker. A route that uses one gets a TypeError.
 * If hono moves the code, the size limit of the Worker in package.json fails.
 */
export const withoutUnusedHono: Plugin = {
  name: "without-unused-hono",
  setup({ onLoad }) {
    for (const [module, members] of Object.entries(UNUSED)) {
      const filter = new RegExp(`[\\\\/]hono[\\\\/]dist[\\\\/]${module}\\.js$`);
      // A field of one line, or a field, getter or method whose last line closes the brace of its first and stands as deep.
      const code = new RegExp(
        `^(\\t+)(async |get |this\\.)?(${members.join("|")})( = |\\()([^\\n]*;|[^\\n]*\\{\\n.*?^\\1\\};?)$`,
        "gms",
      );
      onLoad({ filter }, ({ path }) => ({
        contents: readFileSync(path, "utf8").replace(code, "").replace(DEFAULT_HANDLERS, "const $1 = undefined;"),
      }));
    }
  },
};
