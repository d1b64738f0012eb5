export const f: () => number = () => 1;
await Promise.reject(new TypeError("top level"));
