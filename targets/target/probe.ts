/** Tiny modules that tell whether an engine runs a target. */

const HEADER = [0, 97, 115, 109, 1, 0, 0, 0]
/** One type: no parameters, one i32. */
const TYPES = [1, 5, 1, 96, 0, 1, 127]
const FUNCTIONS = [3, 2, 1, 0]
/** `p` is function 0. */
const EXPORTS = [7, 5, 1, 1, 112, 0, 0]

/**
 * A module that exports a function `p` with the body `code`. `code` is instructions in the binary format, at
 * most 120 bytes long, that leave one i32 on the stack. An engine that does not validate the module cannot run
 * the target. An engine that does validate it prefers the target where the result is not 0.
 */
export function probeOf(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...code, 11]
  return Uint8Array.of(...HEADER, ...TYPES, ...FUNCTIONS, ...EXPORTS, 10, body.length + 2, 1, body.length, ...body)
}
