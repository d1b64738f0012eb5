/**
 * Which names a function takes from around it, read from its source: a function
 * that is sent to a worker arrives without them.
 *
 * It reads tokens, not a syntax tree, and knows no scopes: a name that is declared
 * anywhere in the function counts as its own. So it may miss a name (the worker's
 * ReferenceError catches that) but doesn't invent one.
 */

import { type Token, tokenize } from "./tokens.ts";

const KEYWORDS = new Set(
  ("arguments async await break case catch class const continue debugger default delete do else " +
    "export extends false finally for from function get if import in instanceof let meta new null of " +
    "return set static super switch target this throw true try typeof undefined using var void while " +
    "with yield").split(" "),
);
/** Names that every worker has, whether or not the place that submits has them. */
const WORKER_GLOBALS = new Set(
  ("self globalThis postMessage onmessage onmessageerror close name location navigator " +
    "importScripts WorkerGlobalScope DedicatedWorkerGlobalScope require module exports").split(" "),
);
/** Keywords whose parentheses are followed by a block without being a function's. */
const CONTROL = new Set("if for while switch with await".split(" "));

/** The names that `source`, a function, uses and doesn't declare, but for globals. */
export function freeNames(source: string): string[] {
  const tokens = tokenize(source);
  const closers = matchBrackets(tokens);
  const declared = declaredNames(tokens, closers);
  const members = classMembers(tokens, closers);
  const free = new Set<string>();
  tokens.forEach((token, i) => {
    if (token.kind !== "n" || KEYWORDS.has(token.text) || token.text.startsWith("#")) return;
    if (declared.has(token.text) || members.has(i)) return;
    if (token.text in globalThis || WORKER_GLOBALS.has(token.text)) return;
    const before = tokens[i - 1]?.text;
    const after = tokens[i + 1]?.text;
    if (before === "." || before === "?.") return;
    if (before === "break" || before === "continue") return;
    // A key, a label. (`a ? b : c` has a question mark before.)
    if (after === ":" && /^[{},;]$/.test(before ?? "{")) return;
    if (isMethodName(tokens, closers, i)) return;
    free.add(token.text);
  });
  return [...free];
}

/** The index of each opening bracket's partner. */
function matchBrackets(tokens: Token[]): Map<number, number> {
  const closers = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== "p") return;
    if (/^[([{]$/.test(token.text)) open.push(i);
    else if (/^[)\]}]$/.test(token.text)) {
      const start = open.pop();
      if (start !== undefined) closers.set(start, i);
    }
  });
  return closers;
}

/** `name (…) {`: a method's name, unless it is a statement's keyword. */
function isMethodName(tokens: Token[], closers: Map<number, number>, i: number): boolean {
  if (tokens[i + 1]?.text !== "(") return false;
  const close = closers.get(i + 1);
  return close !== undefined && tokens[close + 1]?.text === "{";
}

function declaredNames(tokens: Token[], closers: Map<number, number>): Set<string> {
  const declared = new Set<string>();
  tokens.forEach((token, i) => {
    const next = tokens[i + 1];
    if (token.kind === "n") {
      if (token.text === "function" || token.text === "class") {
        const name = next?.text === "*" ? tokens[i + 2] : next;
        if (name?.kind === "n" && !KEYWORDS.has(name.text)) declared.add(name.text);
      } else if (/^(?:const|let|var|using)$/.test(token.text)) {
        declarators(tokens, closers, i + 1, declared);
      } else if (next?.text === "=>") declared.add(token.text);
    } else if (token.text === "(") {
      const close = closers.get(i) ?? i;
      const after = tokens[close + 1]?.text;
      const keyword = tokens[i - 1];
      const isBody = after === "{" && !(keyword?.kind === "n" && CONTROL.has(keyword.text));
      if (after === "=>" || isBody) pattern(tokens, closers, i + 1, close, declared);
    }
  });
  return declared;
}

/** `a = 1, { b } = c;`: adds what is bound. */
function declarators(
  tokens: Token[],
  closers: Map<number, number>,
  from: number,
  declared: Set<string>,
): void {
  let i = from;
  while (i < tokens.length) {
    const token = tokens[i]!;
    if (token.kind === "n") {
      declared.add(token.text);
      i += 1;
    } else if (token.text === "{" || token.text === "[") {
      const close = closers.get(i) ?? i;
      pattern(tokens, closers, i + 1, close, declared);
      i = close + 1;
    } else return;
    if (tokens[i]?.text === "=") i = skipExpression(tokens, closers, i + 1, tokens.length);
    if (tokens[i]?.text !== ",") return;
    i += 1;
  }
}

/** A binding pattern or parameter list between two brackets: adds what is bound. */
function pattern(
  tokens: Token[],
  closers: Map<number, number>,
  from: number,
  to: number,
  declared: Set<string>,
): void {
  for (let i = from; i < to; i++) {
    const token = tokens[i]!;
    if (token.text === "=") i = skipExpression(tokens, closers, i + 1, to) - 1;
    else if (token.kind === "n" && tokens[i + 1]?.text !== ":") declared.add(token.text);
  }
}

/** The index of the comma, semicolon or closing bracket that ends the expression. */
function skipExpression(
  tokens: Token[],
  closers: Map<number, number>,
  from: number,
  to: number,
): number {
  let i = from;
  while (i < to) {
    const { text, kind } = tokens[i]!;
    if (kind === "p" && /^[,;)\]}]$/.test(text)) return i;
    if (kind === "n" && /^(?:const|let|var|return|for|while|throw|try|of)$/.test(text)) return i;
    i = (closers.get(i) ?? i) + 1;
  }
  return i;
}

/** The indexes of names that are members of a class: `x = 1`, `y;`, `static z`. */
function classMembers(tokens: Token[], closers: Map<number, number>): Set<number> {
  const members = new Set<number>();
  tokens.forEach((token, i) => {
    if (token.kind !== "n" || token.text !== "class") return;
    let open = i + 1;
    while (open < tokens.length && tokens[open]!.text !== "{") {
      open = (tokens[open]!.text === "(" ? closers.get(open) ?? open : open) + 1;
    }
    const close = closers.get(open) ?? open;
    for (let k = open + 1; k < close; k = (closers.get(k) ?? k) + 1) {
      const before = tokens[k - 1]!.text;
      if (tokens[k]!.kind === "n" && /^(?:[{};*]|static|get|set|async|accessor)$/.test(before)) {
        members.add(k);
      }
    }
  });
  return members;
}
