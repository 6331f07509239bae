import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** These stand for the modules that hono's core imports for methods which no route here calls. */
const UNUSED: Readonly<Record<string, (source: string) => string>> = {
  mount: () => "export const createMountedRequest = undefined;", // app.mount
  body: () => "export const parseBody = undefined;", // c.req.parseBody
  html: () => "export const HtmlEscapedCallbackPhase = {}, resolveCallback = undefined;", // c.html, of what is no string
  // c.req.query and c.req.queries: fields of a query string are read by URLSearchParams, which finds those that stand twice.
  url: (source) => source.replace(/^const _getQueryParam = .*?^};$/ms, "const _getQueryParam = undefined;"),
};

/**
 * Leaves those methods of hono without what they call, which is 2 KB of the Worker. A route that calls one all the same
 * gets a TypeError. Where hono moves it, the limit of the Worker's size in package.json tells.
 */
export const withoutUnusedHono: Plugin = {
  name: "without-unused-hono",
  setup({ onLoad }) {
    for (const [module, replaced] of Object.entries(UNUSED)) {
      const filter = new RegExp(`[\\\\/]hono[\\\\/]dist[\\\\/]utils[\\\\/]${module}\\.js$`);
      onLoad({ filter }, ({ path }) => ({ contents: replaced(readFileSync(path, "utf8")) }));
    }
  },
};
