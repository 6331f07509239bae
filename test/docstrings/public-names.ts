import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSync } from "rolldown/utils";

/** A name that users see: an export, a method, a property, an option, or a type that one of these mentions. */
export interface PublicName {
  /** Such as "MultiIndex.topK". */
  readonly name: string;
  readonly isCallable: boolean;
  /** It needs a docstring. Only helper types do not: aliases that no module exports. */
  readonly isNamed: boolean;
  /**
   * The text of its doc comment without stars. For a callable with several signatures: that of the first one with a
   * comment.
   */
  readonly doc: string | undefined;
  /** The file and line of its declaration. */
  readonly place: string;
}

/** A node of the ESTree that oxc makes. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly body: readonly Node[];
  readonly comments: readonly {
    readonly type: string;
    readonly value: string;
    readonly start: number;
    readonly end: number;
  }[];
  /** Local names by the file and the name that they are imported from. */
  readonly imports: ReadonlyMap<string, readonly [from: string, name: string]>;
  /** Declarations at the top level. Overloads have several. */
  readonly declared: ReadonlyMap<string, readonly { readonly node: Node; readonly statement: Node }[]>;
}

/**
 * Collects what users of an entry module see: its exports, their members, and every type that these mention, as far as
 * it is declared in this repository. `overrides` has the text of files that differ from the one on disk, by their
 * absolute path.
 */
export function publicNames(entry: string, overrides: ReadonlyMap<string, string> = new Map()): PublicName[] {
  return new Collector(overrides).collect(resolve(entry));
}

class Collector {
  private readonly overrides: ReadonlyMap<string, string>;
  private readonly sources = new Map<string, Source>();
  private readonly names = new Map<string, PublicName>();
  private readonly seen = new Set<string>();

  constructor(overrides: ReadonlyMap<string, string>) {
    this.overrides = overrides;
  }

  collect(entry: string): PublicName[] {
    for (const name of this.exportsOf(entry)) this.visit(entry, name);
    return Array.from(this.names.values());
  }

  /** The names that a file exports. */
  private exportsOf(path: string): string[] {
    return this.sourceOf(path).body.flatMap((statement) => {
      if (statement.type === "ExportAllDeclaration") {
        const target = targetOf(path, statement);
        return target ? this.exportsOf(target) : [];
      }
      if (statement.type === "ExportDefaultDeclaration") {
        const exported = statement.declaration as Node;
        return exported.type === "Identifier" ? [identifier(exported)] : [];
      }
      if (statement.type !== "ExportNamedDeclaration") return [];
      const { declaration } = statement as { declaration?: Node };
      if (declaration) return namesOf(declaration);
      return (statement.specifiers as Node[]).map(({ exported }) => identifier(exported as Node));
    });
  }

  /** Visits the declaration of a name as it is known in a file. */
  private visit(path: string, name: string): void {
    const source = this.sourceOf(path);
    const declarations = source.declared.get(name);
    const imported = source.imports.get(name);
    if (declarations) this.visitDeclared(source, name, declarations);
    else if (imported) this.visit(...imported);
    else this.visitReexported(source, name);
  }

  private visitReexported({ path, body }: Source, name: string): void {
    for (const statement of body) {
      const target = targetOf(path, statement);
      if (!target) continue;
      if (statement.type === "ExportAllDeclaration") {
        if (this.exportsOf(target).includes(name)) this.visit(target, name);
      } else if (statement.type === "ExportNamedDeclaration") {
        const found = (statement.specifiers as Node[]).find(({ exported }) => identifier(exported as Node) === name);
        if (found) this.visit(target, identifier(found.local as Node));
      }
    }
  }

  private visitDeclared(
    source: Source,
    name: string,
    declarations: NonNullable<ReturnType<Source["declared"]["get"]>>,
  ): void {
    const key = `${source.path} ${name}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    for (const { node, statement } of declarations) {
      const isCallable = /Function/.test(node.type) || /Function/.test((node.init as Node | undefined)?.type ?? "");
      const isNamed = node.type !== "TSTypeAliasDeclaration" || statement.type === "ExportNamedDeclaration";
      this.add(source, { name, isCallable, isNamed }, statement);
      for (const member of membersOf(node)) this.addMember(source, name, member);
      for (const type of typesOf(node)) this.visit(source.path, type);
    }
  }

  private addMember(source: Source, owner: string, member: Node): void {
    const { key, kind } = member as { key?: Node; kind?: string };
    if (!key || isPrivate(member) || kind === "constructor") return;
    const isMethod = member.type === "TSMethodSignature" || /Method/.test(member.type);
    const signature = (member.typeAnnotation as { typeAnnotation?: Node } | undefined)?.typeAnnotation;
    const isCallable = isMethod && (kind === "method" || kind === undefined);
    const name = `${owner}.${identifier(key)}`;
    this.add(source, { name, isCallable, isNamed: true }, member);
    for (const inner of signature?.type === "TSTypeLiteral" ? (signature.members as Node[]) : []) {
      this.addMember(source, name, inner);
    }
  }

  private add(source: Source, named: Pick<PublicName, "name" | "isCallable" | "isNamed">, node: Node): void {
    const doc = docBefore(source, node.start);
    if (doc?.includes("@internal")) return;
    const line = source.text.slice(0, node.start).split("\n").length;
    const key = `${source.path} ${named.name}`;
    if (this.names.get(key)?.doc === undefined) this.names.set(key, { ...named, doc, place: `${source.path}:${line}` });
  }

  private sourceOf(path: string): Source {
    const known = this.sources.get(path);
    if (known) return known;
    const text = this.overrides.get(path) ?? readFileSync(path, "utf8");
    const { program, comments } = parseSync(path, text) as unknown as { program: Node; comments: Source["comments"] };
    const body = program.body as readonly Node[];
    const source = { path, text, body, comments, imports: importsOf(path, body), declared: declaredIn(body) };
    this.sources.set(path, source);
    return source;
  }
}

const identifier = (node: Node): string => (node.name ?? node.value) as string;

const isPrivate = ({ accessibility, key }: Node): boolean =>
  accessibility === "private" || accessibility === "protected" || (key as Node).type === "PrivateIdentifier";

/** The file that an import or export names, where it is one of this repository. */
function targetOf(path: string, { source }: Node): string | undefined {
  const from = (source as Node | null | undefined)?.value as string | undefined;
  if (!from?.startsWith(".")) return undefined;
  const target = resolve(dirname(path), from);
  return existsSync(target) && target.endsWith(".ts") ? target : undefined;
}

function importsOf(path: string, body: readonly Node[]): Source["imports"] {
  const imports = new Map<string, readonly [string, string]>();
  for (const statement of body) {
    const target = statement.type === "ImportDeclaration" ? targetOf(path, statement) : undefined;
    if (!target) continue;
    for (const { local, imported } of statement.specifiers as { local: Node; imported?: Node }[]) {
      if (imported) imports.set(identifier(local), [target, identifier(imported)]);
    }
  }
  return imports;
}

function declaredIn(body: readonly Node[]): Source["declared"] {
  const declared = new Map<string, { node: Node; statement: Node }[]>();
  for (const statement of body) {
    const node = ((statement as { declaration?: Node | null }).declaration ?? statement) as Node;
    const parts = node.type === "VariableDeclaration" ? (node.declarations as Node[]) : [node];
    for (const part of parts) {
      const id = (part as { id?: Node | null }).id;
      if (id?.type !== "Identifier") continue;
      const name = identifier(id);
      declared.set(name, [...(declared.get(name) ?? []), { node: part, statement }]);
    }
  }
  return declared;
}

const namesOf = (declaration: Node): string[] =>
  declaration.type === "VariableDeclaration"
    ? (declaration.declarations as { id: Node }[]).map(({ id }) => identifier(id))
    : [identifier(declaration.id as Node)];

function membersOf(node: Node): readonly Node[] {
  if (node.type === "TSInterfaceDeclaration" || node.type === "ClassDeclaration") {
    return ((node.body as Node).body as Node[]).filter(({ type }) => type !== "StaticBlock");
  }
  return node.type === "TSTypeAliasDeclaration" ? literalMembers(node.typeAnnotation as Node) : [];
}

/** The members of the object types in a type alias. */
function literalMembers(type: Node): readonly Node[] {
  if (type.type === "TSTypeLiteral") return type.members as Node[];
  return type.type === "TSIntersectionType" || type.type === "TSUnionType"
    ? (type.types as Node[]).flatMap(literalMembers)
    : [];
}

/**
 * The names of the types that users see in a declaration: not those in bodies of functions, values and private members.
 */
function typesOf(node: Node): Set<string> {
  const types = new Set<string>();
  const walk = (value: unknown, key: string): void => {
    if (Array.isArray(value)) {
      for (const item of value) walk(item, key);
      return;
    }
    if (typeof value !== "object" || value === null || !("type" in value)) return;
    const child = value as Node;
    if (key === "body" && child.type === "BlockStatement") return;
    if (child.type === "AssignmentPattern") {
      walk(child.left, "left");
      return;
    }
    if (child.type === "MethodDefinition" && (isPrivate(child) || child.kind === "constructor")) return;
    if (child.type === "PropertyDefinition") {
      if (!isPrivate(child)) walk(child.typeAnnotation, "typeAnnotation");
      return;
    }
    if (child.type === "TSTypeReference") types.add(identifier(child.typeName as Node));
    if (child.type === "TSTypeQuery") types.add(identifier(child.exprName as Node));
    if (child.type === "TSInterfaceHeritage") types.add(identifier(child.expression as Node));
    const { init, ...rest } = child;
    for (const [name, inner] of Object.entries(rest)) walk(inner, name);
    const initial = init as Node | null | undefined;
    if (initial && /Function/.test(initial.type)) {
      walk(initial.params, "params");
      walk(initial.returnType, "returnType");
    }
  };
  walk(node, "");
  return types;
}

/** The doc comment that ends right before `start`. */
function docBefore({ comments, text }: Source, start: number): string | undefined {
  const comment = comments.findLast(({ end }) => end <= start);
  if (comment?.type !== "Block" || !comment.value.startsWith("*")) return undefined;
  if (!/^\s*$/.test(text.slice(comment.end, start))) return undefined;
  return comment.value
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();
}
