import type { Fact } from '../../streams/facts.ts';
import type { Step } from './world.ts';

/** A history as one line: `signal; timer; exit 0 at the timer`. */
export function inWords(steps: readonly Step[]): string {
  return steps.map(stepInWords).join('; ');
}

function stepInWords(step: Step): string {
  if (step.kind === 'timer') return 'timer';
  return step.when === 'now' ? factInWords(step.fact) : `${factInWords(step.fact)} at the timer`;
}

function factInWords(fact: Fact): string {
  switch (fact.type) {
    case 'RankStarted':
      return `${fact.rank} starts`;
    case 'RankStartFailed':
      return `${fact.rank} cannot start`;
    case 'RankExited':
      return `${fact.rank} exits`;
    case 'RankCleared':
      return `${fact.rank} is cleared`;
    case 'ProbeAnswered':
      return `${fact.rank} answers ${fact.status}`;
    case 'ProbeFailed':
      return `${fact.rank} ${fact.reason}`;
    case 'SignalReceived':
      return fact.signal;
    case 'StopRequested':
      return 'stop';
    case 'ListenerFailed':
      return 'listener lost';
    case 'SupervisorFailed':
      return 'fault';
  }
}
