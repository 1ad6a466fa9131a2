/** How much each benchmark does; smaller numbers, for a quick look, come from the environment and show in the results. */

export const ROUNDS = positive('BENCH_ROUNDS', 20);
export const HEALS = positive('BENCH_HEALS', 10);
export const CHANGES = positive('BENCH_CHANGES', 100);
/** Containers at which an idle tick is measured, rising. */
export const SIZES = (process.env['BENCH_SIZES'] ?? '1,10,100,300').split(',').map(Number);
export const REPLICAS = positive('BENCH_REPLICAS', 100);
export const FIRST_STARTS = positive('BENCH_FIRST_STARTS', 3);
export const IDLE_SECONDS = positive('BENCH_IDLE_SECONDS', 60);
export const POLICY_EDITS = positive('BENCH_POLICY_EDITS', 20);
export const QUESTIONS = positive('BENCH_QUESTIONS', 1000);
export const AUDIT_EVENTS = positive('BENCH_AUDIT_EVENTS', 1_000_000);

function positive(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0`);
  return value;
}
