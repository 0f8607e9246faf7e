import { take } from 'rxjs';
import type { Policy } from '../../streams/policy.ts';
import type { GroupPlan } from '../config/plan.ts';
import type { LiveCourse } from '../live-course.ts';
import { VERSION } from '../version.ts';
import { type Journal, journalOf } from './entries.ts';
import { masking } from './mask.ts';

/** A group's journal, and what takes the secrets out of a text as the journal does it. */
export interface GroupJournal extends Journal {
  mask(text: string): string;
}

/**
 * The journal of a group whose course is about to begin, which is when `t` counts from. What its variables, and those
 * that it inherits, call a secret is masked wherever it turns up. Nothing is looked for before anybody reads.
 */
export function groupJournal(course: LiveCourse, { ranks }: GroupPlan, policy: Policy): GroupJournal {
  const startedAt = once(() => new Date().toISOString());
  course.command$.pipe(take(1)).subscribe(startedAt);
  const mask = once(() =>
    masking(
      ranks.map(({ argv }) => argv),
      [process.env, ...ranks.map(({ env }) => env)],
    ),
  );
  const header = once(() => ({
    program: 'dp-supervisor',
    version: VERSION,
    startedAt: startedAt(),
    policy,
    ranks: ranks.map(({ rank, port, argv }) => ({ rank, port, argv: mask().argv(argv) })),
  }));
  const text = (said: string) => mask().text(said);
  return { ...journalOf(course, header, text), mask: text };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
