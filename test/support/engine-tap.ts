/**
 * A socket in front of the engine's, for the controller alone: it passes everything on, and can lose answers, hold back the
 * event stream, refuse service, or tell a test the very moment before and after a call.
 */
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

const ENGINE = '/var/run/docker.sock';

export interface Trap {
  readonly method: string;
  /** Of the path without its version, query included. */
  readonly path: RegExp;
  readonly when: 'before' | 'after';
  /** Runs once; the call's answer is lost. */
  readonly spring: () => void;
}

export class EngineTap {
  /** No event reaches the controller, though its stream stays open. */
  deaf = false;
  /** Every call is cut. */
  down = false;
  /** Calls of these paths are cut. */
  refuse: RegExp | undefined;
  /** Calls of these paths are answered with an error, and not done. */
  fail: RegExp | undefined;
  private trap: Trap | undefined;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly agent = new Agent({ keepAlive: false });

  constructor(private readonly path: string) {
    this.server = createServer((asked, answer) => this.pass(asked, answer));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server.on('upgrade', (asked: IncomingMessage, socket: Socket, body: Buffer) =>
      this.upgrade(asked, socket, body),
    );
  }

  get env(): Readonly<Record<string, string>> {
    return { DOCKER_HOST: `unix://${this.path}` };
  }

  async listen(): Promise<void> {
    this.server.listen(this.path);
    await once(this.server, 'listening');
  }

  /** Springs at the next call that matches; then the tap is a plain pipe again. */
  set(trap: Trap | undefined): void {
    this.trap = trap;
  }

  get isSet(): boolean {
    return this.trap !== undefined;
  }

  /** As when the engine's process dies. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
    this.agent.destroy();
  }

  private isRefused(asked: IncomingMessage): boolean {
    return this.down || this.refuse?.test(asked.url ?? '') === true;
  }

  private sprung(asked: IncomingMessage, when: Trap['when']): boolean {
    const path = (asked.url ?? '').replace(/^\/v[0-9.]+/, '');
    const { trap } = this;
    if (trap?.when !== when || trap.method !== asked.method || !trap.path.test(path)) return false;
    this.trap = undefined;
    trap.spring();
    return true;
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    if (this.isRefused(asked) || this.sprung(asked, 'before')) {
      asked.socket.destroy();
      return;
    }
    const { method, headers, url: path } = asked;
    if (this.fail?.test(path ?? '') === true) {
      asked.resume();
      answer.writeHead(500, { 'content-type': 'application/json' });
      answer.end(JSON.stringify({ message: 'a test wants it so' }));
      return;
    }
    const onward = request({ socketPath: ENGINE, agent: this.agent, method, headers, path });
    onward.on('error', () => asked.socket.destroy());
    answer.on('close', () => !answer.writableFinished && onward.destroy());
    onward.on('response', (said) => {
      if (this.sprung(asked, 'after')) return void asked.socket.destroy();
      delete said.headers.connection;
      answer.writeHead(said.statusCode ?? 500, said.headers);
      answer.flushHeaders();
      if ((path ?? '').includes('/events')) said.on('data', (chunk) => this.deaf || answer.write(chunk));
      else said.pipe(answer);
      said.on('error', () => undefined);
      said.on('close', () => (said.complete ? answer.end() : asked.socket.destroy()));
    });
    asked.pipe(onward);
  }

  /** `exec` talks over the raw connection. */
  private upgrade(asked: IncomingMessage, socket: Socket, body: Buffer): void {
    if (this.isRefused(asked) || this.sprung(asked, 'before')) {
      socket.destroy();
      return;
    }
    const engine = connect(ENGINE);
    const headers = Object.entries(asked.headers).map(([name, value]) => `${name}: ${String(value)}`);
    engine.write(`${String(asked.method)} ${String(asked.url)} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    engine.write(body);
    engine.on('error', () => socket.destroy());
    socket.on('error', () => engine.destroy());
    engine.once('data', (chunk) => {
      if (this.sprung(asked, 'after')) return void socket.destroy();
      socket.write(chunk);
      engine.pipe(socket);
    });
    socket.pipe(engine);
  }
}
