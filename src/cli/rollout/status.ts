/** `swiftdeploy rollout status`: what `status` says of canaries, and nothing else. It changes nothing. */
import type { Command } from 'commander';
import { declareForStack, type Finish } from '../basics/command.js';
import { EXIT } from '../basics/exit.js';
import { outputOption, type OutputForm } from '../basics/options.js';
import type { CommonOptions } from '../basics/paths.js';
import { stopSignal } from '../basics/signals.js';
import { paintFor, print } from '../basics/talk.js';
import { wrapped } from '../explain/wrapped.js';
import { controllerWords } from '../status/controller-words.js';
import { lookAtFiles, lookAtLock } from '../status/look.js';
import { failureLines, noticeWords } from '../status/status-page.js';
import { rolloutSections } from '../status/rollout-words.js';
import type { ServiceStatus, StatusDocument } from '../status/status-document.js';
import { noService } from './no-service.js';

interface RolloutStatusOptions extends CommonOptions {
  readonly service?: string;
  readonly output?: OutputForm;
}

const WIDTH = 80;

export function addRolloutStatus(group: Command, finish: Finish): void {
  declareForStack(group, 'status', 'rollout status', 'rollout status -o json | jq .services')
    .description(
      'step, share, time left, verdict and both tracks; exit code 1 without a canary, or when one failed',
    )
    .option('--service <name>', 'only this one')
    .addOption(outputOption('a page'))
    .action(async (options: RolloutStatusOptions) => finish(await rolloutStatus(options)));
}

/** Resolves with the exit code. */
async function rolloutStatus(options: RolloutStatusOptions): Promise<number> {
  const files = await lookAtFiles(options);
  const { status } = files;
  const services = chosen(status, options.service);
  const failed = services.filter(hasFailed);
  const coming = services.filter(isOnItsWay);
  const isAnyUnderWay = coming.length > 0 || services.some(isUnderWay);
  if (options.output === 'json') print(JSON.stringify(documentOf(status, services), null, 2));
  else {
    const lock = await lookAtLock(options, status, stopSignal());
    const paint = paintFor(process.stdout);
    const view = { now: Date.now(), paint };
    const controller = controllerWords({ ...files, lock, writer: status.controller, now: view.now });
    const sections = [
      [`${paint('bold', status.stack)}  ${controller}`],
      noticeWords({ ...files, lock }).map((notice) => `${paint('yellow', '!')} ${notice}`),
      failed.flatMap((service) => failureLines(service, { now: view.now, paint })).map(broken),
      ...rolloutSections(services, { ...view, width: WIDTH, isFromGit: status.source !== undefined }),
      coming.map(comingWords).map(broken),
      isAnyUnderWay || failed.length > 0 ? [] : ['No canary is under way.'],
    ];
    const shown = sections.filter((lines) => lines.length > 0);
    print(shown.map((lines) => lines.join('\n')).join('\n\n'));
  }
  return isAnyUnderWay && failed.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Into lines that fit. */
function broken(line: string): string {
  return wrapped(line, { width: WIDTH, indent: 2 });
}

function chosen({ services }: StatusDocument, name: string | undefined): readonly ServiceStatus[] {
  if (name === undefined || services.some((service) => service.name === name))
    return services.filter((service) => name === undefined || service.name === name);
  throw noService(name, services);
}

function isUnderWay({ rollout }: ServiceStatus): boolean {
  return rollout !== undefined;
}

/** The manifest wants it, and nobody was given a share of it. */
function isOnItsWay(service: ServiceStatus): boolean {
  return service.mode === 'canary' && !isUnderWay(service) && !hasFailed(service);
}

function comingWords({ name, version = '' }: ServiceStatus): string {
  const who = [name, version].filter((part) => part !== '').join(' ');
  return `The canary ${who} is on its way: it has no share of the requests yet.`;
}

function hasFailed({ failed }: ServiceStatus): boolean {
  return failed?.some(({ track }) => track === 'canary') === true;
}

/** schema/rollout-status.schema.json */
function documentOf({ stack }: StatusDocument, services: readonly ServiceStatus[]) {
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'RolloutStatus',
    stack,
    services: services
      .filter((service) => isUnderWay(service) || isOnItsWay(service) || hasFailed(service))
      .map(({ name, mode, version, rollout, failed }) => ({ name, mode, version, rollout, failed })),
  };
}
