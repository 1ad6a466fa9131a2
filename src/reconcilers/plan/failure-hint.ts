/** What a person may do about a version that ended: from how it ended, and from what was said last. */
import type { ContainerEnd, ObservedContainer } from '../observed/world.js';
import { FALLBACK_USER } from './container-template.js';
import { refusedBy } from './refused-by.js';
import type { GoalPlan } from './service-slots.js';
import { runsAsRoot } from './templates.js';

const NO_PROGRAM = /exec format error/i;
const NO_PERMISSION = /permission|EACCES|EPERM|not permitted|read-only/i;

/** Begins with a semicolon; empty where nothing is known. */
export function failureHint(plan: GoalPlan, container: ObservedContainer, reason: string): string {
  if (endedWell(container)) return '; a service has to keep running: a job that ends is not supported';
  const said = container.startError ?? container.lastWords ?? '';
  if (NO_PROGRAM.test(said)) return '; the program is for another processor architecture, or no program';
  const refused = refusedBy(plan.goal.spec.container, said);
  if (refused !== undefined) return `; ${refused}`;
  if (said !== '' && !NO_PERMISSION.test(said)) return '';
  return mayHaveBeenRefused(container, reason) ? userHint(plan) : '';
}

/** As a job does that is done. */
function endedWell({ state, lastEnd, ...container }: ObservedContainer): boolean {
  const isKnown = state === 'exited' || state === 'restarting' || lastEnd !== undefined;
  const { exitCode, oomKilled } = lastEnd ?? container;
  return isKnown && exitCode === 0 && !oomKilled;
}

/** Not what ended well, nor what a signal ended. */
function mayHaveBeenRefused(container: ObservedContainer, reason: string): boolean {
  const { state, lastEnd = container } = container;
  const isUnknown = state === 'running' && lastEnd === container;
  return isUnknown ? reason === 'CrashLooping' : lastEnd.exitCode !== 0 && !wasKilled(lastEnd);
}

/** What a signal ended has this and the signal's number for its exit code: nothing was refused to it. */
const SIGNAL_BASE = 128;
const LAST_SIGNAL = 31;

function wasKilled({ oomKilled, exitCode }: ContainerEnd): boolean {
  const signal = exitCode - SIGNAL_BASE;
  return oomKilled || (signal >= 1 && signal <= LAST_SIGNAL);
}

/** Whom the manifest or the image chose may still not be the one whom a new volume belongs to. */
function userHint({ goal, image }: GoalPlan): string {
  if (image === undefined) return '';
  const { security, mounts } = goal.spec.container;
  const user = security.user ?? image.user;
  const hasVolume = mounts.some(({ type }) => type === 'volume');
  if (!runsAsRoot(user))
    return hasVolume
      ? `; it runs as ${user}, who may not write to a new volume unless the image has its folder and gives it to ${user}: if its log says "permission denied", see to that, or set user: "0:0"`
      : '';
  if (security.user !== undefined) return '';
  const volumes = hasVolume ? ', who may not write to a new volume' : '';
  return `; its image wants root and SwiftDeploy ran it as ${FALLBACK_USER} without capabilities${volumes}: if its log says "permission denied", set user: "0:0" or cap_add`;
}
