import { folded } from '../../ir/graph/fold.ts'
import type { Pass } from '../rewriting/pass.ts'
import { rebuild, transform } from '../rewriting/rewrite.ts'

/** Evaluates nodes that depend on constants only, where `isFoldable` allows the growth. */
export const foldConstants: Pass = {
  name: 'fold-constants',
  ensures: ['folded'],
  run: (graph) =>
    transform(graph, (node, inputs) => {
      const results = rebuild(node, inputs)
      return results === node.outputs ? folded(node) : results
    }),
}
