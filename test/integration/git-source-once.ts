/** A process that follows a repository until it is killed: `git-source-once.ts URL DIR`. */
import { GitSource } from '../../src/controller/git/git-source.js';
import { SOURCE_DEFAULTS } from '../../src/controller/git/source-spec.js';

const [url = '', dir = ''] = process.argv.slice(2);
const source = new GitSource({ spec: { ...SOURCE_DEFAULTS, url }, dir, onChange: () => undefined });
await source.start();
