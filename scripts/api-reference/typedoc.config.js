import packageJson from "../../package.json" with { type: "json" };
import { entryPoints } from "./entry-points.js";

export default {
  name: `midx ${packageJson.version}`,
  readme: "introduction.md",
  tsconfig: "tsconfig.json",
  entryPoints: [...entryPoints.keys()].map((name) => `../../dist/${name}.d.ts`),
  out: "../../build/api",
  plugin: ["typedoc-plugin-markdown", "typedoc-plugin-missing-exports", "./plugin.js"],

  // A link without a target is an error, and so is a @param without a parameter.
  treatWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true },
  placeInternalsInOwningModule: true,
  excludeInternal: true,
  excludeExternals: true,
  // The sources would be lines of the bundled declarations, which are not in the repository.
  disableSources: true,

  router: "module",
  mergeReadme: true,
  groupOrder: ["Functions", "Classes", "Variables", "Interfaces", "Type Aliases", "*", "Not exported"],
  expandParameters: true,
  expandObjects: true,
  parametersFormat: "table",
  classPropertiesFormat: "table",
  interfacePropertiesFormat: "table",
  propertyMembersFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: {
    hideDefaults: true,
    hideInherited: true,
    hideModifiers: true,
    hideOverrides: true,
    hideSources: true,
    leftAlignHeaders: true,
  },
};
