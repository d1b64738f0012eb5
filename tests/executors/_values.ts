/**
 * Random values of all that structured clone takes, and the comparison of two of them:
 * as graphs, with who shares what with whom.
 */

const TYPED = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];
const ERRORS = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
const STRINGS = [
  "",
  "text",
  "\u0000",
  "\u0000u",
  "\u0000t",
  "\ud800",
  "a\udc00b",
  "\u2028",
  '"\\\n',
  "é",
  "😀",
  "u[1]",
  "__proto__",
  "constructor",
];
const NUMBERS = [0, -0, 1, -1, NaN, Infinity, -Infinity, 0.1, 1e300, 2 ** 53, -(2 ** 31), 5e-324];
const KEYS = ["a", "b", "c", "then", "toJSON", "__proto__", "0", "10", "length", "\ud800", "", "é"];

/** Makes random values. */
export class ValueMaker {
  readonly #random: () => number;
  /** What may be shared by several places. */
  #made: object[] = [];
  #room = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A value of about so many parts. */
  make(size: number): unknown {
    this.#made = [];
    this.#room = Math.floor(this.#random() * size) + 1;
    return this.#value(0);
  }

  /** A chain of objects, maps or arrays. */
  chain(depth: number): unknown {
    let value: unknown = this.#primitive();
    const kind = this.#below(3);
    for (let i = 0; i < depth; i++) {
      value = kind === 0 ? { next: value } : kind === 1 ? [value] : new Map([[i, value]]);
    }
    return value;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }

  #primitive(): unknown {
    switch (this.#below(9)) {
      case 0:
        return undefined;
      case 1:
        return null;
      case 2:
        return this.#random() < 0.5;
      case 3:
        return BigInt(this.#below(1000) - 500) ** BigInt(1 + this.#below(8));
      case 4:
      case 5:
        return this.#one(STRINGS);
      case 6:
        return this.#one(NUMBERS);
      default:
        return this.#below(1e6);
    }
  }

  #value(depth: number): unknown {
    if (--this.#room <= 0 || depth > 12 || this.#random() < 0.3) return this.#primitive();
    if (this.#made.length > 0 && this.#random() < 0.1) return this.#one(this.#made);
    return this.#object(depth);
  }

  #keep<T extends object>(value: T): T {
    this.#made.push(value);
    return value;
  }

  #object(depth: number): object {
    const count = this.#below(5);
    switch (this.#below(16)) {
      case 0:
      case 1:
      case 2:
        return this.#fill(this.#keep({}), count, depth);
      case 3:
        return this.#fill(this.#keep(Object.create(null)), count, depth);
      case 4:
      case 5:
        return this.#list(this.#keep([]), count, depth);
      case 6: {
        const list = this.#list(this.#keep([]), count, depth);
        if (this.#random() < 0.5) list.length += this.#below(3);
        else (list as unknown as Record<string, unknown>).extra = this.#value(depth + 1);
        return list;
      }
      case 7: {
        const map = this.#keep(new Map());
        for (let i = 0; i < count; i++) map.set(this.#value(depth + 1), this.#value(depth + 1));
        return map;
      }
      case 8: {
        const set = this.#keep(new Set());
        for (let i = 0; i < count; i++) set.add(this.#value(depth + 1));
        return set;
      }
      case 9:
        return this.#keep(new Date(this.#random() < 0.2 ? NaN : this.#below(1e12)));
      case 10:
        return this.#keep(
          new RegExp(this.#one(["a+", "[b-d]", "\\/"]), this.#one(["", "gi", "u"])),
        );
      case 11:
        return this.#keep(Object(this.#one<unknown>([1, -0, "boxed", true, 12n])));
      case 12:
        return this.#keep(this.#bytes(8 * this.#below(5)));
      case 13:
        return this.#view();
      case 14: {
        const options = this.#random() < 0.5 ? {} : { cause: this.#value(depth + 1) };
        return this.#keep(new (this.#one(ERRORS))(this.#one(STRINGS), options));
      }
      default: {
        class Custom {}
        return this.#fill(this.#keep(new Custom()), count, depth);
      }
    }
  }

  #fill<T extends object>(object: T, count: number, depth: number): T {
    for (let i = 0; i < count; i++) {
      const value = this.#value(depth + 1);
      const enumerable = this.#random() < 0.95;
      Object.defineProperty(object, this.#one(KEYS), {
        value,
        enumerable,
        writable: true,
        configurable: true,
      });
    }
    return object;
  }

  #list(list: unknown[], count: number, depth: number): unknown[] {
    const length = this.#random() < 0.05 ? 100 : count;
    for (let i = 0; i < length; i++) list.push(this.#value(depth + 1));
    return list;
  }

  #bytes(length: number): ArrayBuffer {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#below(256);
    return bytes.buffer;
  }

  /** A window on a buffer, which others may look at too. */
  #view(): object {
    const shared = this.#made.filter((each) => each instanceof ArrayBuffer);
    const buffer = shared.length > 0 && this.#random() < 0.5
      ? this.#one(shared) as ArrayBuffer
      : this.#keep(this.#bytes(8 + 8 * this.#below(5)));
    const words = buffer.byteLength / 8;
    const from = this.#below(words + 1);
    const length = this.#below(words - from + 1);
    if (this.#random() < 0.2) return this.#keep(new DataView(buffer, from * 8, length * 8));
    const Typed = this.#one(TYPED);
    return this.#keep(new Typed(buffer, from * 8, length * 8 / Typed.BYTES_PER_ELEMENT));
  }
}

/** Where two values differ as graphs; `null` if they don't. */
export function difference(actual: unknown, expected: unknown): string | null {
  const pairs: Map<object, object> = new Map();
  const back: Map<object, object> = new Map();
  // A loop, as a chain may be deeper than the stack.
  const rest: [unknown, unknown, string][] = [[actual, expected, "value"]];
  let next: [unknown, unknown, string] | undefined;
  while ((next = rest.pop()) !== undefined) {
    const [a, b, path] = next;
    if (typeof b !== "object" || b === null || typeof a !== "object" || a === null) {
      if (!Object.is(a, b)) return `${path}: ${show(a)} instead of ${show(b)}`;
      continue;
    }
    const known = pairs.get(a);
    if (known !== undefined || back.has(b)) {
      if (known !== b || back.get(b) !== a) return `${path} isn't shared as it was`;
      continue;
    }
    pairs.set(a, b);
    back.set(b, a);
    const tag = Object.prototype.toString.call(b);
    if (Object.prototype.toString.call(a) !== tag) return `${path} is ${show(a)}, not ${tag}`;
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path} is of another class`;
    const problem = inside(a, b, path, rest);
    if (problem !== null) return problem;
  }
  return null;
}

type Loose = Record<string, unknown>;

function inside(a: object, b: object, path: string, rest: unknown[][]): string | null {
  if (b instanceof ArrayBuffer) {
    const [x, y] = [new Uint8Array(a as ArrayBuffer), new Uint8Array(b)];
    return x.length === y.length && x.every((byte, i) => byte === y[i])
      ? null
      : `${path} has other bytes`;
  }
  if (ArrayBuffer.isView(b)) {
    const view = a as ArrayBufferView;
    if (view.byteOffset !== b.byteOffset || view.byteLength !== b.byteLength) {
      return `${path} is another window`;
    }
    rest.push([view.buffer, b.buffer, `${path}.buffer`]);
    return null;
  }
  if (b instanceof Map) {
    if ((a as Map<unknown, unknown>).size !== b.size) return `${path} has another size`;
    const theirs = [...b];
    [...a as Map<unknown, unknown>].forEach(([key, value], i) => {
      rest.push([key, theirs[i]![0], `${path} key`], [value, theirs[i]![1], `${path} entry ${i}`]);
    });
  } else if (b instanceof Set) {
    if ((a as Set<unknown>).size !== b.size) return `${path} has another size`;
    const theirs = [...b];
    [...a as Set<unknown>].forEach((each, i) =>
      rest.push([each, theirs[i], `${path} member ${i}`])
    );
  } else if (b instanceof Date) {
    if (!Object.is(Number(a), Number(b))) return `${path} is another time`;
  } else if (b instanceof RegExp || b instanceof String) {
    if (String(a) !== String(b)) return `${path} is another text`;
  } else if (b instanceof Number || b instanceof Boolean || b instanceof BigInt) {
    if (!Object.is(a.valueOf(), b.valueOf())) return `${path} is another ${typeof b.valueOf()}`;
  }
  const isError = b instanceof Error;
  const keys = isError ? ["name", "message", "cause"] : Object.keys(b);
  const own = isError ? keys : Object.keys(a);
  if (own.join("\n") !== keys.join("\n")) return `${path} has [${own}] and not [${keys}]`;
  if (Array.isArray(b) && (a as unknown[]).length !== b.length) return `${path} is as long as not`;
  for (const key of keys) rest.push([(a as Loose)[key], (b as Loose)[key], `${path}.${key}`]);
  return null;
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : Object.prototype.toString.call(value) +
    (typeof value === "object" || typeof value === "symbol" ? "" : String(value));
}
