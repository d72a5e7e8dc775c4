import { folded } from '../../ir/graph/fold.ts'
import type { Pass } from '../rewriting/pass.ts'
import { rebuild, transform } from '../rewriting/rewrite.ts'

/** Evaluates what depends on constants only, within the growth that `isFoldable` allows. */
export const foldConstants: Pass = {
  name: 'fold-constants',
  ensures: ['folded'],
  run: (graph) =>
    transform(graph, (node, inputs) => {
      const results = rebuild(node, inputs)
      return results === node.outputs ? folded(node) : results
    }),
}
