/** Jobs that read a file, in threads that may and may not. @module */

import { ThreadPoolExecutor } from "../../../executors/mod.ts";

declare const Deno: { readTextFileSync(path: string): string };

function read(path: string): string {
  try {
    Deno.readTextFileSync(path);
    return "read";
  } catch (error) {
    return (error as Error).name;
  }
}

for (const permissions of ["none", { read: true }]) {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, permissions });
  console.log(await pool.submit(read, "/etc/passwd"));
}
