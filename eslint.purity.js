// streams/ is pure: it knows rxjs and itself, and time only as the scheduler it is handed.
// test/streams/purity.test.ts feeds one bad line for each rule below to the linter and expects it to object.

const SCHEDULED = 'takes its time from the wall: use timer(ms, scheduler)';

export const TIMED_OPERATORS = [
  'interval',
  'delay',
  'delayWhen',
  'debounceTime',
  'throttleTime',
  'auditTime',
  'sampleTime',
  'bufferTime',
  'windowTime',
  'timeout',
  'timeoutWith',
  'timestamp',
  'timeInterval',
];

export const REAL_TIME = [
  'asyncScheduler',
  'asapScheduler',
  'queueScheduler',
  'animationFrameScheduler',
  'animationFrames',
  'Scheduler',
  'VirtualTimeScheduler',
];

export const WALL_CLOCK_GLOBALS = [
  'Date',
  'Promise',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
];
export const EFFECT_GLOBALS = ['process', 'console', 'fetch', 'Buffer', 'globalThis', 'global', 'require', 'crypto'];
/** Ways around the names above. */
export const DETOURS = ['Intl', 'AbortSignal', 'eval', 'Function'];

export const purity = [
  {
    files: ['streams/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!rxjs$|\\./[\\w.-]+\\.ts$)',
              message: 'streams/ imports rxjs and its siblings, nothing else.',
            },
          ],
          paths: [
            {
              name: 'rxjs',
              importNames: [...TIMED_OPERATORS, ...REAL_TIME, 'ajax', 'fromFetch', 'webSocket'],
              message: `It ${SCHEDULED}.`,
            },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'A replay must give the same again.' },
      ],
      'no-restricted-globals': [
        'error',
        ...WALL_CLOCK_GLOBALS.map((name) => ({ name, message: `It ${SCHEDULED}.` })),
        ...EFFECT_GLOBALS.map((name) => ({ name, message: 'Effects live in src/.' })),
        ...DETOURS.map((name) => ({ name, message: 'It has a clock, or makes a way to one.' })),
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='timer']:not(:has(> Identifier.arguments[name='scheduler']))",
          message: 'A timer is given the scheduler.',
        },
        {
          selector: "ImportSpecifier[imported.name='timer'][local.name!='timer']",
          message: 'A timer under another name escapes the rule above.',
        },
        {
          selector:
            ":not(CallExpression, ImportSpecifier) > Identifier[name='timer'], CallExpression > Identifier.arguments[name='timer']",
          message: 'A timer that is handed on escapes the rule above.',
        },
        {
          selector:
            "CallExpression[callee.name=/^(repeat|retry)$/] Property[key.name='delay'] > :not(ArrowFunctionExpression).value",
          message: `A delay in milliseconds ${SCHEDULED}.`,
        },
        {
          selector:
            "CallExpression[callee.name='shareReplay'][arguments.length>1], NewExpression[callee.name='ReplaySubject'][arguments.length>1], Property[key.name='windowTime']",
          message: `A window of time ${SCHEDULED}.`,
        },
        { selector: 'ImportExpression', message: 'streams/ imports rxjs and its siblings, nothing else.' },
      ],
    },
  },
];

// The wall clock steps; whatever waits or measures asks the monotonic one. Only what is told to people has a date.
export const monotonic = [
  {
    files: ['src/**/*.ts'],
    ignores: ['src/journal/group.ts', 'src/engine/**'],
    rules: {
      'no-restricted-globals': ['error', { name: 'Date', message: 'The wall clock steps: use performance.now().' }],
    },
  },
];
