/** The first fault that a parser of XML would stop at; null when there is none. Knows what our documents use. */
export function firstFault(document: string): string | null {
  const open: string[] = [];
  const parts = document.replace(/^<!DOCTYPE html>\n/, '').match(/<[^>]*>|[^<]+|</g) ?? [];
  for (const part of parts) {
    if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(part)) return `a character in ${part}`;
    if (!part.startsWith('<')) {
      if (/&(?!(amp|lt|gt|quot|#39);)/.test(part)) return `an ampersand in ${part}`;
      if (open.length === 0 && part.trim() !== '') return `text outside: ${part}`;
      continue;
    }
    const [, close, name = '', attributes = '', self] = TAG.exec(part) ?? [];
    if (name === '') return `no tag: ${part}`;
    const names = [...attributes.matchAll(/ ([\w:-]+)=/g)].map(([, attribute]) => attribute);
    if (new Set(names).size < names.length) return `an attribute twice: ${part}`;
    if (close === '/' && open.pop() !== name) return `not what is open: ${part}`;
    if (close !== '/' && self !== '/') open.push(name);
  }
  return open.length === 0 ? null : `still open: ${open.join(' ')}`;
}

const TAG = /^<(\/?)([A-Za-z][\w:-]*)((?: [A-Za-z_][\w:-]*="(?:[^"<&]|&(?:amp|lt|gt|quot|#39);)*")*)(\/?)>$/;
