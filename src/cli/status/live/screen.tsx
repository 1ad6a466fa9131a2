/** The live view on ink: lines in three boxes, cut at the terminal's edge, and the keyboard. It decides nothing. */
import { Box, Text, useInput } from 'ink';
import type { ReactElement } from 'react';
import { keyOf, type LiveKey } from './keys.js';
import type { Size } from './live-facts.js';
import type { LiveView } from './live-view.js';

export interface ScreenProps {
  readonly view: LiveView;
  readonly size: Size;
}

export function Screen({ view, size }: ScreenProps): ReactElement {
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      <Lines lines={view.head} />
      <Box flexDirection="column" flexGrow={1} overflow="hidden">
        <Lines lines={view.body} />
      </Box>
      <Lines lines={[view.foot]} />
    </Box>
  );
}

/** Tells `onKey` of the keys that mean something. */
export function Keyboard({ onKey }: { readonly onKey: (key: LiveKey) => void }): null {
  useInput((input, key) => {
    const pressed = keyOf(input, key);
    if (pressed !== undefined) onKey(pressed);
  });
  return null;
}

function Lines({ lines }: { readonly lines: readonly string[] }): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((line, index) => (
        <Box key={index} height={1}>
          <Text wrap="truncate-end">{oneRow(line)}</Text>
        </Box>
      ))}
    </Box>
  );
}

/** What somebody wrote into a message must not break the frame; an empty text would take no row. */
function oneRow(line: string): string {
  const [first = ''] = line.split('\n');
  return first === '' ? ' ' : first.replaceAll('\t', ' ');
}
