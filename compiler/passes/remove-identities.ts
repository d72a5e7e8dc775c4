import { producer, type Value } from '../../ir/graph/graph.ts'
import { any, constant, elementwise, op } from '../../ir/graph/pattern.ts'
import type { Reduction } from '../../ir/ops/reduce.ts'
import type { BinaryName } from '../../ir/scalar/functions.ts'
import { isIdentity } from '../../ir/tensors/axes.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import { isFloat, sameShape, sameType } from '../../ir/tensors/types.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'

/** Drops an expand before arithmetic, because arithmetic broadcasts its smaller operand itself. */
const dropExpand: Rule = {
  name: 'drop an expand that broadcasting makes needless',
  pattern: elementwise(2),
  replace({ node, make, root }) {
    for (const [i, v] of node.inputs.entries()) {
      const expanded = producer(v, 'expand')
      if (!expanded) continue
      const implicit = make(node.op, node.inputs.with(i, expanded.inputs[0] as Value), node.attrs)
      if (sameType(implicit.type, root.type)) return implicit
    }
    return null
  },
}

/** Reductions that give the magnitude of a single element. All others give the element itself. */
const NORMS: readonly Reduction[] = ['l1', 'l2']

/** Rules that replace a node by its operand, where both are equal. */
export const identities: readonly Rule[] = [
  identityOf('reshape', () => true),
  identityOf('expand', () => true),
  identityOf('cast', () => true),
  identityOf('slice', (node) => node.attrs.steps.every((s, i) => s === 1 || node.attrs.sizes[i] === 1)),
  identityOf('pad', () => true),
  identityOf('concat', (node) => node.inputs.length === 1),
  identityOf('transpose', (node) => isIdentity(node.attrs.perm)),
  identityOf('reduce', (node) => !NORMS.includes(node.attrs.fn)),
  identityOf('pool', (node) => node.attrs.kernel.every((k) => k === 1) && node.attrs.pads.every((p) => p === 0)),
  identityOf('clamp', (node) => node.attrs.min === Number.NEGATIVE_INFINITY && node.attrs.max === Number.POSITIVE_INFINITY),
  {
    name: 'drop a conversion to float32 and back',
    pattern: op('cast', [op('cast', [any().as('x')], (n) => n.attrs.to === 'float32')], (n) => n.attrs.to === 'float16'),
    replace: ({ get }) => (get('x').type.dtype === 'float16' ? get('x') : null),
  },
  dropExpand,
  neutral('add', 0),
  neutral('sub', 0),
  neutral('mul', 1),
  neutral('div', 1),
]

/** Drops nodes that change nothing. */
export const removeIdentities: Pass = { name: 'remove-identities', rules: identities }

type Accepts<K extends Parameters<typeof op>[0]> = NonNullable<Parameters<typeof op<K>>[2]>

/** A rule that drops operator `name` where the operand has the type of the result and `when` holds. */
function identityOf<K extends Parameters<typeof op>[0]>(name: K, when: Accepts<K>): Rule {
  return {
    name: `drop ${name} that changes nothing`,
    pattern: op(name, [any().as('x')], when),
    replace: ({ get, root }) => (sameType(get('x').type, root.type) ? get('x') : null),
  }
}

/**
 * A rule that drops operator `name` where all elements of its right operand, a constant, are `element`. It
 * applies to floats only.
 */
function neutral(name: BinaryName, element: number): Rule {
  return {
    name: `drop ${name} of ${element}`,
    pattern: op(name, [any().as('x'), constant().as('c')]),
    replace({ get, root }) {
      const x = get('x')
      return isFloat(x.type.dtype) && sameShape(x.type.shape, root.type.shape) && holdsOnly(get('c'), element) ? x : null
    },
  }
}

function holdsOnly(value: Value, x: number): boolean {
  if (value.kind !== 'constant') return false
  const held = numbers(value.tensor)
  for (let i = 0; i < held.length; i++) if (held[i] !== x) return false
  return held.length > 0
}
