declare const process: { exit(code: number): void };
export const f: () => number = () => 1;
process.exit(3);
// A Web Worker of Deno's goes on for a moment.
await new Promise(() => {});
