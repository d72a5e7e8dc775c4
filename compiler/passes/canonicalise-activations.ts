import { usesOf } from '../../ir/graph/graph.ts'
import { anyOp } from '../../ir/graph/pattern.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'
import { asHardSigmoid, asHardSwish } from './rules/hard-activations.ts'

const hardSwish: Rule = {
  name: 'hard-swish',
  pattern: anyOp('mul', 'div'),
  replace({ root, make }) {
    const x = asHardSwish(root)
    return x && make('hard-swish', [x], {})
  },
}

const hardSigmoid: Rule = {
  name: 'hard-sigmoid',
  pattern: anyOp('clamp', 'add', 'sub', 'mul', 'div'),
  replace({ root, graph, make }) {
    const found = asHardSigmoid(root, (v) => usesOf(graph, v).length === 1)
    return found && make('hard-sigmoid', [found.x], { alpha: found.alpha, beta: found.beta })
  },
}

/**
 * Makes one node of every hard-sigmoid and hard-swish, however the model spells them. Clamps must already be
 * canonical. Constants of the spelling may differ from the exact ones by up to 1e-4.
 */
export const canonicaliseActivations: Pass = { name: 'canonicalise-activations', rules: [hardSwish, hardSigmoid] }
