/** Whether a port of this machine can be listened on, found out by trying for a moment. */
import { createServer } from 'node:net';

/** `unknown`: this process may not listen there (a port below 1024), or the machine does not have that address. */
export type PortState = 'free' | 'taken' | 'unknown';

export function hostPortState(port: number, address: string): Promise<PortState> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'taken' : 'unknown'),
    );
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve('free')));
  });
}
