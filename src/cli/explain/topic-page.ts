/** Conditions and events as people read them. Pure. */
import type { PageOptions } from './field-page.js';
import type { TopicDoc } from './topics.js';
import { wrapped } from './wrapped.js';

const POLARITIES: Readonly<Record<string, string>> = {
  positive: 'True is good',
  negative: 'True is bad',
  neutral: 'True is neither good nor bad',
};

/** One block per topic. */
export function topicPage(docs: readonly TopicDoc[], { paint, width }: PageOptions): string {
  return docs
    .map((doc) => {
      const facts = factsOf(doc).map(([name, value]) => `  ${paint('dim', name.padEnd(12))} ${value}`);
      return [paint('bold', doc.name), wrapped(doc.meaning, { width, indent: 2 }), ...facts].join('\n');
    })
    .join('\n\n');
}

function factsOf({ polarity, absentWhen }: TopicDoc): readonly (readonly [string, string])[] {
  if (polarity === undefined || absentWhen === undefined) return [];
  return [
    ['polarity', `${polarity}: ${POLARITIES[polarity] ?? ''}`],
    ['absent when', absentWhen],
  ];
}
