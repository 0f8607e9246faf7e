/** A file that cannot be read as a scenario: `line` from 1, and one line of message. */
export class ScenarioError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}
