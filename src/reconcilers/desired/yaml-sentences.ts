/** What each of the YAML parser's complaints means to a person. The parser's own words quote the file and might show a secret. */
import type { ErrorCode } from 'yaml';

export const YAML_SENTENCES = {
  ALIAS_PROPS: 'has an alias with an anchor or a tag: an alias stands alone',
  BAD_ALIAS: 'has an alias without a proper name after the *',
  BAD_COLLECTION_TYPE: 'has a tag that does not fit its value',
  BAD_DIRECTIVE: 'has a directive (%) that YAML does not know',
  BAD_DQ_ESCAPE:
    'has an escape in double quotes that YAML does not know: double the backslash or use single quotes',
  BAD_INDENT: 'is not indented like its neighbours, or a bracket before it is not closed',
  BAD_PROP_ORDER: 'has an anchor or tag in the wrong place',
  BAD_SCALAR_START: 'starts with a character that YAML reserves: put the value in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'has a second "key:" in one line: put it on a line of its own, or the value in quotes',
  BLOCK_IN_FLOW: 'has an indented block inside { } or [ ]',
  DUPLICATE_KEY: 'gives a key twice',
  IMPOSSIBLE: 'cannot be read as YAML',
  KEY_OVER_1024_CHARS: 'has a key of more than 1024 characters',
  MISSING_CHAR:
    'lacks a closing or separating character here (bracket, brace, comma, colon or space): is the file cut off?',
  MULTILINE_IMPLICIT_KEY: 'has a line without "key: value"; is a colon missing, or is the file cut off?',
  MULTIPLE_ANCHORS: 'has two anchors on one value',
  MULTIPLE_DOCS: 'has a second YAML document after ---: a manifest is one document',
  MULTIPLE_TAGS: 'has two tags on one value',
  NON_STRING_KEY: 'has a key that is not text',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  TAB_AS_INDENT: 'is indented with a tab: YAML wants spaces',
  TAG_RESOLVE_FAILED: 'has a tag (!) that manifests do not use, or one that does not fit its value',
  UNEXPECTED_TOKEN: 'has something here that YAML does not expect: look for a missing quote, colon or space',
} satisfies Record<ErrorCode, string>;
