import type { Fact } from './facts.ts';
import type { At } from './play.ts';
import type { Policy } from './policy.ts';
import { droppedRuns, type Thinned } from './save-thinned.ts';
import { byLane, laneLines } from './save-lanes.ts';
import { parseScenario } from './scenario.ts';
import { policyInPairs } from './scenario-policy.ts';
import { SaveSymbols } from './save-symbols.ts';
import { type Story, storyOf } from './story.ts';
import { check } from './verdict.ts';

/** What a scenario says besides its lanes. */
export interface SavedWords {
  /** One sentence, on one line. */
  readonly title: string;
  /** Lines of comment. */
  readonly notes: readonly string[];
}

/**
 * Writes a course as a scenario that holds: its facts, and what the supervision makes of them. Times are cut to
 * milliseconds, or finer where the order of things needs it; runs of the same healthy answer are left out where
 * nothing depends on them; ranks are numbered from 0, as a scenario numbers them.
 *
 * @param facts in the order of their times
 * @param until how far the recording goes, in milliseconds
 * @returns the text of a `.marble` file; null when there are more ranks than symbols
 */
export function saveScenario(
  facts: readonly At<Fact>[],
  policy: Policy,
  until: number,
  { title, notes }: SavedWords,
): string | null {
  const renumbered = fromZero(facts, policy);
  const symbols = SaveSymbols.of(renumbered.facts, renumbered.policy);
  if (symbols === null) return null;
  const wanted = outline(storyOf(renumbered.facts, renumbered.policy, true, until));
  const thin = droppedRuns(renumbered.facts);
  const whole: Thinned = { facts: renumbered.facts, dropped: 0 };

  for (const { facts: kept, dropped } of [thin, whole]) {
    for (const stepMs of STEPS_MS) {
      const inOrder = inSteps(kept, stepMs);
      const steppedUntil = Math.floor(until / stepMs) * stepMs;
      const same = (order: readonly At<Fact>[]) =>
        outline(storyOf(order, renumbered.policy, true, steppedUntil)) === wanted;
      const stepped = [byLane(inOrder, symbols), inOrder].find(same);
      const lines = stepped && laneLines(stepped, renumbered.policy, symbols, until);
      if (!lines) continue;
      const remarks = [...notes, ...renumbered.notes, ...droppedNote(dropped)].map((note) => `// ${oneLine(note)}`);
      const settings = [`policy    ${policyInPairs(renumbered.policy)}`, `frame     ${lines.frameMs}ms`];
      const text = [sentence(title), ...remarks, '', ...settings, ...symbols.lines(), '', ...lines.lines, ''].join(
        '\n',
      );
      if (check(parseScenario(text)).holds) return text;
    }
  }
  return null;
}

/**
 * How fine times are cut. Behind the first, powers of two: sums of such times are exact, and the finest tells
 * apart every two times that a microsecond does.
 */
const FINEST_MS = 1 / 1_024;
const STEPS_MS = [1, 1 / 8, 1 / 64, FINEST_MS];

/** What must not change when times are cut: everything but when. */
function outline({ ranks, readiness, cause, exit }: Story): string {
  const done = ranks.map(({ events }) =>
    events
      .filter(({ kind }) => !['healthy', 'unhealthy', 'unanswered', 'prober-fault'].includes(kind))
      .map(({ kind }) => kind),
  );
  const { status, killed, left } = exit?.value ?? { status: null, killed: [], left: [] };
  const reason = cause === null ? null : [cause.value.kind, 'rank' in cause.value ? cause.value.rank : null];
  return JSON.stringify([done, readiness.map(({ value }) => value), reason, status, killed, left]);
}

/**
 * An answer is never cut to before its question; everything else is cut down. At the finest step everything is, and
 * what was earlier stays earlier.
 */
function inSteps(facts: readonly At<Fact>[], stepMs: number): readonly At<Fact>[] {
  let last = 0;
  return facts.map(({ at, value }) => {
    const isAnswer = value.type === 'ProbeAnswered' || value.type === 'ProbeFailed';
    const steps = isAnswer && stepMs > FINEST_MS ? Math.ceil(at / stepMs) : Math.floor(at / stepMs);
    last = Math.max(last, steps * stepMs);
    return { at: last, value };
  });
}

function fromZero(
  facts: readonly At<Fact>[],
  policy: Policy,
): { facts: readonly At<Fact>[]; policy: Policy; notes: string[] } {
  const number = new Map(policy.ranks.map((rank, index) => [rank, index]));
  const notes = policy.ranks.every((rank, index) => rank === index)
    ? []
    : [`Rank 0 was rank ${policy.ranks[0] ?? 0} of its group, and so on.`];
  return {
    facts: facts.flatMap(({ at, value }): At<Fact>[] => {
      if (!('rank' in value)) return [{ at, value }];
      const rank = number.get(value.rank);
      return rank === undefined ? [] : [{ at, value: { ...value, rank } }];
    }),
    policy: { ...policy, ranks: policy.ranks.map((_, index) => index) },
    notes,
  };
}

function droppedNote(dropped: number): string[] {
  return dropped === 0 ? [] : [`${dropped} probe answers like those before and after them are left out.`];
}

/** The first line of a scenario is neither a remark nor blank. */
function sentence(title: string): string {
  return oneLine(title).replace(/^\/+/, '').trim() || 'A recording.';
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
