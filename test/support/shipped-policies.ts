/** The shipped policies for a stack under test: without their own tests, which are run once, elsewhere. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIPPED = fileURLToPath(new URL('../../policies', import.meta.url));

/** Makes `policies/` in the folder `dir`. */
export async function copyShippedPolicies(dir: string): Promise<void> {
  const filter = (path: string) => !path.endsWith('_test.rego');
  await cp(SHIPPED, join(dir, 'policies'), { recursive: true, filter });
}
