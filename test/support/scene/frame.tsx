/** One frame of the live view as text, drawn by ink as on a terminal of that size. */
import { renderToString } from 'ink';
import type { LiveFacts } from '../../../src/cli/status/live/live-facts.js';
import { liveView } from '../../../src/cli/status/live/live-view.js';
import { Screen } from '../../../src/cli/status/live/screen.js';

export function frameOf(facts: LiveFacts): string {
  const { size } = facts;
  return renderToString(<Screen view={liveView(facts)} size={size} />, { columns: size.columns });
}
