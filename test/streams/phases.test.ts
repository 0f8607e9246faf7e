import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { MEANING, tell } from '../../streams/phases.ts';

const folder = new URL('../../streams/', import.meta.url).pathname;

/** Compiles streams/phases.ts with a changed text and gives what the compiler says. */
function compile(change: (text: string) => string): readonly string[] {
  const path = `${folder}phases.ts`;
  const { config } = ts.readConfigFile(`${folder}tsconfig.json`, ts.sys.readFile.bind(ts.sys));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder, undefined, `${folder}tsconfig.json`);
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  const text = read(path) ?? '';
  const changed = change(text);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name.endsWith('streams/phases.ts')
      ? ts.createSourceFile(name, changed, ts.ScriptTarget.ES2022)
      : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('the table of phases and facts', () => {
  it('compiles as it stands', () => {
    expect(compile((text) => text)).toEqual([]);
  });

  it('does not compile when one cell is missing', () => {
    const problems = compile((text) => text.replace("    ListenerFailed: 'cause',\n", ''));
    expect(problems.join('\n')).toContain("Property 'ListenerFailed' is missing");
  });

  it('does not compile when a phase is missing', () => {
    const problems = compile((text) => text.replace(/ {2}killing: \{[^}]*\},\n/, ''));
    expect(problems.join('\n')).toContain("Property 'killing' is missing");
  });

  it('has causes only while there has been none', () => {
    const phases = Object.entries(MEANING).filter(([, row]) =>
      Object.values(row).some((meaning) => meaning === 'cause'),
    );
    expect(phases.map(([phase]) => phase)).toEqual(['starting', 'ready']);
  });

  it('hears a second signal as long as there is something that it can hasten', () => {
    const phases = Object.entries(MEANING).filter(([, row]) => row.SignalReceived === 'insistence');
    expect(phases.map(([phase]) => phase)).toEqual(['draining', 'stopping']);
  });

  it('tells a fact with the phase in which it arrived', () => {
    const fact = { type: 'RankCleared', rank: 3 } as const;
    expect(tell(fact, 'stopping')).toEqual({ fact, phase: 'stopping', meaning: 'progress' });
    expect(tell(fact, 'gone').meaning).toBe('nothing');
  });
});
