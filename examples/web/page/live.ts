/** Classifies what is to be seen, again after every change, but never more often than the screen shows it. */

import type { ShapesModel } from 'shapes'
import type { ClassScore } from '../../../targets/loader/table.ts'

type Seen = ImageData | HTMLVideoElement

export interface Answer {
  /** Best first. */
  readonly classes: readonly ClassScore[]
  /** From picture to classes: the median of the last frames. */
  readonly milliseconds: number
}

const TOP = 5
const REMEMBERED = 30
/** A picture that stands still is classified this often with a new model, for a time that means something. */
const REPEATS = 10

export class Live {
  readonly #seen: () => Seen | null
  readonly #show: (answer: Answer | null) => void
  readonly #failed: (error: Error) => void
  #model: ShapesModel | null = null
  #times: number[] = []
  /** Frames that are yet to be classified. */
  #wanted = 0
  #running = false

  /** `seen`: what to classify now, if anything. `show` gets every answer, and null where there is nothing to see; `failed` what stopped the network. */
  constructor(seen: () => Seen | null, show: (answer: Answer | null) => void, failed: (error: Error) => void) {
    this.#seen = seen
    this.#show = show
    this.#failed = failed
  }

  /** From now on, by this model; the one before is disposed. */
  use(model: ShapesModel): void {
    this.#model?.dispose()
    this.#model = model
    this.#times = []
    this.wake(REPEATS)
  }

  /** Something has changed. */
  wake(frames = 1): void {
    this.#wanted = Math.max(this.#wanted, frames)
    if (!this.#running) this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#wanted > 0) {
      this.#wanted--
      await this.#classify()
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
    this.#running = false
  }

  async #classify(): Promise<void> {
    const begin = performance.now()
    const [model, seen] = [this.#model, this.#seen()]
    if (!model || !seen) return this.#show(null)
    try {
      const classes = await model.classify(seen, { topK: TOP })
      if (model === this.#model) this.#answer(classes, performance.now() - begin)
    } catch (error) {
      // A model that was replaced meanwhile is disposed.
      if (model === this.#model) this.#failed(error as Error)
    }
  }

  #answer(classes: readonly ClassScore[], milliseconds: number): void {
    this.#times = [...this.#times, milliseconds].slice(-REMEMBERED)
    const sorted = [...this.#times].sort((a, b) => a - b)
    this.#show({ classes, milliseconds: sorted[sorted.length >> 1] as number })
  }
}
