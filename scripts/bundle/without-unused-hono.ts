import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** Replacements for modules that hono's core imports for methods that no route here calls. */
const UNUSED: Readonly<Record<string, (source: string) => string>> = {
  "utils/body": () => "export const parseBody = undefined;", // c.req.parseBody
  "utils/html": () => "export const HtmlEscapedCallbackPhase = {}, resolveCallback = undefined;", // c.html with anything but a string
  // c.req.query and c.req.queries: the routes use URLSearchParams instead, which finds repeated fields.
  "utils/url": (source) => source.replace(/^const _getQueryParam = .*?^};$/ms, "const _getQueryParam = undefined;"),
  // app.mount and app.route
  "hono-base": (source) => source.replace(/^\t(mount|route)\(.*?^\t}$/gms, ""),
};

/**
 * Removes the code behind these methods of hono, which is 3 KB of the Worker. A route that calls one of them gets a
 * TypeError. If hono moves the code, the size limit of the Worker in package.json fails.
 */
export const withoutUnusedHono: Plugin = {
  name: "without-unused-hono",
  setup({ onLoad }) {
    for (const [module, replaced] of Object.entries(UNUSED)) {
      const filter = new RegExp(`[\\\\/]hono[\\\\/]dist[\\\\/]${module.replace("/", "[\\\\/]")}\\.js$`);
      onLoad({ filter }, ({ path }) => ({ contents: replaced(readFileSync(path, "utf8")) }));
    }
  },
};
