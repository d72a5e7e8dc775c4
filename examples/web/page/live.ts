/** Classifies the picture that the page shows. It does so again after every change, but at most once per frame of the screen. */

import type { ShapesModel } from 'shapes'
import type { ClassScore } from '../../../targets/loader/table.ts'

type Seen = ImageData | HTMLVideoElement

export interface Answer {
  /** Best first. */
  readonly classes: readonly ClassScore[]
  /** The time from picture to classes: the median of the last frames. */
  readonly milliseconds: number
}

const TOP = 5
const REMEMBERED = 30
/** A new model classifies a picture this many times, even if it does not change. Their median is a more exact time. */
const REPEATS = 10

export class Live {
  readonly #seen: () => Seen | null
  readonly #show: (answer: Answer | null) => void
  readonly #failed: (error: Error) => void
  #model: ShapesModel | null = null
  #times: number[] = []
  /** The number of frames that still have to be classified. */
  #wanted = 0
  #running = false

  /**
   * `seen` returns what to classify now, or null. `show` gets every answer, or null if there is nothing to classify.
   * `failed` gets the error that stopped the network.
   */
  constructor(seen: () => Seen | null, show: (answer: Answer | null) => void, failed: (error: Error) => void) {
    this.#seen = seen
    this.#show = show
    this.#failed = failed
  }

  /** Classifies by this model from now on, and disposes the one before. */
  use(model: ShapesModel): void {
    this.#model?.dispose()
    this.#model = model
    this.#times = []
    this.wake(REPEATS)
  }

  /** Says that the picture has changed: at least `frames` more frames are classified. */
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
      // A model that was replaced meanwhile is disposed, so its error means nothing.
      if (model === this.#model) this.#failed(error as Error)
    }
  }

  #answer(classes: readonly ClassScore[], milliseconds: number): void {
    this.#times = [...this.#times, milliseconds].slice(-REMEMBERED)
    const sorted = [...this.#times].sort((a, b) => a - b)
    this.#show({ classes, milliseconds: sorted[sorted.length >> 1] as number })
  }
}
