/** Cases side by side in one model: most of the time of a small case goes into linking its module. */

import type { FuzzCase, FuzzNode, TensorSpec } from './case.ts'

/** One case that holds all of `cases`, which agree in opset and compilation; null where one cannot be among others. */
export function together(cases: readonly FuzzCase[]): FuzzCase | null {
  const [first] = cases
  if (!first || cases.length < 2 || cases.some((c) => c.special)) return null
  const { opset, target, plain, prices } = first
  const parts = cases.map(prefixed)
  const merged = <K extends 'inputs' | 'constants'>(key: K): Record<string, TensorSpec> => Object.assign({}, ...parts.map((c) => c[key]))
  return {
    opset,
    inputs: merged('inputs'),
    constants: merged('constants'),
    nodes: parts.flatMap((c) => c.nodes),
    outputs: parts.flatMap((c) => c.outputs),
    target,
    ...(plain && { plain }),
    ...(prices !== undefined && { prices }),
  }
}

/** The case with the names of its values made its own. */
function prefixed(c: FuzzCase, index: number): FuzzCase {
  const own = (name: string): string => (name === '' ? '' : `p${index}_${name}`)
  const table = (specs: Readonly<Record<string, TensorSpec>>): Record<string, TensorSpec> =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [own(name), spec]))
  const node = (n: FuzzNode): FuzzNode => ({ ...n, in: n.in.map(own), out: n.out.map(own) })
  return { ...c, inputs: table(c.inputs), constants: table(c.constants), nodes: c.nodes.map(node), outputs: c.outputs.map(own) }
}
