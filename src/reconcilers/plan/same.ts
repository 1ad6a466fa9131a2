/** Equality of plain data. */
import type { Place, RouteModel } from './proxy-model.js';

/** A key that is undefined is a key that is not there. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return (
    Object.keys(a).every((key) => same(a[key], b[key])) &&
    Object.keys(b).every((key) => a[key] !== undefined || b[key] === undefined)
  );
}

/** Host and path, whoever serves there. */
export function samePlace(left: Place, right: Place | undefined): boolean {
  return right !== undefined && left.host === right.host && left.path === right.path;
}

export function sameRoute(left: RouteModel, right: RouteModel | undefined): boolean {
  return right !== undefined && same(left, right);
}
