import { expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import config from "../../scripts/api-reference/typedoc.config.js";

it("has a page for each entry point that the package exports to TypeScript", () => {
  const declarations = Object.values(packageJson.exports).flatMap((entry) =>
    typeof entry === "object" ? [entry.types.default] : [],
  );
  expect(declarations).toContain("./dist/index.d.ts");
  expect(config.entryPoints).toEqual(declarations.map((path) => `../../${path.slice("./".length)}`));
});
