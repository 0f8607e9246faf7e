// How fast journals are replayed, by the built program, as a user waits for it: `npm run build` comes first.
// The journals are recorded in virtual time by the core itself, over ranks that are healthy until one leaves.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Subject } from 'rxjs';
import { DEFAULT_POLICY, supervision, Timeline } from '../dist/lib/streams.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const DAY_MS = 86_400_000;
const LIMITS = [
  { what: '100,000 entries, 8 ranks', ranks: 8, entries: 100_000, seconds: 1 },
  { what: '1,000,000 entries, 8 ranks', ranks: 8, entries: 1_000_000, seconds: 10, mebibytes: 500 },
  { what: 'a day of 8 ranks', ranks: 8, entries: Infinity, until: DAY_MS, pictureSeconds: 2 },
];

const folder = mkdtempSync(join(tmpdir(), 'bench-replay-'));
let missed = 0;
try {
  for (const limit of LIMITS) {
    const file = join(folder, 'journal.ndjson');
    const entries = writeJournal(file, limit);
    const { seconds, pictureSeconds, cpuSeconds, mebibytes, verdict } = await replay(file);
    const told = [
      compared('picture', pictureSeconds, limit.pictureSeconds, 's'),
      compared('replayed', seconds, limit.seconds, 's'),
      compared('of the processor', cpuSeconds, undefined, 's'),
      compared('memory', mebibytes, limit.mebibytes, 'MiB'),
    ];
    process.stdout.write(`${limit.what} (${entries} entries): ${told.join(', ')}; ${verdict}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = missed === 0 ? 0 : 1;

/** @returns how many entries there are */
function writeJournal(file, { ranks, entries: most, until = Infinity }) {
  const policy = { ...DEFAULT_POLICY, ranks: Array.from({ length: ranks }, (_, rank) => rank) };
  const described = policy.ranks.map((rank) => ({ rank, port: 8_000 + rank, argv: ['server'] }));
  const header = {
    program: 'dp-supervisor',
    version: '0',
    startedAt: new Date(0).toISOString(),
    policy,
    ranks: described,
  };
  const fd = openSync(file, 'w');
  let text = `${JSON.stringify({ v: 1, header })}\n`;
  let seq = 0;
  let over = false;

  const timeline = new Timeline();
  const fact$ = new Subject();
  const coming = []; // every answer takes as long as any other, so they come in the order of the questions
  const put = (said) => {
    text += `${JSON.stringify({ seq: (seq += 1), t: timeline.now(), ...said })}\n`;
    if (text.length < 1 << 20) return;
    writeSync(fd, text);
    text = '';
  };
  const comes = (fact) => coming.push({ at: Math.round((timeline.now() + 2.125) * 1_000) / 1_000, fact });
  supervision(fact$, policy, timeline).command$.subscribe((command) => {
    const { type, rank } = command;
    put({ command });
    if (type === 'StartRank') comes({ type: 'RankStarted', rank, pid: 1_000 + rank });
    if (type === 'ProbeRank') comes({ type: 'ProbeAnswered', rank, status: 200 });
    if (type === 'SignalRank') comes({ type: 'RankCleared', rank });
    over ||= type === 'Exit';
  });
  let crashed = false;
  while (!over) {
    const due = timeline.nextDue() ?? Infinity;
    const [next] = coming;
    const isTime = next !== undefined && next.at <= due;
    if (!crashed && (seq >= most || Math.min(due, next?.at ?? Infinity) >= until)) {
      crashed = true;
      tell({ at: timeline.now(), fact: { type: 'RankExited', rank: ranks - 1, code: 1, signal: null } });
    } else if (isTime) {
      tell(coming.shift());
    } else {
      timeline.advanceThrough(due);
    }
  }
  writeSync(fd, text);
  closeSync(fd);
  return seq;

  function tell({ at, fact }) {
    timeline.advanceTo(at);
    put({ fact });
    fact$.next(fact);
  }
}

/** Runs the program and looks at the clock when it shows its picture and when it has left. */
async function replay(file) {
  const report =
    "data:text/javascript,process.on('exit',()=>{const u=process.resourceUsage();console.error(u.maxRSS+' '+(u.userCPUTime+u.systemCPUTime))})";
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', report, MAIN, 'replay', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, memory, pictureSeconds] = ['', '', NaN];
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    said += chunk;
    if (Number.isNaN(pictureSeconds) && said.includes('cause')) pictureSeconds = elapsed();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => (memory += chunk));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`status ${status}: ${memory}`);
  return {
    seconds: elapsed(),
    pictureSeconds,
    mebibytes: parseInt(memory) / 1_024,
    cpuSeconds: Number(memory.split(' ')[1]) / 1e6,
    verdict: said.trimEnd().split('\n').at(-1),
  };

  function elapsed() {
    return (performance.now() - startedAt) / 1_000;
  }
}

function compared(what, value, limit, unit) {
  const text = `${what} ${value.toFixed(unit === 's' ? 2 : 0)} ${unit}`;
  if (limit === undefined) return text;
  if (value > limit) missed += 1;
  return `${text} (${value > limit ? 'MISSED' : 'limit'} ${limit})`;
}
