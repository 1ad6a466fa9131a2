import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  engineOptions,
  EngineAddressError,
  resolveEngineAddress,
  type FileReader,
} from '../../../src/reconcilers/docker/engine-address.js';

function filesOf(files: Readonly<Record<string, string>>): FileReader {
  return { read: (path) => files[path], exists: (path) => path in files };
}

function idOf(context: string): string {
  return createHash('sha256').update(context).digest('hex');
}

function contextFiles(name: string, host: string): Record<string, string> {
  return {
    '/home/ann/.docker/config.json': JSON.stringify({ currentContext: name }),
    [`/home/ann/.docker/contexts/meta/${idOf(name)}/meta.json`]: JSON.stringify({
      Name: name,
      Endpoints: { docker: { Host: host } },
    }),
  };
}

const HOME = '/home/ann';

describe('DOCKER_HOST comes first', () => {
  it.each([
    ['unix:///run/my.sock', { socketPath: '/run/my.sock' }],
    ['unix://', { socketPath: '/var/run/docker.sock' }],
    ['tcp://10.0.0.5:2375', { host: '10.0.0.5', port: 2375, protocol: 'http' }],
    ['tcp://10.0.0.5', { host: '10.0.0.5', port: 2375, protocol: 'http' }],
    ['tcp://[::1]:2375', { host: '::1', port: 2375, protocol: 'http' }],
    ['https://engine.example', { host: 'engine.example', port: 2376, protocol: 'https' }],
    ['npipe:////./pipe/docker_engine', { socketPath: '//./pipe/docker_engine' }],
  ])('%s', (host, expected) => {
    const files = filesOf({ ...contextFiles('other', 'unix:///other.sock'), '/var/run/docker.sock': '' });
    expect(resolveEngineAddress({ HOME, DOCKER_HOST: host }, files)).toEqual({
      ...expected,
      describe: host,
      source: 'DOCKER_HOST',
    });
  });

  it('takes the certificates of DOCKER_CERT_PATH when DOCKER_TLS_VERIFY is set', () => {
    const files = filesOf({ '/certs/ca.pem': 'CA', '/certs/cert.pem': 'CERT', '/certs/key.pem': 'KEY' });
    const env = { HOME, DOCKER_HOST: 'tcp://e:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    const address = resolveEngineAddress(env, files);
    expect(address).toMatchObject({
      protocol: 'https',
      tls: { ca: '/certs/ca.pem', cert: '/certs/cert.pem', key: '/certs/key.pem' },
    });
    expect(engineOptions(address, files)).toEqual({
      host: 'e',
      port: 2376,
      protocol: 'https',
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
    });
  });

  it('never falls back to plain http when DOCKER_TLS_VERIFY is set and no certificate is there', () => {
    const env = { HOME, DOCKER_HOST: 'tcp://e', DOCKER_TLS_VERIFY: '1' };
    expect(resolveEngineAddress(env, filesOf({}))).toMatchObject({ protocol: 'https', port: 2376 });
  });

  it('says how to reach an engine behind ssh', () => {
    const resolve = () => resolveEngineAddress({ HOME, DOCKER_HOST: 'ssh://ann@far' }, filesOf({}));
    expect(resolve).toThrow(EngineAddressError);
    expect(resolve).toThrow(/ssh:\/\/ann@far \(from DOCKER_HOST\) goes over ssh/);
  });

  it.each(['fish://x', 'tcp://host:port:1', '/var/run/docker.sock'])('refuses %s by name', (host) => {
    expect(() => resolveEngineAddress({ HOME, DOCKER_HOST: host }, filesOf({}))).toThrow(host);
  });
});

describe('then the Docker context', () => {
  it('reads the current one', () => {
    const files = filesOf({
      ...contextFiles('colima', 'unix:///home/ann/.colima/docker.sock'),
      '/var/run/docker.sock': '',
    });
    expect(resolveEngineAddress({ HOME }, files)).toEqual({
      socketPath: '/home/ann/.colima/docker.sock',
      describe: 'unix:///home/ann/.colima/docker.sock',
      source: 'context',
    });
  });

  it('lets DOCKER_CONTEXT name another, and DOCKER_CONFIG another place', () => {
    const files = filesOf({
      [`/cfg/contexts/meta/${idOf('b')}/meta.json`]: '{"Endpoints":{"docker":{"Host":"tcp://b:1"}}}',
      [`/cfg/contexts/tls/${idOf('b')}/docker/ca.pem`]: 'CA',
    });
    const address = resolveEngineAddress({ HOME, DOCKER_CONFIG: '/cfg', DOCKER_CONTEXT: 'b' }, files);
    expect(address).toMatchObject({ host: 'b', port: 1, protocol: 'https' });
    expect(engineOptions(address, files)).toMatchObject({ ca: 'CA' });
  });

  it('names a context that does not exist', () => {
    const files = filesOf({ '/home/ann/.docker/config.json': '{"currentContext":"gone"}' });
    expect(() => resolveEngineAddress({ HOME }, files)).toThrow(/context "gone" has no engine endpoint/);
  });

  it.each(['{"currentContext":"default"}', '{}', 'not json', '[]', '{"currentContext":7}'])(
    'is not chosen by %s',
    (text) => {
      const files = filesOf({ '/home/ann/.docker/config.json': text });
      expect(resolveEngineAddress({ HOME }, files).source).toBe('default');
    },
  );
});

describe('then the well-known sockets, the first that exists', () => {
  const env = { HOME, XDG_RUNTIME_DIR: '/run/user/1000' };
  it.each([
    [['/var/run/docker.sock', '/run/user/1000/docker.sock'], '/var/run/docker.sock'],
    [['/run/user/1000/docker.sock', '/home/ann/.docker/run/docker.sock'], '/run/user/1000/docker.sock'],
    [['/home/ann/.docker/run/docker.sock'], '/home/ann/.docker/run/docker.sock'],
    [['/home/ann/.docker/desktop/docker.sock'], '/home/ann/.docker/desktop/docker.sock'],
    [[], '/var/run/docker.sock'],
  ])('%j gives %s', (present, expected) => {
    const files = filesOf(Object.fromEntries(present.map((path) => [path, ''])));
    expect(resolveEngineAddress(env, files)).toEqual({
      socketPath: expected,
      describe: `unix://${expected}`,
      source: 'default',
    });
  });
});
