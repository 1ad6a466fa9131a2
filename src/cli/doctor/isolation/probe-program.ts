/**
 * A probe that is always there: the policy engine's own image, whose `opa eval` can ask by HTTP. What it is given and what it
 * prints; whoever runs it chooses the network. It is given no token but a guessed one. Pure.
 */
import type { ContainerFile } from '../../../reconcilers/docker/engine.js';
import { asObject } from '../../../reconcilers/policy/json-value.js';
import type { ProbeRequest, Said, Way } from './requests.js';

/** Where nobody is reached by the first request, the others are not tried: each would wait as long. */
const PROGRAM = `package swiftdeploy_isolation

import rego.v1

results := [result |
	some w, way in input.ways
	some r, answer in answers(way)
	result := {
		"way": w,
		"request": r,
		"status": answer.status_code,
		"body": substring(object.get(answer, "raw_body", ""), 0, 2000),
	}
]

answers(way) := array.concat([first], rest) if {
	first := send(way, input.requests[0])
	rest := [send(way, request) | some r, request in input.requests; r > 0; first.status_code != 0]
}

send(way, request) := http.send(object.union(
	{"url": concat("", [way.url, request.path]), "timeout": "1s", "raise_error": false},
	object.remove(request, ["path"]),
))
`;

const DIRECTORY = '/probe';

export const PROBE_ARGS: readonly string[] = [
  'eval',
  '--format=json',
  `--data=${DIRECTORY}/probe.rego`,
  `--input=${DIRECTORY}/input.json`,
  'data.swiftdeploy_isolation.results',
];

export function probeFiles(
  ways: readonly Way[],
  requests: readonly ProbeRequest[],
  guess: string,
): readonly ContainerFile[] {
  const input = {
    ways: ways.map(({ url }) => ({ url })),
    requests: requests.map(({ method, path, token, body }) => ({
      method,
      path,
      headers: token === 'none' ? {} : { authorization: `Bearer ${guess}` },
      ...(body === undefined ? {} : { raw_body: body }),
    })),
  };
  const file = (name: string, content: string) => ({
    path: `${DIRECTORY}/${name}`,
    content,
    mode: 0o644,
    uid: 0,
  });
  return [file('probe.rego', PROGRAM), file('input.json', JSON.stringify(input))];
}

/** Undefined for what the probe did not print. */
export function readProbe(
  output: string,
  ways: readonly Way[],
  requests: readonly ProbeRequest[],
): readonly Said[] | undefined {
  const results = resultsIn(output);
  const said = results?.map((result) => saidOf(asObject(result) ?? {}, ways, requests));
  return said?.every((each) => each !== undefined) === true && said.length >= ways.length ? said : undefined;
}

function resultsIn(output: string): readonly unknown[] | undefined {
  try {
    const document = JSON.parse(output) as {
      readonly result?: readonly { readonly expressions?: readonly { readonly value?: unknown }[] }[];
    };
    const value = document.result?.[0]?.expressions?.[0]?.value;
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function saidOf(
  result: Readonly<Record<string, unknown>>,
  ways: readonly Way[],
  requests: readonly ProbeRequest[],
): Said | undefined {
  const [way, request] = [ways[Number(result.way)], requests[Number(result.request)]];
  const { status, body } = result;
  if (way === undefined || request === undefined || typeof status !== 'number' || typeof body !== 'string')
    return undefined;
  return { way, request, status, body };
}
