// The jobs of `../jobs.ts` for pools whose workers load JavaScript only.
export const noop = (value) => value;
export const block = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
};
