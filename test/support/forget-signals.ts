/** A command listens for signals until its process ends; in a process of many tests each would add its own, and Node.js warns on stderr. */
export function forgetSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(signal);
}
