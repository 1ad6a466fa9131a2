/** Starts the workload from its environment and stops it on SIGTERM or SIGINT without losing a request. */
import { readConfig } from './config.js';
import { startApp, type App } from './server.js';

function log(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), message, ...fields })}\n`);
}

function stopOnSignal(app: App): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log('draining', { signal });
    void app.drain().then(() => {
      log('stopped');
      process.exit(0);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const app = await startApp(config);
  stopOnSignal(app);
  log('listening', { port: app.port, mode: config.mode, version: config.version });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
