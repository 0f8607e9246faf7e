// Writes docs/reference/ from the tables that the program itself reads: `npm run docs`. Another directory may
// be given, which is how test/config/reference.test.ts finds out whether the pages on disk are those of the tables.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));
const pagesDirectory = join(root, 'docs/reference');
const target = resolve(process.argv[2] ?? pagesDirectory);

const sources = await load([
  'src/config/file.ts',
  'src/config/group.ts',
  'src/config/option.ts',
  'src/config/options.ts',
  'src/config/plan.ts',
  'src/config/read.ts',
  'src/config/settings.ts',
  'src/config/template.ts',
  'src/cli/help.ts',
  'src/cli/topics.ts',
  'src/errors.ts',
  'src/http/limits.ts',
  'src/http/routes.ts',
  'src/http/vocabulary.ts',
  'src/render/words.ts',
  'streams/exit-status.ts',
]);

const pages = {
  'options.md': optionsPage(sources),
  'exit-status.md': exitStatusPage(sources),
  'errors.md': errorsPage(sources),
  'http.md': httpPage(sources),
};

mkdirSync(target, { recursive: true });
for (const [name, text] of Object.entries(pages)) {
  const options = await resolveConfig(join(pagesDirectory, name));
  writeFileSync(join(target, name), await format(text, { ...options, parser: 'markdown' }));
}

/** Node cannot import TypeScript here, so all that is asked for becomes one module that lives for a moment. */
async function load(files) {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const directory = mkdtempSync(join(tmpdir(), 'reference-'));
  try {
    await build({
      stdin: { contents: files.map((file) => `export * from './${file}';`).join('\n'), resolveDir: root, loader: 'ts' },
      outdir: directory,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      // What is loaded only once a subcommand runs stays in files of its own, which nobody opens here.
      splitting: true,
      external: Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => name !== 'rxjs'),
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(join(directory, 'stdin.mjs')).href);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function optionsPage({ GROUP_OPTIONS, RUN_OPTIONS, SUBCOMMANDS, PLACEHOLDERS, MAX_SECONDS, belongsInFile, ...words }) {
  const { variableOf, spelling } = words;
  const library = new Map(Object.entries(GROUP_OPTIONS).map(([key, option]) => [option, key]));
  const named = {
    Option: (option) => code(spelling(option)),
    Environment: (option) => (option.commandLineOnly ? '' : code(variableOf(option))),
  };
  const elsewhere = {
    'File key': (option) => (belongsInFile(option) ? code(option.name) : ''),
    Library: (option) => code(library.get(option)),
  };
  const columns = { ...named, ...elsewhere, ...valueColumns(words) };
  const columnsOfOthers = { ...named, ...valueColumns(words) };
  const sameAsRun = (key, option) => JSON.stringify(RUN_OPTIONS[key]) === JSON.stringify(option);
  const others = [...SUBCOMMANDS].map(([name, { usage, summary, options }]) => {
    const own = Object.entries(options).filter(([key, option]) => !sameAsRun(key, option));
    const inherits = Object.keys(RUN_OPTIONS).every((key) => key in options);
    const which = inherits
      ? 'It takes all of the options above, and these, which are new or have another default:'
      : '';
    return [
      `## ${code(name)}`,
      code(usage),
      summary,
      which,
      table(
        own.map(([, option]) => option),
        columnsOfOthers,
      ),
    ];
  });
  return lines(
    '# Options',
    generated('src/config/options.ts'),
    `${code('dp-supervisor [options] [--] COMMAND [ARG...]')} takes the options of this page. Options stop at the first
    word that is none, or behind ${code('--')}; the rest is COMMAND and is not looked at. ${code('--a_b')} is
    ${code('--a-b')}, and ${code('--a=b')} is ${code('--a b')}. An option that is given again replaces the one before,
    but ${code('--env')} adds up.`,
    `What is typed is believed first, then the environment, then the file given with ${code('--config')}, then the
    default. A value that is out of bounds is refused with exit status 2, wherever it comes from; it is never
    clamped. An empty variable counts as none, and one that
    begins with ${code('tcp://')}, which Kubernetes sets for a Service named ${code('dps')}, is passed over with a
    warning. The pairs of ${code('--env')} add up, name by name; ${code('DPS_ENV')} holds one.`,
    `In the file, which is YAML or JSON, ${code('_')} may stand for ${code('-')}, a list is a list
    (${code('device-ids: [0, 1]')}), and ${code('env')} is a mapping (${code('env: { NAME: VALUE }')}).`,
    `Durations are seconds, fractions allowed, up to ${MAX_SECONDS}. Names and defaults are those of vLLM wherever
    vLLM has the option.`,
    `In COMMAND and in the values of ${code('--env')}, ${PLACEHOLDERS.map((name) => code(`{${name}}`)).join(', ')} are
    replaced for each rank. Any other brace stays as it is, so that JSON survives. No shell is involved. Each rank also
    finds ${code('DP_RANK')}, ${code('DP_LOCAL_RANK')}, ${code('DP_SIZE')}, ${code('DP_SIZE_LOCAL')} and
    ${code('PORT')} in its environment.`,
    ...byGroup(RUN_OPTIONS).flatMap(([group, options]) => [`## ${group}`, table(options, columns)]),
    ...others.flat(),
  );
}

function valueColumns({ expectation, defaultInWords }) {
  return {
    Value: (option) => (option.placeholder === undefined ? 'none' : expectation(option)),
    Default: (option) => code(defaultInWords(option)),
    Meaning: (option) => `${option.help}.`,
  };
}

function exitStatusPage({ EXIT_STATUS }) {
  const columns = {
    Status: ({ status }) => String(status),
    Name: ({ name }) => code(name),
    Meaning: ({ meaning }) => meaning,
  };
  return lines(
    '# Exit status',
    generated('streams/exit-status.ts'),
    `The first cause decides; what happens because of it does not. That something had to be killed matters only when
    nothing else was wrong. The cause is told in one line on standard error, and in
    the [termination message](logs.md#termination-message). Ranks never lend their own exit code:
    it is told in that line.`,
    table(
      Object.entries(EXIT_STATUS).map(([name, entry]) => ({ name, ...entry })),
      columns,
    ),
  );
}

function errorsPage({ ERROR_CODES }) {
  const columns = {
    Code: ({ name }) => code(name),
    'Exit status': ({ status }) => `[${status}](exit-status.md)`,
    Meaning: ({ meaning }) => meaning,
  };
  return lines(
    '# Errors',
    generated('src/errors.ts'),
    `The library throws a ${code('DpsError')} whose ${code('code')} is one of these and stays what it is from version to
    version, whatever becomes of the message. The program tells the message in one line, without a stack trace, and
    leaves with the status beside it.`,
    table(
      Object.entries(ERROR_CODES).map(([name, entry]) => ({ name, ...entry })),
      columns,
    ),
  );
}

function httpPage({ ROUTES, LIMITS, ...words }) {
  const columns = { Route: ({ path }) => code(path), Answer: ({ help }) => help };
  const [starting, ready] = exampleViews(words);
  const told = new Map();
  const examples = ROUTES.flatMap((route) => {
    const answers = [ready, starting].map((view) => route.answer(view, { rank: '1' }));
    const differing = answers.filter(({ status }, index) => index === 0 || status !== answers[0].status);
    const text = differing.map(example).join('\n\n');
    const same = told.get(text);
    told.set(text, same ?? route.path);
    return [`## ${code(`GET ${route.path}`)}`, same === undefined ? text : `As ${code(same)}.`];
  });
  return lines(
    '# HTTP',
    generated('src/http/'),
    `The supervisor serves these on ${code('--data-parallel-supervisor-port')}: JSON, never to be cached. The port is
    taken before the first rank starts and given up after the last one has gone. Nothing here changes anything: only
    GET and HEAD exist, any other method is answered 405, any other path 404 with the list of routes. In the instant
    between the taking of the port and the first route, everything is answered 503 with ${code('retry-after')}.`,
    table(ROUTES, columns),
    'The bodies below are those of a group of two ranks: once it is ready, and where the status differs, before.',
    ...examples,
    '## Values',
    ...valuesOfAnswers(words),
    '## Limits',
    'What a client may ask for. Limits of time are looked at once a second. Whoever exhausts them, `/health` is answered: half of ' +
      'the time within 100 ms, later when the machine is busy.',
    table(Object.values(LIMITS), {
      Limit: ({ value, unit }) => `${value.toLocaleString('en').replaceAll(',', ' ')} ${unit}`,
      Of: ({ meaning }) => meaning,
    }),
  );
}

function valuesOfAnswers({ PHASE_MEANINGS, PROCESS_MEANINGS, LAST_MEANINGS, CAUSES, EXITS, ...words }) {
  const { causeInWords, exitInWords } = words;
  const meanings = (name, values) =>
    table(Object.entries(values), { [code(name)]: ([value]) => code(value), Meaning: ([, meaning]) => meaning });
  const shapes = (name, values, inWords) =>
    table(Object.values(values), {
      [code(name)]: (value) => code(JSON.stringify(value)),
      [code('text')]: (value) => code(inWords(value)),
    });
  return [
    `${code('phase')} is where the group is, ${code('process')} where a rank is, and ${code('last')} what its last probe
    brought back.`,
    meanings('phase', PHASE_MEANINGS),
    meanings('process', PROCESS_MEANINGS),
    meanings('last', LAST_MEANINGS),
    `Anything else is the name that the system has for what went wrong. What says
    nothing about the rank changes neither ${code('healthy')} nor ${code('failures')}.`,
    `In ${code('/status')}, ${code('cause')} is ${code('null')} until the group ends, and ${code('exit')} until the first
    process of a rank has left. Their shapes, each with its ${code('text')} beside the other members:`,
    shapes('cause', CAUSES, causeInWords),
    shapes('exit', EXITS, exitInWords),
  ];
}

/** What the routes answer from, made up: two ranks, of which the second is not ready yet, and then is. */
function exampleViews({ GROUP_OPTIONS, readGroup, plan }) {
  const typed = { dataParallelSize: 2, host: '127.0.0.1' };
  const { values, launch } = readGroup(GROUP_OPTIONS, { typed, behind: [] }, ['serve'], {});
  const group = plan(values, launch);
  const rank = (number, verdict, last) => ({
    rank: number,
    life: { is: 'running', pid: 4_711 + number },
    health: { verdict, failures: 0, last },
  });
  const first = rank(0, 'healthy', '200');
  const view = (isReady, second) => ({
    plan: group,
    startedAt: 0,
    state: () => ({ phase: isReady ? 'ready' : 'starting', ready: isReady, cause: null, ranks: [first, second] }),
    ready: () => isReady,
    everReady: () => isReady,
    journal: () => ['{"v":1,"header":{...}}', '{"seq":1,"t":0,"command":{"type":"StartRank","rank":0}}'],
    processTrees: () => 'the process table (sessions, groups, parents and marks)',
  });
  return [view(false, rank(1, 'unknown', '503')), view(true, rank(1, 'healthy', '200'))];
}

function example({ status, body }) {
  if (typeof body === 'string') return `${status}:\n\n\`\`\`\n${body.trimEnd()}\n\`\`\``;
  // These would be others each time.
  const steady = 'uptimeSeconds' in body ? { ...body, version: '1.2.3', pid: 4_700, uptimeSeconds: 63.214 } : body;
  return `${status}:\n\n\`\`\`json\n${JSON.stringify(steady)}\n\`\`\``;
}

function byGroup(options) {
  const all = Object.values(options);
  const groups = new Set(all.map(({ group }) => group));
  return [...groups].map((group) => [group, all.filter((option) => option.group === group)]);
}

function table(rows, columns) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const [names, cells] = [Object.keys(columns), Object.values(columns)];
  return [line(names), line(names.map(() => '---')), ...rows.map((row) => line(cells.map((cell) => cell(row))))].join(
    '\n',
  );
}

/** In code marks; nothing when there is nothing. */
function code(text) {
  return text === undefined || text === null ? '' : `\`${text}\``;
}

function generated(source) {
  return `<!-- Written by npm run docs from ${source}. -->`;
}

/** Blocks with an empty line between them; within a block of prose, a line break of this file means nothing. */
function lines(...blocks) {
  return blocks.map((block) => block.replaceAll(/\n {4}/g, ' ')).join('\n\n');
}
