/** Rules between values, which a schema cannot see: every pair that clashes, at both ends named. Reads the tree, so it works beside other errors. */
import { checkCanary } from './check-canary.js';
import { checkEnv } from './check-env.js';
import { checkMounts } from './check-mounts.js';
import { checkNames } from './check-names.js';
import { checkPorts } from './check-ports.js';
import { checkRoutes } from './check-routes.js';
import { checkTimes } from './check-times.js';
import { checkWorkers } from './check-workers.js';
import type { ServiceNode } from './manifest-services.js';
import type { MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

export type CrossCheck = (tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog) => void;

const CHECKS: readonly CrossCheck[] = [
  checkNames,
  checkPorts,
  checkRoutes,
  checkEnv,
  checkMounts,
  checkTimes,
  checkWorkers,
  checkCanary,
];

/** Runs every check. */
export function crossCheck(tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  for (const check of CHECKS) check(tree, services, problems);
}
