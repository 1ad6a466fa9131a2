/**
 * Which of what a container may not do a program died of: by the words that the usual runtimes have for it (Node, Go, Java, Python, nginx,
 * shells, sudo), and by what was said of the container. Ordered; the first match wins. Pure.
 */
import type { ContainerSpec } from '../desired/stack-spec.js';
import { runsAsRoot } from './templates.js';

interface Refusal {
  readonly said: RegExp;
  readonly when?: (container: ContainerSpec) => boolean;
  readonly hint: (container: ContainerSpec) => string;
}

const REFUSALS: readonly Refusal[] = [
  {
    said: /(spawn|fork|thread|worker).*(EAGAIN|temporarily unavailable|errno=11)|can't (start new thread|fork)|cannot fork|unable to create (new )?native thread|ERR_WORKER_INIT_FAILED/i,
    hint: ({ resources }) =>
      `it may have ${String(resources.pids)} processes and threads at most: set more in resources.pids, or let it start fewer`,
  },
  {
    said: /no.new.privileges|effective uid is not 0|must be (suid|setuid|owned by uid 0)/i,
    hint: () =>
      'no-new-privileges holds for every container: sudo, su and other setuid programs cannot change who it is; set user to whom it has to run as',
  },
  {
    said: /EROFS|read-only file ?system/i,
    when: ({ security }) => security.readOnly,
    hint: () =>
      'its file system is read-only (read_only: true): give the folder that its log names a volume or a place in tmpfs',
  },
  capability(/\b[lf]?ch(own|grp)|changing owner(ship)?/i, ['CHOWN']),
  capability(/(set|init)_?(e|re|res|fs)?([ug]id|groups)/i, ['SETGID', 'SETUID']),
  {
    said: /(listen|bind)\b.*(EACCES|permission denied)/i,
    when: mayBeHelped(['NET_BIND_SERVICE']),
    hint: (container) =>
      isRoot(container)
        ? dropped(container, ['NET_BIND_SERVICE'])
        : `${asWhom(container)}, who may not listen on a port below 1024 here: give it a higher one`,
  },
  {
    said: /EACCES|permission denied/i,
    when: (container) => isRoot(container) && mayBeHelped(['DAC_OVERRIDE'])(container),
    hint: (container) =>
      `${dropped(container, ['DAC_OVERRIDE'])}, or give it files that are root's own: without it root may not pass over who owns a file`,
  },
  {
    said: /EPERM|not permitted/i,
    when: isRoot,
    hint: (container) =>
      `${asWhom(container)} and without the capabilities that cap_drop: ALL takes: set cap_add to the one that its log asks for`,
  },
];

/** Of a container whose user the manifest names; undefined where none of it explains `said`. */
export function refusedBy(container: ContainerSpec, said: string): string | undefined {
  return said === ''
    ? undefined
    : REFUSALS.find((one) => one.said.test(said) && one.when?.(container) !== false)?.hint(container);
}

/** What only a capability allows: it needs root to have it. */
function capability(said: RegExp, names: readonly string[]): Refusal {
  return { said, when: mayBeHelped(names), hint: (container) => dropped(container, names) };
}

function mayBeHelped(names: readonly string[]): (container: ContainerSpec) => boolean {
  return ({ security }) =>
    security.user !== undefined && names.some((name) => !security.capAdd.includes(name));
}

function isRoot({ security: { user } }: ContainerSpec): boolean {
  return user !== undefined && runsAsRoot(user);
}

function asWhom({ security: { user = '' } }: ContainerSpec): string {
  return `it runs as ${user}`;
}

function dropped(container: ContainerSpec, names: readonly string[]): string {
  const missing = names.filter((name) => !container.security.capAdd.includes(name));
  const cure = `cap_add: [${missing.join(', ')}]`;
  const what = `${missing.join(' and ')}, which cap_drop: ALL takes`;
  return isRoot(container)
    ? `${asWhom(container)} without ${what}: set ${cure}`
    : `${asWhom(container)}, and only root with ${what}, may do that: set user: "0:0" and ${cure}, or let it do without`;
}
