/**
 * Numbers that compiler and runtime share. This file is both TypeScript and AssemblyScript, so it only declares
 * constants.
 */

/** Element types: first floats, then integers. */
export const F32 = 0
export const F64 = 1
export const F16 = 2
export const I8 = 3
export const U8 = 4
export const I16 = 5
export const U16 = 6
export const I32 = 7
export const U32 = 8
export const I64 = 9
export const U64 = 10
export const BOOL = 11

/** Reductions. */
export const SUM = 0
export const MAX = 1
export const MIN = 2
export const PROD = 3
export const L1 = 4
export const L2 = 5

/** Comparisons: which of two elements comes first. */
export const LESS = 0
export const GREATER = 1
/** Added to one of these codes, so that equal elements count too: then the last of them wins. */
export const OR_EQUAL = 2

/** Filters that resize images; the code of each is its radius. */
export const BILINEAR = 1
export const BICUBIC = 2
