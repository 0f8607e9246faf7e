/** Stands where something was masked. */
export const MASK = '***';

/** Names of secrets, wherever in the name it stands: `AWS_SECRET_ACCESS_KEY`, `db-password`, `X-Api-Keys`. */
const ANYWHERE = /secret|passw(or)?d|passphrase|credential|(api|access|private)[-_.]?key|authorization|cookie/i;
/** Those that only the end of a name gives away: `HF_TOKEN`, `--ssl-key`, `hubToken2`; not `--tokenizer`. */
const AT_THE_END = /(key|token|pwd|auth|bearer|jwt|signature)s?[-_.]?\d*$|(^|[-_.])(pass|pat|sig)$/i;

/** What a shell calls the directory that it is in: a path that may begin any argument, and no password. */
const DIRECTORY = /^(OLD)?PWD$/;

/** Whether the value of an argument, a variable, a header or a field of this name is nobody's business. */
export function looksSecret(name: string): boolean {
  return (ANYWHERE.test(name) || AT_THE_END.test(name)) && !DIRECTORY.test(name);
}

/** Tokens that are a number, as in `--max-tokens 4096`, are no secret; `value` may be followed by more of a text. */
export function isCount(name: string, value: string): boolean {
  return /tokens$/i.test(name) && /^\d[\d_.]*[kKmMgG]?(?=[\s}\]"'&;]|,\s*["'}]|$)/.test(value);
}
