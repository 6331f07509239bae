import type { Plugin } from "esbuild";

/** What stands for the modules that hono's core imports for methods which no route here calls. */
const UNUSED = {
  mount: "export const createMountedRequest = undefined;", // app.mount
  body: "export const parseBody = undefined;", // c.req.parseBody
  html: "export const HtmlEscapedCallbackPhase = {}, resolveCallback = undefined;", // c.html, of what is no string
};

/**
 * Leaves those methods of hono without their modules, which are 1.6 KB of the Worker. A route that calls one all the same
 * gets a TypeError. Where hono moves the modules, the limit of the Worker's size in package.json tells.
 */
export const withoutUnusedHono: Plugin = {
  name: "without-unused-hono",
  setup({ onLoad }) {
    for (const [module, contents] of Object.entries(UNUSED)) {
      onLoad({ filter: new RegExp(`[\\\\/]hono[\\\\/]dist[\\\\/]utils[\\\\/]${module}\\.js$`) }, () => ({ contents }));
    }
  },
};
