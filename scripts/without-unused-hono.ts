import type { Plugin } from "esbuild";

/** Modules that hono's core imports for methods which no route here calls, and what each exports. */
const UNUSED = { mount: "createMountedRequest", body: "parseBody" };

/**
 * Leaves `app.mount` and `c.req.parseBody` of hono without their modules, which are 1.4 KB of the Worker. A route that calls
 * them all the same gets a TypeError. Where hono moves the modules, the limit of the Worker's size in package.json tells.
 */
export const withoutUnusedHono: Plugin = {
  name: "without-unused-hono",
  setup({ onLoad }) {
    for (const [module, name] of Object.entries(UNUSED)) {
      const filter = new RegExp(`[\\\\/]hono[\\\\/]dist[\\\\/]utils[\\\\/]${module}\\.js$`);
      onLoad({ filter }, () => ({ contents: `export const ${name} = undefined;` }));
    }
  },
};
