import type { Linter } from 'eslint';

export const TIMED_OPERATORS: readonly string[];
export const REAL_TIME: readonly string[];
export const WALL_CLOCK_GLOBALS: readonly string[];
export const EFFECT_GLOBALS: readonly string[];
export const DETOURS: readonly string[];
export const purity: Linter.Config[];
