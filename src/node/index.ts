import { a } from "../core/index.ts"; export const b = a + 1; console.log(process.argv.length);
