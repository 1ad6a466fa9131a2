/** A process of its own that takes the lock named on its command line, says so, and keeps it until it is killed. */

import { acquireStackLock } from '../../src/controller/stack-lock.js';

const [id = '', platform = process.platform] = process.argv.slice(2);
const holder = { pid: process.pid, startedAt: '2026-05-05T20:55:22.113Z', manifest: '/work/manifest.yaml' };
const lock = await acquireStackLock(id, holder, { platform: platform as NodeJS.Platform });
process.stdout.write('heldBy' in lock ? 'refused\n' : 'held\n');
setInterval(() => undefined, 60_000);
