import manifest from '../package.json' with { type: 'json' };

/** Of this package, from the one place where it is written. */
export const VERSION: string = manifest.version;
