import { Comment, CommentTag, Converter } from "typedoc";
import { entryPoints } from "./entry-points.js";

/** Priority of a handler that runs before typedoc-plugin-missing-exports, which adds the types that are not exported. */
const BEFORE_MISSING_EXPORTS = Number.MAX_SAFE_INTEGER;
/** Priority of a handler that runs before typedoc groups, but after it copies comments, with their groups, to subtypes. */
const BEFORE_GROUPING = -50;

/** Gives each page the name of its entry point, and separates the types that a program cannot import. */
export function load({ converter }) {
  const exported = new Set();
  const declarations = (project) => project.children.flatMap((module) => module.children);

  converter.on(Converter.EVENT_CREATE_DECLARATION, (_, declaration) => {
    if (declaration.parent?.isProject()) declaration.name = entryPoints.get(declaration.name) ?? declaration.name;
  });
  const noteExports = ({ project }) => {
    for (const declaration of declarations(project)) exported.add(declaration);
  };
  converter.on(Converter.EVENT_RESOLVE_BEGIN, noteExports, BEFORE_MISSING_EXPORTS);
  const groupOthers = ({ project }) => {
    for (const declaration of declarations(project)) {
      if (exported.has(declaration)) continue;
      declaration.comment ??= new Comment();
      declaration.comment.blockTags.push(new CommentTag("@group", [{ kind: "text", text: "Not exported" }]));
    }
  };
  converter.on(Converter.EVENT_RESOLVE_END, groupOthers, BEFORE_GROUPING);
}
