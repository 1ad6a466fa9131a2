/** The queue's door for those that notice something by themselves; rung before anybody listens, it is heard by nobody. */
export class Doorbell {
  onRing: () => void = () => undefined;

  ring(): void {
    this.onRing();
  }
}
