/// <reference lib="deno.unstable" />
/**
 * What `error_templates.ts` has to know of a source: its syntax tree is what
 * plugins of `deno lint` are given, so no other parser is needed.
 *
 * @module
 */

// The syntax tree of `Deno.lint`, of which few kinds of node matter here.
// deno-lint-ignore no-explicit-any
export type Node = any;

/** A name of an error's class: all but a few end so. */
const ERROR_CLASS = /Error$|^(?:BlockTruncated|InputChanged|Unscannable)$/;

/** What a source declares and calls, by name. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly functions: Map<string, Node[]>;
  readonly constants: Map<string, Node[]>;
  readonly calls: Map<string, Node[]>;
  /** The path of the source that a name is of. */
  readonly imports: Map<string, string>;
  readonly errors: Node[];
  /** Texts of classes that say always the same, and what is noted in lists. */
  readonly messages: Node[];
}

/** Reads a source's functions, constants, calls and errors. */
export function indexSource(path: string, text: string): Source {
  const source: Source = {
    path,
    text,
    functions: new Map(),
    constants: new Map(),
    calls: new Map(),
    imports: new Map(),
    errors: [],
    messages: [],
  };
  const add = (map: Map<string, Node[]>, name: string | undefined, of: Node) =>
    name !== undefined && map.set(name, [...map.get(name) ?? [], of]);
  const enter = (node: Node) => {
    add(source.functions, nameOfFunction(node), node);
  };
  Deno.lint.runPlugin(
    {
      name: "errors",
      rules: {
        errors: {
          create: () => ({
            FunctionDeclaration: enter,
            FunctionExpression: enter,
            ArrowFunctionExpression: enter,
            VariableDeclarator(node: Node) {
              if (node.init) add(source.constants, node.id.name, node.init);
            },
            CallExpression(node: Node) {
              add(source.calls, nameOfCallee(node.callee), node);
              if (node.callee.object?.name === "notes") {
                source.messages.push(...node.arguments);
              }
            },
            // A list of notes, or what a function that makes one returns.
            ArrayExpression(node: Node) {
              if (isOfNotes(node)) source.messages.push(...node.elements);
            },
            ImportDeclaration({ source: from, specifiers }: Node) {
              const { pathname } = new URL(from.value, `file:///${path}`);
              for (const { local } of specifiers) {
                source.imports.set(local.name, pathname.slice(1));
              }
            },
            ClassDeclaration({ id, superClass }: Node) {
              if (!ERROR_CLASS.test(superClass?.name)) return;
              if (!ERROR_CLASS.test(id.name)) {
                throw new Error(
                  `${id.name} is an error: add it to ERROR_CLASS`,
                );
              }
            },
            PropertyDefinition({ key, value }: Node) {
              if (key.name === "message" && value) source.messages.push(value);
            },
            NewExpression(node: Node) {
              if (ERROR_CLASS.test(node.callee.name)) source.errors.push(node);
            },
          }),
        },
      },
    },
    path,
    text,
  );
  return source;
}

/** Whether a list is one of notes, by the name of what it becomes. */
function isOfNotes({ parent }: Node): boolean {
  let of = parent;
  while (
    /^(?:ConditionalExpression|SpreadElement|ArrayExpression)$/.test(of?.type)
  ) of = of.parent;
  if (of?.type === "Property") return of.key.name === "notes";
  if (of?.type === "VariableDeclarator") return of.id.name === "notes";
  if (of?.type !== "ReturnStatement") return false;
  while (!isFunction(of)) of = of.parent;
  return /Notes$/.test(nameOfFunction(of) ?? "");
}

export function isFunction({ type }: Node): boolean {
  return /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/
    .test(type);
}

/** What a function is called by: its own name, or what it is assigned to. */
export function nameOfFunction(node: Node): string | undefined {
  const { parent } = node;
  return node.id?.name ??
    (parent?.type === "VariableDeclarator"
      ? parent.id.name
      : parent?.type === "MethodDefinition" || parent?.type === "Property"
      ? parent.key.name
      : undefined);
}

export function nameOfCallee(callee: Node): string | undefined {
  return callee.type === "Identifier"
    ? callee.name
    : callee.type === "MemberExpression" && !callee.computed
    ? callee.property.name
    : undefined;
}

export function nameOfParameter(param: Node): string | undefined {
  return param.type === "AssignmentPattern" ? param.left.name : param.name;
}

export function isExported(node: Node): boolean {
  const declaration = node.parent?.type === "VariableDeclarator"
    ? node.parent.parent
    : node;
  return declaration.parent?.type === "ExportNamedDeclaration";
}

/** The values of a constant that a block declares itself. */
export function declaredIn({ body }: Node, name: string): Node[] {
  return body.flatMap((statement: Node) => {
    const declaration = statement.declaration ?? statement;
    if (declaration.type !== "VariableDeclaration") return [];
    return declaration.declarations
      .filter(({ id, init }: Node) => namesIn(id).includes(name) && init)
      .map(({ init }: Node) => init);
  });
}

export function unwrapped(node: Node): Node {
  return /^TS\w+Expression$/.test(node.type)
    ? unwrapped(node.expression)
    : node;
}

/** What a function may return. */
export function returnsOf(node: Node): Node[] {
  if (node.body.type !== "BlockStatement") return [node.body];
  const found: Node[] = [];
  const enter = (statement: Node): void => {
    if (statement === null || statement === undefined) return;
    if (statement.type === "ReturnStatement") {
      if (statement.argument) found.push(statement.argument);
      return;
    }
    const { body, consequent, alternate, block, handler, finalizer, cases } =
      statement;
    for (
      const part of [
        body,
        consequent,
        alternate,
        block,
        handler,
        finalizer,
        cases,
      ].flat()
    ) if (part && !isFunction(part)) enter(part);
  };
  enter(node.body);
  return found;
}

/** What a declaration names, one thing or the parts of a list. */
function namesIn(id: Node): (string | undefined)[] {
  return id.type === "ArrayPattern"
    ? id.elements.map((element: Node) => element?.name)
    : [id.name];
}
