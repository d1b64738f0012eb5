/**
 * Splits JavaScript into tokens: just enough of them to see which names a
 * function uses. It never fails; on text that it misreads it sees fewer names.
 */

/** A name, a punctuator, or `"literal"` for any string, number or regular expression. */
export interface Token {
  /** `n` for names and keywords, `p` for punctuators, `l` for literals. */
  readonly kind: "n" | "p" | "l";
  /** The text. */
  readonly text: string;
}

// Whatever isn't ASCII counts as a letter: the tables of Unicode's take a millisecond to load.
const NAME = /[A-Za-z$_#\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER =
  /(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?|\.\d[\d_]*(?:[eE][+-]?\d+)?)n?/y;
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
const STRING = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const REGEXP = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const PUNCTUATOR = /=>|\.\.\.|\?\.(?!\d)|[{}()[\];,.?:]|[-+*/%&|^!~<>=@]/y;

/** Keywords after which a slash begins a regular expression. */
const BEFORE_REGEXP = new Set(
  "return typeof instanceof in of new delete void throw case do else yield await".split(" "),
);

/** Splits `source` into its tokens; what stands inside `${…}` is among them. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const match = (pattern: RegExp, at: number): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? null;
  };
  /** For each open brace, whether it belongs to a template literal. */
  const braces: boolean[] = [];
  let at = 0;
  const template = (): void => {
    while (at < source.length) {
      const char = source[at];
      if (char === "\\") at += 2;
      else if (char === "`") return void (at += 1);
      else if (char === "$" && source[at + 1] === "{") {
        at += 2;
        braces.push(true);
        // A comma keeps the two sides apart for whoever reads the tokens.
        tokens.push({ kind: "p", text: "(" });
        return;
      } else at += 1;
    }
  };
  while (at < source.length) {
    const space = match(SPACE, at);
    if (space !== null) {
      at += space.length;
      continue;
    }
    const char = source[at]!;
    let text: string | null;
    if (char === "`") {
      tokens.push({ kind: "l", text: "literal" });
      at += 1;
      template();
    } else if (char === "}" && braces.at(-1) === true) {
      braces.pop();
      tokens.push({ kind: "p", text: ")" });
      at += 1;
      template();
    } else if ((text = match(STRING, at) ?? match(NUMBER, at)) !== null) {
      tokens.push({ kind: "l", text: "literal" });
      at += text.length;
    } else if ((text = match(NAME, at)) !== null) {
      tokens.push({ kind: "n", text });
      at += text.length;
    } else if (char === "/" && regexpMayFollow(tokens) && (text = match(REGEXP, at)) !== null) {
      tokens.push({ kind: "l", text: "literal" });
      at += text.length;
    } else {
      text = match(PUNCTUATOR, at) ?? char;
      if (text === "{") braces.push(false);
      else if (text === "}") braces.pop();
      tokens.push({ kind: "p", text });
      at += text.length;
    }
  }
  return tokens;
}

function regexpMayFollow(tokens: Token[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined) return true;
  if (last.kind === "l") return false;
  if (last.kind === "n") return BEFORE_REGEXP.has(last.text);
  return last.text !== ")" && last.text !== "]" && last.text !== "}";
}
