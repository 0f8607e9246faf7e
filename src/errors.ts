import { EXIT_STATUS } from '../streams/exit-status.ts';

/** Every way in which dp-supervisor refuses or fails, by code, with the status that the program leaves with. */
export const ERROR_CODES = {
  DPS_USAGE: { status: EXIT_STATUS.usage.status, meaning: 'An option, a variable or an entry of the file is wrong.' },
  DPS_NO_COMMAND: { status: EXIT_STATUS.usage.status, meaning: 'There is no COMMAND to supervise.' },
  DPS_CONFIG_FILE: {
    status: EXIT_STATUS.usage.status,
    meaning: 'The file given with --config or DPS_CONFIG cannot be read.',
  },
  DPS_TLS_FILE: { status: EXIT_STATUS.usage.status, meaning: 'A key or certificate file cannot be read or used.' },
  DPS_RECORDING: { status: EXIT_STATUS.usage.status, meaning: 'The file given to `replay` cannot be read.' },
  DPS_REPLAY_OUTPUT: {
    status: EXIT_STATUS.usage.status,
    meaning: 'A file that `replay` was asked for cannot be written.',
  },
  DPS_JOURNAL_FILE: { status: EXIT_STATUS.usage.status, meaning: 'The file given with --journal cannot be written.' },
  DPS_LOG_DIR: { status: EXIT_STATUS.usage.status, meaning: 'The directory given with --log-dir cannot be written.' },
  DPS_RANK_PORT_TAKEN: {
    status: EXIT_STATUS.usage.status,
    meaning: 'The port of a rank is held by another process; nothing was started.',
  },
  DPS_PORT_TAKEN: { status: EXIT_STATUS.port.status, meaning: 'The port asked for cannot be listened on.' },
  DPS_UNREACHABLE: { status: EXIT_STATUS.fault.status, meaning: 'No supervisor answers where `status` looked for it.' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A mistake or a failure that is told in one line, without a stack trace. */
export class DpsError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'DpsError';
    this.code = code;
  }

  /** The status that the program leaves with. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** @throws DpsError `DPS_USAGE` when it is wrong: what was expected and what came, in one line */
export function refuseIf(wrong: boolean, message: string): void {
  if (wrong) throw new DpsError('DPS_USAGE', message);
}

/** What the system says of a file that cannot be read. Of a directory it does not say which. */
export function fileProblem({ message }: Error, path: string): string {
  return message.includes(path) ? message : `${message} '${path}'`;
}
