/** The answers that nginx makes itself: JSON that says what, where and whom to ask. */
import type { RouteModel } from '../plan/proxy-model.js';
import { indent } from './lines.js';
import { judgeLogs } from './render-judge-log.js';
import { isSticky } from './split-route.js';

const ERRORS: readonly (readonly [number, string])[] = [
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
];

/** What nginx refuses before it knows of any location; 494 is its own word for headers that are too large, and a 400 to everybody else. */
const REFUSALS: readonly (readonly [string, number, string])[] = [
  ['400 494', 400, 'Bad Request'],
  ['405', 405, 'Method Not Allowed'],
  ['414', 414, 'URI Too Long'],
];

export function notFound(path: string): string[] {
  return [
    `location ${path} {`,
    '    default_type application/json;',
    `    return 404 '{"error":"Not Found","code":404,"service":"","contact":"$swiftdeploy_contact"}';`,
    '}',
  ];
}

/** They serve all routes of one server, so what differs between routes comes in variables. */
export function errorPages(routes: readonly RouteModel[]): string[] {
  const own = [
    ...(routes.some(isSticky) ? ['add_header Set-Cookie $swiftdeploy_cookie always;'] : []),
    ...judgeLogs(routes, ' if=$swiftdeploy_track'),
  ];
  return ERRORS.flatMap((error) => errorPage(error, own));
}

/** A request that could not be read has no path, which a named location needs; two slashes are none that a client could ask for. */
export function refusalPages(): string[] {
  return REFUSALS.flatMap(([codes, code, text]) => {
    const path = `//swiftdeploy_${String(code)}`;
    return [
      `error_page ${codes} =${String(code)} ${path};`,
      `location = ${path} {`,
      ...indent([
        'internal;',
        'default_type application/json;',
        `return ${String(code)} '{"error":"${text}","code":${String(code)},"service":"","contact":"$swiftdeploy_contact"}';`,
      ]),
      '}',
    ];
  });
}

function errorPage([code, text]: readonly [number, string], own: readonly string[]): string[] {
  const name = `@swiftdeploy_${String(code)}`;
  return [
    `error_page ${String(code)} ${name};`,
    `location ${name} {`,
    ...indent([
      'internal;',
      'default_type application/json;',
      'add_header X-Deployed-By swiftdeploy always;',
      ...own,
      `return ${String(code)} '{"error":"${text}","code":${String(code)},"service":"$swiftdeploy_service","contact":"$swiftdeploy_contact"}';`,
    ]),
    '}',
  ];
}
