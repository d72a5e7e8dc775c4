/**
 * Node patterns, as values: what passes look for and what kernels cover.
 *
 *     op('clamp', [op('conv').once().as('conv')])
 */

import { OPS, type OpName, opDef } from '../ops/index.ts'
import { numbers } from '../tensors/tensor.ts'
import { sizeOf } from '../tensors/types.ts'
import { type Graph, type Node, type NodeOf, usesOf, type Value } from './graph.ts'

/** Named parts of a match. */
export type Bindings = ReadonlyMap<string, Value>

type Test = (value: Value, graph: Graph, bound: Map<string, Value>) => boolean

/**
 * A condition on a value and on what it is computed from. A pattern never changes: its methods return new
 * patterns.
 */
export class Pattern {
  readonly #test: Test
  /**
   * The operators that can make a matched value, or null where any value can match. A caller can skip values of
   * other operators.
   */
  readonly roots: ReadonlySet<OpName> | null

  constructor(test: Test, roots: ReadonlySet<OpName> | null = null) {
    this.#test = test
    this.roots = roots
  }

  /** Name the matched value. A name used twice must match the same value. */
  as(name: string): Pattern {
    const test: Test = (v, graph, bound) => {
      const known = bound.get(name)
      if (known && known !== v) return false
      if (!this.#test(v, graph, bound)) return false
      bound.set(name, v)
      return true
    }
    return new Pattern(test, this.roots)
  }

  /** Match only where the value has a single reader. */
  once(): Pattern {
    return this.where((v, graph) => usesOf(graph, v).length === 1)
  }

  /** Match only where `condition` holds as well. */
  where(condition: (value: Value, graph: Graph) => boolean): Pattern {
    return new Pattern((v, graph, bound) => this.#test(v, graph, bound) && condition(v, graph), this.roots)
  }

  /** The bindings of a match at `value`, or null. A failed alternative leaves no bindings behind. */
  match(value: Value, graph: Graph): Bindings | null {
    const bound = new Map<string, Value>()
    return this.#test(value, graph, bound) ? bound : null
  }

  /**
   * Matches and adds the bindings to `bound`. Patterns use it for the patterns inside them. If the match fails,
   * `bound` stays as it was.
   */
  matchInto(value: Value, graph: Graph, bound: Map<string, Value>): boolean {
    const trial = new Map(bound)
    if (!this.#test(value, graph, trial)) return false
    for (const [name, v] of trial) bound.set(name, v)
    return true
  }
}

/** Any value. */
export function any(): Pattern {
  return new Pattern(() => true)
}

/** A value that is known when compiling. */
export function constant(): Pattern {
  return new Pattern((v) => v.kind === 'constant')
}

/**
 * A one-element constant that differs from `x` by at most 1e-5 · max(1, |x|), or any one-element constant if
 * `x` is left out.
 */
export function scalar(x?: number): Pattern {
  return new Pattern((v) => {
    const y = scalarOf(v)
    return y !== null && (x === undefined || Math.abs(y - x) <= 1e-5 * Math.max(1, Math.abs(x)))
  })
}

/** The number a one-element constant holds, or null. */
export function scalarOf(v: Value): number | null {
  return v.kind === 'constant' && sizeOf(v.type.shape) === 1 ? (numbers(v.tensor)[0] as number) : null
}

/** Result number `result` of a node of op `name`; the operands of commutative ops match in either order. */
export function op<K extends OpName>(
  name: K,
  operands?: readonly Pattern[],
  where?: (node: NodeOf<K>) => boolean,
  { result = 0 }: { readonly result?: number } = {},
): Pattern {
  const test: Test = (v, graph, bound) => {
    if (v.kind !== 'result' || v.node.op !== name || v.index !== result) return false
    const node = v.node as NodeOf<K>
    if (where && !where(node)) return false
    return operands === undefined || orders(v.node).some((inputs) => matchOperands(operands, inputs, graph, bound))
  }
  return new Pattern(test, new Set([name]))
}

/** What matches one of the patterns. The bindings are those of the first that does. */
export function oneOf(...patterns: readonly Pattern[]): Pattern {
  const roots = patterns.every((p) => p.roots) ? new Set(patterns.flatMap((p) => [...(p.roots as ReadonlySet<OpName>)])) : null
  return new Pattern((v, graph, bound) => patterns.some((p) => p.matchInto(v, graph, bound)), roots)
}

/** Any result of a node of any of these ops. */
export function anyOp(...names: readonly OpName[]): Pattern {
  const roots = new Set(names)
  return new Pattern((v) => v.kind === 'result' && roots.has(v.node.op), roots)
}

/** The result of an elementwise node of so many operands. */
export function elementwise(operands: 1 | 2): Pattern {
  const names = Object.keys(OPS) as OpName[]
  return anyOp(...names.filter((name) => opDef(name).traits.elementwise && opDef(name).operands === operands))
}

function orders(node: Node): readonly (readonly Value[])[] {
  const { inputs } = node
  return opDef(node.op).traits.commutative && inputs.length === 2 ? [inputs, [inputs[1] as Value, inputs[0] as Value]] : [inputs]
}

function matchOperands(patterns: readonly Pattern[], inputs: readonly Value[], graph: Graph, bound: Map<string, Value>): boolean {
  if (inputs.length < patterns.length) return false
  const trial = new Map(bound)
  if (!patterns.every((p, i) => p.matchInto(inputs[i] as Value, graph, trial))) return false
  for (const [name, v] of trial) bound.set(name, v)
  return true
}
