/** Text of nginx's configuration, line by line. */

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

/** `map` and `split_clients`: the source, the variable that it makes, and its cases. */
export function table(head: string, cases: readonly string[]): string[] {
  return [`${head} {`, ...indent(cases.map((one) => `${one};`)), '}'];
}
