/** A name that is none of the stack's services. */
import { CommandError } from '../basics/exit.js';

export function noService(name: string, services: readonly { readonly name: string }[]): CommandError {
  return new CommandError(
    `there is no service ${name}: there are ${services.map((service) => service.name).join(', ')}`,
  );
}
