/**
 * Finds in sources what errors say: the templates of every `new Error(...)`,
 * and of the reasons that functions hand on to one, wherever they are written.
 * Holes are numbered as in the tables of translations.
 *
 * @module
 */

import {
  declaredIn,
  indexSource,
  isExported,
  isFunction,
  nameOfCallee,
  nameOfFunction,
  nameOfParameter,
  type Node,
  returnsOf,
  type Source,
  unwrapped,
} from "./error_sources.ts";

/** A template, and where it is written. */
export interface ErrorTemplate {
  readonly template: string;
  readonly where: string;
}

/** Parts of a message: texts, and the expressions between them. */
type Parts = readonly (string | Node)[];

/** Where a name comes from: a function's parameter, or a block's constants. */
type Declaration =
  | { readonly callee: Node; readonly at: number }
  | { readonly inits: readonly Node[] };

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
  const files = [...sources].map(([path, text]) => indexSource(path, text));
  const search = new Search(files, isHeard);
  for (const source of files) {
    if (!isHeard(source.path)) continue;
    for (const { arguments: [message] } of source.errors) {
      if (message !== undefined) search.say(source, message, true);
    }
    for (const message of source.messages) search.say(source, message, true);
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
            for (const said of value?.elements ?? [value]) {
              if (said) this.say(source, said);
            }
          }
        }
        return;
      }
    }
  }

  #followName(source: Source, node: Node): void {
    const declared = this.#declarationOf(node);
    if (declared === undefined) return;
    if ("inits" in declared) {
      for (const init of declared.inits) this.say(source, init);
    } else this.#followParameter(source, declared.callee, declared.at);
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
    return file === declaring || file.imports.get(name) === declaring.path;
  }

  #callees(source: Source, { callee }: Node): [Source, Node][] {
    const name = nameOfCallee(callee);
    if (name === undefined) return [];
    const here = source.functions.get(name);
    if (here !== undefined) return here.map((found) => [source, found]);
    if (callee.type !== "Identifier") return [];
    return this.#files.filter((file) => this.#sees(source, name, file)).flatMap(
      (file) =>
        (file.functions.get(name) ?? []).filter(isExported)
          .map((found): [Source, Node] => [file, found]),
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
            ? [this.#inHole(source, node.expressions[i], quasi.cooked)]
            : [],
        ]));
      case "BinaryExpression":
        return this.#sum(source, node);
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
          ? this.#alternatives(source, node.callee.object).map(trimmed)
          : [[node]];
    }
    return [[node]];
  }

  /** Texts that are joined; numbers that are added are one hole. */
  #sum(source: Source, node: Node): Parts[] {
    if (node.operator !== "+") return [[node]];
    const [left, right] = [node.left, node.right]
      .map((side) => this.#inHole(source, side));
    const hasText = [left, right].flat(2)
      .some((part) => typeof part === "string");
    return hasText ? product([left, right]) : [[node]];
  }

  /** Alternatives of literals are part of the template about them. */
  #inHole(source: Source, node: Node, before = ""): Parts[] {
    if (node.type === "Identifier") {
      const words = this.#wordsOf(source, node, before);
      return words.length > 0 ? words : [[node]];
    }
    return /^(?:Literal|TemplateLiteral|BinaryExpression|ConditionalExpression|LogicalExpression|ParenthesizedExpression)$/
        .test(node.type)
      ? this.#alternatives(source, node)
      : [[node]];
  }

  /**
   * The words that a name stands for, where they are no sentence of their own:
   * a verb that a function is given, or an end that may be empty.
   */
  #wordsOf(source: Source, node: Node, before: string): Parts[] {
    const declared = this.#declarationOf(node);
    if (declared === undefined) return [];
    if ("inits" in declared) {
      const said = declared.inits.filter(({ type }) =>
        type === "ConditionalExpression"
      ).flatMap((init) => this.#alternatives(source, init));
      return said.some((parts) => parts.length === 1 && parts[0] === "")
        ? said
        : [];
    }
    const { callee, at } = declared;
    if (isExported(callee) || !before.endsWith("Cannot ")) return [];
    const given = (source.calls.get(nameOfFunction(callee) ?? "") ?? [])
      .map((call) => call.arguments[at]);
    return given.every((word) => /^[a-z]+$/.test(word?.value ?? ""))
      ? given.map(({ value }) => [value])
      : [];
  }

  #declarationOf(node: Node): Declaration | undefined {
    const { name } = node;
    for (let scope = node.parent; scope; scope = scope.parent) {
      if (isFunction(scope)) {
        const at = scope.params.findIndex((param: Node) =>
          nameOfParameter(param) === name
        );
        if (at >= 0) return { callee: scope, at };
      }
      if (scope.type === "BlockStatement" || scope.type === "Program") {
        const inits = declaredIn(scope, name);
        if (inits.length > 0) return { inits };
      }
    }
    return undefined;
  }
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

function trimmed(parts: Parts): Parts {
  const last = parts.at(-1);
  return typeof last === "string"
    ? [...parts.slice(0, -1), last.trimEnd()]
    : parts;
}
