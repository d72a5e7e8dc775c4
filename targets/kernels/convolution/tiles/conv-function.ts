/** Functions that compute convolutions: their parameters and their keys. */

import type { EmittedFunction } from '../../../emitter/emitted-function.ts'
import { type NamedParams, namedFunction } from '../../../emitter/emitted-function.ts'
import type { Emitter, Scope, Statements } from '../../../emitter/emitter.ts'

/**
 * Parameters of the functions that are specialised by the shape of a convolution. Addresses that are not needed
 * are 0.
 */
const PARAMS = ['x', 'weights', 'y', 'residual', 'constants', 'begin', 'end'] as const

export type ConvParams = NamedParams<(typeof PARAMS)[number]>

/** The function `key` with the parameters of a convolution. */
export function convFunction(key: string, body: (e: Emitter, scope: Scope, params: ConvParams) => Statements): EmittedFunction {
  return namedFunction({ key, names: PARAMS, body })
}

/** Parts of function keys, joined without the empty ones. */
export function keyOf(...parts: readonly (string | number | false | undefined)[]): string {
  return parts.filter((p) => p !== '' && p !== false && p !== undefined).join('_')
}
