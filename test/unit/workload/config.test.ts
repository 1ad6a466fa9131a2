import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../workload/src/config.js';

describe('readConfig', () => {
  it('has defaults, for empty values too', () => {
    expect(readConfig({})).toEqual({ mode: 'stable', version: 'unknown', port: 3000 });
    expect(readConfig({ MODE: '', APP_PORT: '', APP_VERSION: '' })).toEqual(readConfig({}));
  });

  it('reads the three variables', () => {
    expect(readConfig({ MODE: 'canary', APP_PORT: '8000', APP_VERSION: '2' })).toEqual({
      mode: 'canary',
      version: '2',
      port: 8000,
    });
  });

  it.each(['x', '-1', '65536', '1.5', 'NaN'])('refuses APP_PORT=%s', (port) => {
    expect(() => readConfig({ APP_PORT: port })).toThrow(`(got "${port}")`);
  });

  it('refuses an unknown MODE rather than guess', () => {
    expect(() => readConfig({ MODE: 'Canary' })).toThrow('MODE must be stable or canary (got "Canary")');
  });
});
