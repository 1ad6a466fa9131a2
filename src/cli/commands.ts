/** Every command of the program, by the heading that the help shows it under. */
import type { CommandGroups } from './basics/command.js';
import { addAudit } from './audit.js';
import { addCompletion } from './completion.js';
import { addDeploy } from './deploy.js';
import { addDoctor } from './doctor.js';
import { addEvents } from './events.js';
import { addExplain } from './explain.js';
import { addHelp } from './help.js';
import { addPlan } from './plan.js';
import { addPolicies } from './policies.js';
import { addPromote } from './promote.js';
import { addReconcile } from './reconcile.js';
import { addRender } from './render.js';
import { addRollout } from './rollout.js';
import { addResume } from './resume.js';
import { addRun } from './run.js';
import { addStatus } from './status.js';
import { addSuspend } from './suspend.js';
import { unlessSuspended } from './suspend/unless-suspended.js';
import { addTeardown } from './teardown.js';
import { addValidate } from './validate.js';
import { addVersion } from './version.js';
import { addWait } from './wait.js';

export const COMMANDS: CommandGroups = {
  'Check before anything changes:': [addValidate, addPlan, addRender],
  'Change what runs:': [
    unlessSuspended(addDeploy),
    unlessSuspended(addPromote),
    unlessSuspended(addRollout, (command) => ['pause', 'resume', 'abort', 'retry'].includes(command.name())),
    addRun,
    addReconcile,
    addSuspend,
    addResume,
    addTeardown,
  ],
  'See what is and what was:': [addStatus, addEvents, addWait, addAudit],
  'Write policies:': [addPolicies],
  'Find out:': [addDoctor, addExplain, addCompletion, addVersion, addHelp],
};
