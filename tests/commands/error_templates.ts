/**
 * Finds in sources what errors say: the templates of every `new Error(...)`,
 * and of the reasons that functions hand on to one, wherever they are written.
 * Holes are numbered as in the tables of translations.
 *
 * @module
 */

/** A template, and where it is written. */
export interface ErrorTemplate {
  readonly template: string;
  readonly where: string;
}

// The syntax tree of `Deno.lint`, of which few kinds of node matter here.
// deno-lint-ignore no-explicit-any
type Node = any;

/** Parts of a message: texts, and the expressions between them. */
type Parts = readonly (string | Node)[];

interface Source {
  readonly path: string;
  readonly text: string;
  readonly functions: Map<string, Node[]>;
  readonly constants: Map<string, Node[]>;
  readonly calls: Map<string, Node[]>;
  readonly errors: Node[];
}

/** A name of an error's class: all but a few end so. */
const ERROR_CLASS = /Error$|^(?:BlockTruncated|InputChanged|Unscannable)$/;

/** More alternatives than any message has; a mistake of this file otherwise. */
const MOST_ALTERNATIVES = 64;

/**
 * Finds what errors say.
 *
 * @param sources The text of each source by its path.
 * @param isHeard Whether what a source says can reach somebody.
 * @returns The templates in the order of the sources.
 */
export function errorTemplates(
  sources: ReadonlyMap<string, string>,
  isHeard: (path: string) => boolean = () => true,
): ErrorTemplate[] {
  const files = [...sources].map(([path, text]) => index(path, text));
  const search = new Search(files, isHeard);
  for (const source of files) {
    if (!isHeard(source.path)) continue;
    for (const { arguments: [message] } of source.errors) {
      if (message !== undefined) search.say(source, message, true);
    }
  }
  return search.found.sort((a, b) => a.where < b.where ? -1 : 1);
}

class Search {
  readonly found: ErrorTemplate[] = [];
  readonly #files: readonly Source[];
  readonly #isHeard: (path: string) => boolean;
  readonly #done = new Set<string>();

  constructor(files: readonly Source[], isHeard: (path: string) => boolean) {
    this.#files = files;
    this.#isHeard = isHeard;
  }

  /** Notes what an expression says, and follows what stands in its holes. */
  say(source: Source, expression: Node, isWhole = false): void {
    const at = `${source.path}:${expression.range}`;
    if (this.#done.has(at)) return;
    this.#done.add(at);
    for (const parts of this.#alternatives(source, expression)) {
      const template = templateOf(parts);
      const words = template.replace(/\{\d+\}/g, "");
      // One word that is handed on is a name.
      if (/\p{L}/u.test(words) && (isWhole || /\S\s|\s\S/.test(template))) {
        this.#note(source, expression, template);
      }
      for (const [i, part] of parts.entries()) {
        if (typeof part === "string" || isQuoted(parts, i)) continue;
        this.#follow(source, part);
      }
    }
  }

  #note(source: Source, { range }: Node, template: string): void {
    if (!this.#isHeard(source.path)) return;
    const line = source.text.slice(0, range[0]).split("\n").length;
    this.found.push({ template, where: `${source.path}:${line}` });
  }

  /** What may stand in a hole: a parameter, a constant, what a call returns. */
  #follow(source: Source, node: Node): void {
    switch (node.type) {
      case "Identifier":
        return this.#followName(source, node);
      case "AwaitExpression":
        return this.say(source, node.argument);
      case "CallExpression": {
        if (
          /^(?:replace|replaceAll|slice|trim|trimEnd)$/.test(
            nameOfCallee(node.callee) ?? "",
          )
        ) {
          return this.say(source, node.callee.object);
        }
        for (const [file, callee] of this.#callees(source, node)) {
          for (const said of returnsOf(callee)) this.say(file, said);
        }
        return;
      }
      case "MemberExpression": {
        const { object, computed } = node;
        if (!computed || object.type !== "Identifier") return;
        for (const init of source.constants.get(object.name) ?? []) {
          for (const { value } of unwrapped(init).properties ?? []) {
            if (value !== undefined) this.say(source, value);
          }
        }
        return;
      }
    }
  }

  #followName(source: Source, node: Node): void {
    const { name } = node;
    for (let scope = node.parent; scope !== null; scope = scope?.parent) {
      if (scope === undefined) return;
      if (isFunction(scope)) {
        const at = scope.params.findIndex((param: Node) =>
          nameOfParameter(param) === name
        );
        if (at >= 0) return this.#followParameter(source, scope, at);
      }
      if (scope.type === "BlockStatement" || scope.type === "Program") {
        const inits = declaredIn(scope, name);
        for (const init of inits) this.say(source, init);
        if (inits.length > 0) return;
      }
    }
  }

  /** All that is given to a parameter. */
  #followParameter(source: Source, callee: Node, at: number): void {
    const { right } = callee.params[at];
    if (right !== undefined) this.say(source, right);
    const name = nameOfFunction(callee);
    if (name === undefined) return;
    const isMethod = callee.parent?.type === "MethodDefinition";
    // Other files have methods of the same name; those that refuse something
    // call it a reason.
    const isWide = isExported(callee) ||
      isMethod && nameOfParameter(callee.params[at]) === "reason";
    const reach = isWide ? this.#files : [source];
    for (const file of reach) {
      for (const call of file.calls.get(name) ?? []) {
        if (call.callee.type === "Identifier") {
          if (isMethod || !this.#sees(file, name, source)) continue;
        } else if (!isMethod) continue;
        const given = call.arguments[at];
        if (given !== undefined) this.say(file, given);
      }
    }
  }

  /** Whether a name of one file means what another declares. */
  #sees(file: Source, name: string, declaring: Source): boolean {
    return file === declaring || !file.functions.has(name);
  }

  #callees(source: Source, { callee }: Node): [Source, Node][] {
    const name = nameOfCallee(callee);
    if (name === undefined) return [];
    const here = source.functions.get(name);
    if (here !== undefined) return here.map((found) => [source, found]);
    if (callee.type !== "Identifier") return [];
    return this.#files.flatMap((file) =>
      (file.functions.get(name) ?? []).filter(isExported)
        .map((found): [Source, Node] => [file, found])
    );
  }

  /** The templates that an expression may be. */
  #alternatives(source: Source, node: Node): Parts[] {
    switch (node.type) {
      case "Literal":
        return typeof node.value === "string" ? [[node.value]] : [[node]];
      case "TemplateLiteral":
        return product(node.quasis.flatMap((quasi: Node, i: number) => [
          [[quasi.cooked]],
          ...i < node.expressions.length
            ? [this.#inHole(source, node.expressions[i])]
            : [],
        ]));
      case "BinaryExpression":
        return node.operator === "+"
          ? product([
            this.#inHole(source, node.left),
            this.#inHole(source, node.right),
          ])
          : [[node]];
      case "ConditionalExpression":
        return [node.consequent, node.alternate]
          .flatMap((said) => this.#alternatives(source, said));
      case "LogicalExpression":
        return [node.left, node.right]
          .flatMap((said) => this.#alternatives(source, said));
      case "TSAsExpression":
      case "TSNonNullExpression":
      case "ParenthesizedExpression":
        return this.#alternatives(source, node.expression);
      case "CallExpression":
        return nameOfCallee(node.callee) === "trimEnd"
          ? this.#alternatives(source, node.callee.object)
          : [[node]];
    }
    return [[node]];
  }

  /** Alternatives of literals are part of the template about them. */
  #inHole(source: Source, node: Node): Parts[] {
    return /^(?:Literal|TemplateLiteral|BinaryExpression|ConditionalExpression|ParenthesizedExpression)$/
        .test(node.type)
      ? this.#alternatives(source, node)
      : [[node]];
  }
}

/** Reads a source's functions, constants, calls and errors. */
function index(path: string, text: string): Source {
  const source: Source = {
    path,
    text,
    functions: new Map(),
    constants: new Map(),
    calls: new Map(),
    errors: [],
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

function templateOf(parts: Parts): string {
  let holes = 0;
  return parts.map((part) => typeof part === "string" ? part : `{${++holes}}`)
    .join("");
}

/** Whether a hole stands within quotes, as names do. */
function isQuoted(parts: Parts, at: number): boolean {
  const [before, after] = [parts[at - 1], parts[at + 1]];
  return typeof before === "string" && typeof after === "string" &&
    before.endsWith('"') && after.startsWith('"');
}

/** Every choice of one of each; neighbouring texts become one. */
function product(choices: readonly Parts[][]): Parts[] {
  let all: Parts[] = [[]];
  for (const choice of choices) {
    all = all.flatMap((parts) => choice.map((more) => joined(parts, more)));
    if (all.length > MOST_ALTERNATIVES) {
      throw new Error("too many alternatives");
    }
  }
  return all;
}

function joined(parts: Parts, more: Parts): Parts {
  const [last, first] = [parts.at(-1), more[0]];
  return typeof last === "string" && typeof first === "string"
    ? [...parts.slice(0, -1), last + first, ...more.slice(1)]
    : [...parts, ...more];
}

function isFunction({ type }: Node): boolean {
  return /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/
    .test(type);
}

/** What a function is called by: its own name, or what it is assigned to. */
function nameOfFunction(node: Node): string | undefined {
  const { parent } = node;
  return node.id?.name ??
    (parent?.type === "VariableDeclarator"
      ? parent.id.name
      : parent?.type === "MethodDefinition" || parent?.type === "Property"
      ? parent.key.name
      : undefined);
}

function nameOfCallee(callee: Node): string | undefined {
  return callee.type === "Identifier"
    ? callee.name
    : callee.type === "MemberExpression" && !callee.computed
    ? callee.property.name
    : undefined;
}

function nameOfParameter(param: Node): string | undefined {
  return param.type === "AssignmentPattern" ? param.left.name : param.name;
}

function isExported(node: Node): boolean {
  const declaration = node.parent?.type === "VariableDeclarator"
    ? node.parent.parent
    : node;
  return declaration.parent?.type === "ExportNamedDeclaration";
}

/** The values of a constant that a block declares itself. */
function declaredIn({ body }: Node, name: string): Node[] {
  return body.flatMap((statement: Node) => {
    const declaration = statement.declaration ?? statement;
    if (declaration.type !== "VariableDeclaration") return [];
    return declaration.declarations
      .filter(({ id, init }: Node) => id.name === name && init)
      .map(({ init }: Node) => init);
  });
}

function unwrapped(node: Node): Node {
  return /^TS\w+Expression$/.test(node.type)
    ? unwrapped(node.expression)
    : node;
}

/** What a function may return. */
function returnsOf(node: Node): Node[] {
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
