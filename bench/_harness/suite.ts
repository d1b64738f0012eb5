/**
 * Benches for `deno bench`; for Bun and Node, mitata stands in.
 *
 * @module
 */

import type { Peer } from "./peer.ts";
import { contestantsOf, type Id, type Subject } from "./subject.ts";

/** Does something once, and throws if that went wrong. */
type Body = () => Promise<void>;

/** Registers the ways to do one thing, under its title, beside the native one. */
export async function group(
  title: string,
  baseline: string,
  bodies: Record<string, Body>,
): Promise<void> {
  if (!(baseline in bodies)) throw new TypeError(`No baseline '${baseline}'`);
  if ("Deno" in globalThis) {
    for (const [name, fn] of Object.entries(bodies)) {
      Deno.bench({ name, group: title, baseline: name === baseline, fn });
    }
    return;
  }
  const mitata = await import("mitata");
  mitata.group(title, () =>
    mitata.summary(() => {
      for (const [name, body] of Object.entries(bodies)) {
        mitata.bench(name, body).baseline(name === baseline);
      }
    }));
}

/** Registers a case: this module's contenders and the baseline, each of which does it `n` times. */
export async function suite(
  subject: Subject,
  name: string,
  n: number,
  baseline: Id,
): Promise<void> {
  const spec = subject.cases[name]!;
  const ids = contestantsOf(spec).map(({ id }) => id).filter((id) =>
    id.startsWith("ours: ") || id === baseline
  );
  const bodies = await Promise.all(ids.map(async (id): Promise<[Id, Body]> => {
    const [peerName, contenderName] = id.split(": ") as [string, string];
    const { default: peer }: { default: Peer } = await import(
      `../_${subject.name}/${peerName}.ts`
    );
    const contender = peer[name]![contenderName]!;
    return [id, async () => {
      const { check } = await contender(n);
      const right = spec.expected(n);
      if (check !== right) throw new Error(`wrong result: it gave ${check}, not ${right}`);
    }];
  }));
  await group(`${n.toLocaleString("en")} × ${name}`, baseline, Object.fromEntries(bodies));
}
