/** `swiftdeploy plan`: the steps that the controller would take now, with causes, answers and a diff. It changes nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { unheardWords } from '../reconcilers/desired/named-policies.js';
import { foresee, type ForeseeParts, type Present } from '../reconcilers/foresee.js';
import { lookAtManifest, type ManifestLook } from '../reconcilers/manifest-keeper.js';
import { StateStore } from '../reconcilers/stack-state.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { controllerOf } from './basics/lock.js';
import { outputOption, type OutputForm } from './basics/options.js';
import { overlookedWords, stackPaths, type CommonOptions, type StackPaths } from './basics/paths.js';
import { openSession, type Session } from './basics/session.js';
import { paintFor, print, talk } from './basics/talk.js';
import { envDigest } from './plan/env-digest.js';
import { expectedPolicies, type ExpectedPolicies } from './plan/expected-policies.js';
import { firstLook } from './plan/first-look.js';
import { openEyes, type Eyes, type Noted } from './plan/open-plan.js';
import { planDocument, type PlanDocument, type Suspended } from './plan/plan-document.js';
import { planGate, whoCanBeAsked } from './plan/plan-gate.js';
import { planNotes } from './plan/plan-notes.js';
import { seenSource, type SeenSource } from './source/seen-source.js';
import { suspendedOf } from './suspend/suspended-now.js';
import { planPage } from './plan/plan-page.js';
import { asSeenBy } from './plan/present.js';
import { refuser } from './plan/refusals.js';

export interface PlanOptions extends CommonOptions {
  readonly exitCode?: boolean;
  readonly output?: OutputForm;
}

export function addPlan(program: Command, finish: Finish): void {
  declareForStack(
    program,
    'plan',
    'plan',
    'plan --exit-code || echo "there is something to do"',
    'plan -o json | jq .stages',
  )
    .summary('the steps that would be taken, and what the policies say')
    .description('the steps that would be taken, why, and what the policies say to each; changes nothing')
    .option('--exit-code', 'end with 4 when there are changes')
    .addOption(outputOption('a page'))
    .action(async (options) => finish(await plan(options)));
}

/** Resolves with the exit code: 4 for changes only where that was asked for. */
export async function plan(options: PlanOptions): Promise<number> {
  const paths = stackPaths(options);
  const noted = await new StateStore(paths.stateDir).peek();
  const source = await seenSource(options, paths);
  const look = await knownManifest(paths, noted, source);
  if (look.isRefused) talk(invalidWords(look));
  for (const warning of look.state.warnings) talk(warning);
  const unheard = unheardWords(source.manifest, look.stack, source.policiesFor(look.stack));
  const overlooked = overlookedWords(options, look.stack) ?? unheard;
  if (overlooked !== undefined) talk(overlooked);
  const document = await planIn(await openSession(options), { noted, look, source });
  if (options.output === 'json') print(JSON.stringify(document, undefined, 2));
  else print(planPage(document, paintFor(process.stdout)));
  if (look.isRefused) return EXIT.badManifest;
  return options.exitCode === true && document.changes ? EXIT.changes : EXIT.ok;
}

/** As the controller reads it: what is being written right now is read again, and of what is removed or not valid the last good one counts. */
async function knownManifest(
  { manifest: path }: StackPaths,
  { state }: Noted,
  { manifest: file, removal }: SeenSource,
): Promise<Known> {
  for (;;) {
    const look = await lookAtManifest({ path, file }, state, state.stack?.name);
    const { stack } = look;
    if (look.unsettled) await sleep(SETTLE_MS);
    else if (stack !== undefined)
      return { ...look, stack, isRefused: !look.state.valid && removal === undefined };
    else throw new CommandError(invalidWords(look), EXIT.badManifest);
  }
}

function invalidWords({ state: { problems } }: ManifestLook): string {
  return `the manifest is not valid:\n${problems.join('\n')}`;
}

type Known = ManifestLook &
  Required<Pick<ManifestLook, 'stack'>> & {
    /** It is not valid, which what is removed need not be: the plan is for the last good one. */
    readonly isRefused: boolean;
  };

const SETTLE_MS = 60;

interface Read {
  readonly noted: Noted;
  readonly look: Known;
  readonly source: SeenSource;
}

async function planIn(session: Session, read: Read): Promise<PlanDocument> {
  const { paths, stop } = session;
  const { noted, look, source } = read;
  const isHeld = look.isRefused && source.revision !== undefined;
  const place = { dir: source.policiesFor(look.stack), isHeld, stateDir: paths.stateDir };
  const { policyRevision: revision, refusedPolicies: refused } = noted.state;
  const policies = await expectedPolicies({ ...place, revision, refused });
  const inForce = look.isRefused ? noted.state.revision : source.revision;
  const eyes = openEyes(session, noted, inForce);
  try {
    return await planWith(eyes, { session, ...read, policies });
  } finally {
    await eyes.close();
    if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
  }
}

interface Ground extends Read {
  readonly session: Session;
  readonly policies: ExpectedPolicies;
}

async function planWith(
  eyes: Eyes,
  { session, noted: { state, tokens }, look, source, policies }: Ground,
): Promise<PlanDocument> {
  const { engine, info, paths, stop } = session;
  const { stack } = look;
  const { active } = policies.state;
  if (active === undefined)
    throw new CommandError(`there are no policies to plan with: ${policies.note ?? ''}`);
  const runtime = eyes.runtimeOf(active);
  eyes.gate.measureHost();
  const found = await firstLook(eyes, { stack, memory: state.memory, policies: active }, stop);
  const controller = (await controllerOf(info, stack.name)) !== undefined;
  const now = Date.now();
  const world = asSeenBy(found, { controller, now });
  const decider = whoCanBeAsked(world, runtime);
  const asked = decider !== undefined;
  if (asked) eyes.gate.prepare(stack, active, decider);
  const parts = {
    gate: planGate(eyes.gate, { asks: asked }),
    serve: () => runtime,
    refuse: refuser(engine, stack.name),
  };
  const isRemoved = source.removal !== undefined;
  const suspends = await suspendedOf(stack, paths, now);
  const present = { now, look, suspends, isRemoved, state, world, policy: policies.state, signal: stop };
  const foresight = await foresee(parts, present);
  const suspended = await suspendedIn(parts, present);
  const { sha256, problems } = look.state;
  const { isRefused } = look;
  const manifest = {
    path: paths.manifest,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(isRefused ? { problems } : {}),
  };
  const { removal } = source;
  const notes = planNotes({ stack, memory: state.memory, policies, suspends, removal, isRefused });
  const { revision } = active;
  return planDocument({
    stack,
    manifest,
    state,
    world,
    digest: envDigest(tokens.policy),
    foresight,
    suspended,
    revision,
    asked,
    controller,
    isRemoved,
    notes,
  });
}

/** What is suspended, and what would be done without that; undefined where nothing is. */
async function suspendedIn(
  parts: ForeseeParts,
  { suspends, ...present }: Present & Required<Pick<Present, 'suspends'>>,
): Promise<Suspended | undefined> {
  return suspends.length === 0 ? undefined : { suspends, without: await foresee(parts, present) };
}
