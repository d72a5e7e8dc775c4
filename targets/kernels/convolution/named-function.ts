/** Emitted functions whose parameters, all i32, go by name. */

import type { Emitter, I32, Local, Scope, Statements } from '../../emitter/emitter.ts'
import type { EmittedFunction, KernelFunction } from '../../selection/kernel.ts'

export type NamedParams<N extends string> = Readonly<Record<N, Local<I32>>>

export interface NamedFunction<N extends string> {
  readonly key: string
  /** In the order of the call. */
  readonly names: readonly N[]
  readonly calls?: readonly KernelFunction[]
  body(e: Emitter, scope: Scope, params: NamedParams<N>): Statements
}

/** The function `key` of i32 parameters, which its body knows by name. */
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
