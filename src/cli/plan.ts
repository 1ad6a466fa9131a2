/** `swiftdeploy plan`: the steps that the controller would take now, with causes, answers and a diff. It changes nothing. */
import type { Command } from 'commander';
import { unheardWords } from '../reconcilers/desired/named-policies.js';
import { StateStore } from '../reconcilers/stack-state.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { outputOption, type OutputForm } from './basics/options.js';
import { refuseOtherHome } from './basics/other-home.js';
import { refuseCopiedNotes } from './basics/own-notes.js';
import { overlookedWords, stackPaths, type CommonOptions } from './basics/paths.js';
import { openSession, type Session } from './basics/session.js';
import { paintFor, print, talk } from './basics/talk.js';
import { tellingRefusal } from './checks/refused-manifest.js';
import { envDigest } from './plan/env-digest.js';
import { expectedPolicies, type ExpectedPolicies } from './plan/expected-policies.js';
import { invalidWords, knownManifest, type Known } from './plan/known-manifest.js';
import { lookAhead, type Outlook } from './plan/look-ahead.js';
import { openEyes, type Eyes, type Noted } from './plan/open-plan.js';
import { planDocument, type PlanDocument } from './plan/plan-document.js';
import { planNotes } from './plan/plan-notes.js';
import { planPage } from './plan/plan-page.js';
import { StandIn } from './plan/stand-in.js';
import { seenSource, type SeenSource } from './source/seen-source.js';
import { suspendedOf } from './suspend/suspended-now.js';

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
    .action(async (options) =>
      finish(await tellingRefusal({ command: 'plan', output: options.output }, () => plan(options))),
    );
}

/** Resolves with the exit code: 4 for changes only where that was asked for. */
export async function plan(options: PlanOptions): Promise<number> {
  const paths = stackPaths(options);
  await refuseCopiedNotes(paths);
  const noted = await new StateStore(paths.stateDir).peek();
  const source = await seenSource(options, paths);
  const look = await knownManifest(paths, noted, source);
  if (look.isRefused) talk(invalidWords(look));
  for (const warning of look.state.warnings) talk(warning);
  const unheard = unheardWords(source.manifest, look.stack, source.policiesFor(look.stack));
  const overlooked = overlookedWords(options, look.stack) ?? unheard;
  if (overlooked !== undefined) talk(overlooked);
  const session = await openSession(options);
  await refuseOtherHome(session, look.stack);
  const document = await planIn(session, { noted, look, source });
  if (options.output === 'json') print(JSON.stringify(document, undefined, 2));
  else print(planPage(document, paintFor(process.stdout)));
  if (look.isRefused) return EXIT.badManifest;
  return options.exitCode === true && document.changes ? EXIT.changes : EXIT.ok;
}

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
  const { paths } = session;
  const { stack } = look;
  const { state: policy, note } = policies;
  const { active } = policy;
  if (active === undefined) throw new CommandError(`there are no policies to plan with: ${note ?? ''}`);
  const isRemoved = source.removal !== undefined;
  const standIn = new StandIn(session, { stack, set: active, key: eyes.policyKey });
  const outlook = { session, state, look, policy: { ...policy, active }, isRemoved, standIn };
  const { seen, suspends, foresight, suspended } = await foreseen(eyes, outlook);
  const { world, asked, controller } = seen;
  const { sha256, problems } = look.state;
  const { isRefused } = look;
  const manifest = {
    path: paths.manifest,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(isRefused ? { problems } : {}),
  };
  const { removal } = source;
  const notes = planNotes({ stack, memory: state.memory, policies, standIn, suspends, removal, isRefused });
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
    asked: asked(),
    controller,
    isRemoved,
    notes,
  });
}

/** Who stood in for the policy engine is gone when this is known, also where it cannot be. */
async function foreseen(eyes: Eyes, outlook: Outlook & { readonly standIn: StandIn }) {
  const { session, look, standIn } = outlook;
  try {
    const seen = await lookAhead(eyes, outlook);
    const suspends = await suspendedOf(look.stack, session.paths, seen.now);
    const foresight = await seen.foresee(suspends);
    const suspended = suspends.length === 0 ? undefined : { suspends, without: await seen.foresee([]) };
    return { seen, suspends, foresight, suspended };
  } finally {
    await standIn.close();
  }
}
