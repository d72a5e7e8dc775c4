/** The code that runs inside the measured engine. */

/** A bundle's module, through the bundle's own loader. */
export interface ModelSpec {
  /** The URL of the loader. It has a query, to which more can be added. */
  readonly url: string
  readonly target: string
  /** How many steps `step(i)` has; 0 where the module has none. */
  readonly steps: number
}

/** A loop to compare the models with. */
export interface LoopSpec {
  /** The module in base64; it exports `spin(times)`. */
  readonly wasm: string
  /**
   * Whether its slices are as long as the longest one of a model, so that both see the same noise. Otherwise
   * they are as short as possible.
   */
  readonly long: boolean
}

export type EntrySpec = ModelSpec | LoopSpec

export interface Opened {
  /** Milliseconds from the import of the loader until the model can run, in an engine that has loaded one before. */
  readonly loadMilliseconds: number
  readonly firstRunMilliseconds: number
  /** Linear memory. */
  readonly memoryBytes: number
}

export interface RoundLimits {
  readonly rounds: number
  readonly milliseconds: number
}

/** Milliseconds per run, by round and by entry. */
export type Rounds = readonly (readonly number[])[]

/** A model as its bundle's loader gives it. */
interface Loaded {
  readonly inputs: readonly { readonly name: string }[]
  input(name: string): ArrayLike<number | bigint> & { readonly buffer: ArrayBuffer }
  execute(): void
}

interface Entry extends Opened {
  run(times: number): void
  readonly step?: ((i: number) => void) | undefined
  readonly steps: number
  readonly memory?: () => number
  readonly long: boolean
  /** Runs of a slice. */
  times: number
}

interface Instance {
  readonly exports: Record<string, unknown>
}

/** The part of `WebAssembly` that is used. */
interface WasmEngine {
  validate(bytes: Uint8Array): boolean
  instantiate(source: unknown, imports?: unknown): Promise<unknown>
}

/**
 * Measures times. The class is sent to the engine as text, so its body must not refer to anything outside,
 * except JavaScript's globals.
 *
 * A slice is as many runs as take `#short` milliseconds. This is long compared with the clock's resolution, and
 * short compared with the time in which a machine's speed changes.
 */
export class Sampler {
  readonly #short = 3
  readonly #long = 20
  readonly #engine = (globalThis as unknown as { WebAssembly: WasmEngine }).WebAssembly
  readonly #load: (url: string) => Promise<unknown>
  #entries: Entry[] = []
  #random = 1

  /** `load` imports a module by its URL. */
  constructor(load: (url: string) => Promise<unknown>) {
    this.#load = load
  }

  /** Whether the engine takes a module, given in base64. */
  accepts(wasm: string): boolean {
    return this.#engine.validate(this.#bytesOf(wasm))
  }

  /** Loads all entries. The first model is loaded once before, so that no measured load is the first of an engine. */
  async open(specs: readonly EntrySpec[]): Promise<Opened[]> {
    this.#entries = []
    const first = specs.find((spec) => 'url' in spec)
    if (first) await this.#openModel({ ...first, url: `${first.url}&rehearsal` })
    for (const spec of specs) this.#entries.push(await ('url' in spec ? this.#openModel(spec) : this.#openLoop(spec)))
    return this.#entries.map(({ loadMilliseconds, firstRunMilliseconds, memoryBytes }) => ({
      loadMilliseconds,
      firstRunMilliseconds,
      memoryBytes,
    }))
  }

  /**
   * Runs everything at least `runs` times, and until the fastest run does not become faster. The engine has
   * then optimised the code. After that, it fixes how many runs make a slice.
   */
  warmUp(runs: number, milliseconds: number): void {
    const best = this.#entries.map((entry) => this.#settle(entry, runs, milliseconds / this.#entries.length))
    const longest = Math.min(this.#long, Math.max(this.#short, ...best.filter((_, i) => this.#entries[i]?.memory)))
    this.#entries.forEach((entry, i) => {
      entry.times = Math.ceil((entry.long ? longest : this.#short) / (best[i] as number))
    })
  }

  /**
   * Takes rounds. A round is one slice of every entry, in random order. There is at least one round, and they
   * stop at the first limit.
   */
  rounds(limits: RoundLimits): Rounds {
    return this.#repeat(limits, (entry) => this.#timed(entry))
  }

  /** Milliseconds by round, entry and step. For an entry without steps, they are those of the whole run. */
  steps(limits: RoundLimits): readonly Rounds[] {
    return this.#repeat(limits, (entry) => this.#timedSteps(entry))
  }

  /** Linear memory of every entry now; 0 for loops. */
  memoryBytes(): number[] {
    return this.#entries.map((entry) => entry.memory?.() ?? 0)
  }

  async #openModel({ url, target, steps }: ModelSpec): Promise<Entry> {
    const start = performance.now()
    const { made: model, instance } = await this.#observed(async () => {
      const loader = (await this.#load(url)) as { load(options: object): Promise<Loaded> }
      return loader.load({ target })
    })
    const loadMilliseconds = performance.now() - start
    for (const { name } of model.inputs) this.#fill(model.input(name))
    const memory = (): number => (instance?.exports.memory as { buffer: ArrayBuffer } | undefined)?.buffer.byteLength ?? 0
    const first = performance.now()
    model.execute()
    const firstRunMilliseconds = performance.now() - first
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) model.execute()
    }
    const step = steps > 0 ? (instance?.exports.step as Entry['step']) : undefined
    return { loadMilliseconds, firstRunMilliseconds, memoryBytes: memory(), run, step, steps, memory, long: false, times: 1 }
  }

  async #openLoop({ wasm, long }: LoopSpec): Promise<Entry> {
    const { instance } = (await this.#engine.instantiate(this.#bytesOf(wasm))) as { instance: Instance }
    const spin = instance.exports.spin as (times: number) => void
    return { loadMilliseconds: 0, firstRunMilliseconds: 0, memoryBytes: 0, run: spin, steps: 0, long, times: 1 }
  }

  /** Calls `make` and observes the instance that is made, because the loader does not give access to it. */
  async #observed<T>(make: () => Promise<T>): Promise<{ made: T; instance: Instance | undefined }> {
    const { instantiate } = this.#engine
    let instance: Instance | undefined
    this.#engine.instantiate = async (...args) => {
      const result = (await instantiate(...args)) as Instance & { instance?: Instance }
      instance = result.instance ?? result
      return result
    }
    try {
      const made = await make()
      return { made, instance }
    } finally {
      this.#engine.instantiate = instantiate
    }
  }

  /** Floats in [−1, 1], integers 0 and 1. */
  #fill(view: ArrayLike<number | bigint>): void {
    const target = view as { [i: number]: number | bigint }
    const float = view instanceof Float32Array || view instanceof Float64Array
    const wide = view instanceof BigInt64Array || view instanceof BigUint64Array
    for (let i = 0; i < view.length; i++) target[i] = float ? Math.sin(i) : wide ? BigInt(i & 1) : i & 1
  }

  #bytesOf(base64: string): Uint8Array {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
  }

  /** Runs groups of runs until one is no faster than the best before. Returns the milliseconds of the fastest run. */
  #settle(entry: Entry, runs: number, milliseconds: number): number {
    const deadline = performance.now() + milliseconds
    const window = Math.max(1, Math.ceil(runs / 2))
    let best = Number.POSITIVE_INFINITY
    for (let done = window; ; done += window) {
      const recent = this.#fastest(entry, window, deadline)
      const steady = recent > 0.97 * best
      best = Math.min(best, recent)
      if ((done >= runs && steady) || performance.now() > deadline) break
    }
    return Math.max(best, 1e-5)
  }

  /** Milliseconds of the fastest of some runs, at least one, until the deadline. */
  #fastest(entry: Entry, runs: number, deadline: number): number {
    let fastest = Number.POSITIVE_INFINITY
    for (let i = 0; i < runs; i++) {
      fastest = Math.min(fastest, this.#timed(entry))
      if (performance.now() > deadline) break
    }
    return fastest
  }

  #repeat<T>({ rounds, milliseconds }: RoundLimits, sample: (entry: Entry) => T): T[][] {
    const deadline = performance.now() + milliseconds
    const all: T[][] = []
    do {
      const round: T[] = []
      for (const i of this.#shuffled()) round[i] = sample(this.#entries[i] as Entry)
      all.push(round)
    } while (all.length < rounds && performance.now() < deadline)
    return all
  }

  /** The positions of the entries in random order, by a Fisher–Yates shuffle with a linear congruential generator. */
  #shuffled(): number[] {
    const order = this.#entries.map((_, i) => i)
    for (let i = order.length - 1; i > 0; i--) {
      this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0
      const j = Math.floor((this.#random / 2 ** 32) * (i + 1))
      const swapped = order[i] as number
      order[i] = order[j] as number
      order[j] = swapped
    }
    return order
  }

  /** Milliseconds of a run, as the mean of a slice. */
  #timed(entry: Entry): number {
    const start = performance.now()
    entry.run(entry.times)
    return (performance.now() - start) / entry.times
  }

  #timedSteps(entry: Entry): number[] {
    if (!entry.step) return [this.#timed(entry)]
    const times: number[] = []
    for (let i = 0; i < entry.steps; i++) {
      const start = performance.now()
      entry.step(i)
      times.push(performance.now() - start)
    }
    return times
  }
}
