export const f: () => number = () => 1;
await new Promise(() => {});
