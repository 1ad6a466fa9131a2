/** Adds to a question where on this host each bind mount really leads: the engine follows links, and a policy has to see what it will mount. */
import { realPath } from '../../probes/host/real-path.js';
import type { QuestionFacts } from './question-facts.js';
import type { MountFact } from './service-facts.js';

/** As it is now; asked again, it is looked at again. */
export async function withRealSources(about: QuestionFacts): Promise<QuestionFacts> {
  const { service } = about;
  if (service?.mounts === undefined) return about;
  const mounts = await Promise.all(service.mounts.map(withRealSource));
  return { ...about, service: { ...service, mounts } };
}

async function withRealSource(mount: MountFact): Promise<MountFact> {
  if (mount.type !== 'bind') return mount;
  const real = await realPath(mount.source);
  return real === undefined ? mount : { ...mount, real_source: real };
}
