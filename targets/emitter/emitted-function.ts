/**
 * The functions that the steps of a schedule call. Some are emitted for one module, others belong to the
 * precompiled runtime. Most parameters of emitted functions are accessed by name.
 */

import type { ElementFunctionName, RuntimeKernelName } from '../../runtime-as/kernels.ts'
import type { Emitter, I32, Local, ParamType, Scope, Statements } from './emitter.ts'

/** A function that is emitted into a module. It is emitted once, however many steps call it. */
export interface EmittedFunction {
  readonly kind: 'emitted'
  /**
   * A name that states everything the code depends on, such as `tile_6x8_clamp_residual`. Two functions with
   * the same key have the same code.
   */
  readonly key: string
  readonly params: readonly ParamType[]
  /** Functions that this one calls. */
  readonly calls?: readonly KernelFunction[]
  /** Defines the function named `key` in the emitter's module. */
  emit(e: Emitter): void
}

/** A function of the precompiled runtime. */
export interface RuntimeFunction {
  readonly kind: 'runtime'
  readonly key: RuntimeKernelName | ElementFunctionName
}

export type KernelFunction = EmittedFunction | RuntimeFunction

export type NamedParams<N extends string> = Readonly<Record<N, Local<I32>>>

export interface NamedFunction<N extends string> {
  readonly key: string
  /** Names of the parameters, in the order of the call. */
  readonly names: readonly N[]
  readonly calls?: readonly KernelFunction[]
  body(e: Emitter, scope: Scope, params: NamedParams<N>): Statements
}

/** Makes the function `key`, whose parameters are all i32. The body reads them by name. */
export function namedFunction<N extends string>({ key, names, calls, body }: NamedFunction<N>): EmittedFunction {
  const params = names.map(() => 'i32' as const)
  return {
    kind: 'emitted',
    key,
    params,
    ...(calls && { calls }),
    emit: (e) => {
      e.func(key, params, (scope, ...locals) => {
        const named = Object.fromEntries(names.map((name, i) => [name, locals[i]])) as NamedParams<N>
        return body(e, scope, named)
      })
    },
  }
}

/** The values of `names`, in that order. */
export function inOrder<N extends string, T>(names: readonly N[], values: Readonly<Record<N, T>>): T[] {
  return names.map((name) => values[name])
}
