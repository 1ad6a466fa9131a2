/** Names that other SwiftDeploys give to fields, and ours for them: from the tables by which such manifests are read. Pure. */
import { OWN_VARIABLES } from '../../reconcilers/desired/dialect-env.js';
import { KEY_DIALECTS } from '../../reconcilers/desired/dialect-keys.js';
import { LOG_DIALECTS } from '../../reconcilers/desired/dialect-top.js';

/** From the other name's path to ours. */
export const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ...KEY_DIALECTS.map(({ section, key, to, atTop }): [string, string] => {
    const home = section === 'service' ? 'services' : section;
    return [`${home}.${key}`, atTop === true ? to : `${home}.${to}`];
  }),
  ...LOG_DIALECTS.map(({ section, key, to }): [string, string] => [`${section}.${key}`, `services.${to}`]),
  ...[...OWN_VARIABLES].map(([name, key]): [string, string] => [`services.env.${name}`, `services.${key}`]),
  ['healthcheck', 'services.health'],
  ['policies', 'policy'],
  ['policy_limits', 'policy'],
]);
