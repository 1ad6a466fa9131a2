/** Takes secrets out of a text before anybody sees it. */
import { plainText } from './revision.js';

const SHOWN = '***';

/** A cleaner that knows these secrets, as they are and as HTTP's basic authentication writes them. */
export function cleaner(secrets: readonly { readonly username: string; readonly token: string }[]) {
  const known = secrets
    .filter(({ token }) => token !== '')
    .flatMap(({ username, token }) => [
      token,
      encodeURIComponent(token),
      Buffer.from(`${username}:${token}`).toString('base64'),
    ]);
  return (text: string): string => {
    const open = known.reduce((rest, secret) => rest.replaceAll(secret, SHOWN), text);
    return plainText(open.replace(/\/\/[^/\s@]*@/g, `//${SHOWN}@`));
  };
}
