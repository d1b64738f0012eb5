/**
 * Messages of plain data as lists of primitives: on V8 structured clone of those is nearly
 * twice as fast as of objects, which it sends with all their keys, each time. Here the keys
 * of objects that are made alike, their shape, are sent once in a message.
 */

/** The keys of an object in their order, and which of its values are objects. */
class Shape {
  readonly keys: string[];
  readonly nested: boolean[];
  /** The shapes that have one key more. */
  readonly next: Map<string, Shape> = new Map();
  readonly nextNested: Map<string, Shape> = new Map();
  /** The message that it was used in last, and its place there. */
  message = 0;
  at = 0;

  constructor(keys: string[], nested: boolean[]) {
    this.keys = keys;
    this.nested = nested;
  }
}

/** The message itself, with `null` for objects, where those were, and what they are. */
export type ShapedMessage = [
  message: unknown[],
  places: number[],
  structure: number[],
  values: unknown[],
  shapes: [keys: string[], nested: boolean[]][],
];

/** No more shapes are kept than this: objects may be dictionaries, too. */
const MOST_SHAPES = 2000;

let root = new Shape([], []);
let shapeCount = 0;
let messageCount = 0;

/** Takes a message of primitives and plain objects apart. */
export function toShapes(message: unknown[]): ShapedMessage {
  if (shapeCount > MOST_SHAPES) {
    root = new Shape([], []);
    shapeCount = 0;
  }
  messageCount += 1;
  const places: number[] = [];
  const shaped: ShapedMessage = [message.slice(), places, [], [], []];
  for (let i = 0; i < message.length; i++) {
    const value = message[i];
    if (typeof value !== "object" || value === null) continue;
    places.push(i);
    shaped[0][i] = null;
    takeApart(value, shaped[2], shaped[3], shaped[4]);
  }
  return shaped;
}

function takeApart(
  value: object,
  structure: number[],
  values: unknown[],
  shapes: ShapedMessage[4],
): void {
  if (Array.isArray(value)) return takeArrayApart(value, structure, values, shapes);
  const at = structure.push(0) - 1;
  let shape = root;
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key];
    if (typeof part === "object" && part !== null) {
      shape = shape.nextNested.get(key) ?? addShape(shape, key, true);
      takeApart(part, structure, values, shapes);
    } else {
      shape = shape.next.get(key) ?? addShape(shape, key, false);
      values.push(part);
    }
  }
  if (shape.message !== messageCount) {
    shape.message = messageCount;
    shape.at = shapes.push([shape.keys, shape.nested]) - 1;
  }
  structure[at] = shape.at;
}

/** An array's structure is -1 - 3 × its length - 0: of primitives, 1: of objects, 2: of both. */
function takeArrayApart(
  items: unknown[],
  structure: number[],
  values: unknown[],
  shapes: ShapedMessage[4],
): void {
  const { length } = items;
  let objects = 0;
  for (let i = 0; i < length; i++) if (typeof items[i] === "object" && items[i] !== null) objects++;
  const kind = objects === 0 ? 0 : objects === length ? 1 : 2;
  structure.push(-1 - 3 * length - kind);
  for (let i = 0; i < length; i++) {
    const item = items[i];
    const isObject = typeof item === "object" && item !== null;
    if (kind === 2) structure.push(isObject ? 1 : 0);
    if (isObject) takeApart(item, structure, values, shapes);
    else values.push(item);
  }
}

function addShape(shape: Shape, key: string, nested: boolean): Shape {
  const next = new Shape([...shape.keys, key], [...shape.nested, nested]);
  (nested ? shape.nextNested : shape.next).set(key, next);
  shapeCount += 1;
  return next;
}

let structure: number[] = [];
let values: unknown[] = [];
let shapes: ShapedMessage[4] = [];
let atStructure = 0;
let atValue = 0;

/** Puts a message together again. */
export function fromShapes(shaped: ShapedMessage): unknown[] {
  const [message, places] = shaped;
  [, , structure, values, shapes] = shaped;
  atStructure = atValue = 0;
  for (const place of places) message[place] = putTogether();
  structure = values = shapes = [];
  return message;
}

function putTogether(): unknown {
  const token = structure[atStructure++]!;
  if (token < 0) return putArrayTogether(-1 - token);
  const [keys, nested] = shapes[token]!;
  const made: Record<string, unknown> = {};
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const value = nested[i] ? putTogether() : values[atValue++];
    if (key !== "__proto__") made[key] = value;
    else {
      Object.defineProperty(made, key, {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
  }
  return made;
}

function putArrayTogether(token: number): unknown[] {
  const kind = token % 3;
  const length = (token - kind) / 3;
  const items: unknown[] = [];
  for (let i = 0; i < length; i++) {
    const isObject = kind === 2 ? structure[atStructure++] === 1 : kind === 1;
    items.push(isObject ? putTogether() : values[atValue++]);
  }
  return items;
}
