/** The program under test as it is shipped: built by `npm run setup`, which `npm test` starts with. */
import { fileURLToPath } from 'node:url';

/** For `node`. */
export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
