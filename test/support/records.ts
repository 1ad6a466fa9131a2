/** What a stack writes about itself, read back and held against its schemas. */
import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { readEvents } from '../../src/controller/history/read-events.js';
import type { HistoryEvent } from '../../src/controller/history/history-event.js';
import { verifyHistory } from '../../src/controller/history/verify-history.js';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export interface TrackStatus {
  readonly track: 'stable' | 'canary';
  readonly version: string;
  readonly weight: number;
  readonly replicas: { readonly desired: number; readonly ready: number };
}

export interface ServiceStatus {
  readonly name: string;
  readonly tracks: readonly TrackStatus[];
  readonly rollout?: {
    readonly step: number;
    readonly weight: number;
    readonly since?: string;
    readonly bake?: { readonly since: string; readonly until: string; readonly over: boolean };
    readonly canary?: { readonly requests: number; readonly errors: number };
  };
}

export interface Status {
  readonly generation: number;
  readonly observedGeneration: number;
  readonly manifest: { readonly sha256?: string };
  readonly controller: { readonly pid: number };
  readonly source?: { readonly subject: string };
  readonly conditions: readonly Condition[];
  readonly services: readonly ServiceStatus[];
  readonly policies: readonly {
    readonly question: string;
    readonly allow: boolean;
    readonly code?: string;
  }[];
}

/** Absent before the first tick; the file is replaced atomically, so it is never half. */
export async function readStatus(path: string): Promise<Status | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Status;
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    return undefined;
  }
}

export async function readHistory(path: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of readEvents(path)) events.push(event);
  return events;
}

/** Both files obey their schemas, and the chain is whole. */
export async function checkRecords(statusPath: string, historyPath: string): Promise<void> {
  const [statusValid, eventValid] = await Promise.all([validator('status'), validator('history')]);
  const status = await readStatus(statusPath);
  if (status !== undefined) {
    statusValid(status);
    expect(statusValid.errors, 'status.json').toBeNull();
  }
  for (const event of await readHistory(historyPath)) {
    eventValid(event);
    expect(eventValid.errors, JSON.stringify(event)).toBeNull();
  }
  const verdict = await verifyHistory(historyPath);
  expect(verdict.problems, 'history.jsonl').toEqual([]);
}

async function validator(name: string) {
  const url = new URL(`../../schema/${name}.schema.json`, import.meta.url);
  const schema = JSON.parse(await readFile(url, 'utf8')) as object;
  return new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);
}
