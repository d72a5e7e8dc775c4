/** What runs inside the engine that is measured. */

/** A bundle's module, through the bundle's own loader. */
export interface ModelSpec {
  /** With a query, to which more can be added. */
  readonly url: string
  readonly target: string
  /** How many steps `step(i)` has; 0 where the module has none. */
  readonly steps: number
}

/** A loop to hold the models against. */
export interface LoopSpec {
  /** The module in base64; it exports `spin(times)`. */
  readonly wasm: string
  /** Slices as long as the longest one of a model, so that both see the same noise; else as short as may be. */
  readonly long: boolean
}

export type EntrySpec = ModelSpec | LoopSpec

export interface Opened {
  /** From the import of the loader until the model can run, in an engine that has loaded one before. */
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

export interface Sampler {
  accepts(wasm: string): boolean
  open(entries: readonly EntrySpec[]): Promise<Opened[]>
  /**
   * Runs everything at least `runs` times, and until the fastest run no longer gets faster, so that the
   * optimising tier is in; then fixes how many runs make a slice.
   */
  warmUp(runs: number, milliseconds: number): void
  /** A round is one slice of every entry, in random order. At least one; stops at the first limit. */
  rounds(limits: RoundLimits): Rounds
  /** Milliseconds by round, entry and step; of an entry without steps, its whole run. */
  steps(limits: RoundLimits): readonly Rounds[]
  memoryBytes(): number[]
}

/**
 * Makes the sampler. It is sent to the engine as the text of this function, so it refers to nothing
 * outside its own body but JavaScript's globals. `load` imports a module by its URL.
 *
 * A slice is as many runs as take `SHORT` milliseconds: long against the clock's resolution, short
 * against the time in which a machine's speed changes.
 */
export function makeSampler(load: (url: string) => Promise<unknown>): Sampler {
  const SHORT = 3
  const LONG = 20
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
  const engine = (globalThis as unknown as { WebAssembly: Record<string, unknown> }).WebAssembly as {
    validate(bytes: Uint8Array): boolean
    instantiate(source: unknown, imports?: unknown): Promise<unknown>
  }
  let entries: Entry[] = []
  let state = 1

  const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))

  const timed = (entry: Entry): number => {
    const start = performance.now()
    entry.run(entry.times)
    return (performance.now() - start) / entry.times
  }

  /** Floats in [−1, 1], integers 0 and 1. */
  const fill = (view: ArrayLike<number | bigint>): void => {
    const target = view as { [i: number]: number | bigint }
    const float = view instanceof Float32Array || view instanceof Float64Array
    const wide = view instanceof BigInt64Array || view instanceof BigUint64Array
    for (let i = 0; i < view.length; i++) target[i] = float ? Math.sin(i) : wide ? BigInt(i & 1) : i & 1
  }

  /** The loader does not show its instance, so it is seen as it is made. */
  const observed = async <T>(make: () => Promise<T>): Promise<{ made: T; instance: Instance | undefined }> => {
    const { instantiate } = engine
    let instance: Instance | undefined
    engine.instantiate = async (...args) => {
      const result = (await instantiate(...args)) as Instance & { instance?: Instance }
      instance = result.instance ?? result
      return result
    }
    try {
      const made = await make()
      return { made, instance }
    } finally {
      engine.instantiate = instantiate
    }
  }

  const openModel = async ({ url, target, steps }: ModelSpec): Promise<Entry> => {
    const start = performance.now()
    const { made: model, instance } = await observed(async () => {
      const loader = (await load(url)) as { load(options: object): Promise<Loaded> }
      return loader.load({ target })
    })
    const loadMilliseconds = performance.now() - start
    for (const { name } of model.inputs) fill(model.input(name))
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

  const openLoop = async ({ wasm, long }: LoopSpec): Promise<Entry> => {
    const { instance } = (await engine.instantiate(bytesOf(wasm))) as { instance: Instance }
    const spin = instance.exports.spin as (times: number) => void
    return { loadMilliseconds: 0, firstRunMilliseconds: 0, memoryBytes: 0, run: spin, steps: 0, long, times: 1 }
  }

  /** Returns the fastest run's milliseconds. */
  const settle = (entry: Entry, runs: number, milliseconds: number): number => {
    const deadline = performance.now() + milliseconds
    const window = Math.max(1, Math.ceil(runs / 2))
    let best = Number.POSITIVE_INFINITY
    for (let done = 0; ; ) {
      let recent = Number.POSITIVE_INFINITY
      for (let i = 0; i < window; i++) {
        const time = timed(entry)
        if (time < recent) recent = time
        if (performance.now() > deadline) break
      }
      done += window
      const steady = recent > 0.97 * best
      best = Math.min(best, recent)
      if ((done >= runs && steady) || performance.now() > deadline) break
    }
    return Math.max(best, 1e-5)
  }

  /** Fisher–Yates over a linear congruential generator. */
  const shuffled = (): number[] => {
    const order = entries.map((_, i) => i)
    for (let i = order.length - 1; i > 0; i--) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      const j = Math.floor((state / 2 ** 32) * (i + 1))
      const swapped = order[i] as number
      order[i] = order[j] as number
      order[j] = swapped
    }
    return order
  }

  const repeat = <T>({ rounds, milliseconds }: RoundLimits, sample: (entry: Entry) => T): T[][] => {
    const deadline = performance.now() + milliseconds
    const all: T[][] = []
    do {
      const round: T[] = []
      for (const i of shuffled()) round[i] = sample(entries[i] as Entry)
      all.push(round)
    } while (all.length < rounds && performance.now() < deadline)
    return all
  }

  const timedSteps = (entry: Entry): number[] => {
    if (!entry.step) return [timed(entry)]
    const times: number[] = []
    for (let i = 0; i < entry.steps; i++) {
      const start = performance.now()
      entry.step(i)
      times.push(performance.now() - start)
    }
    return times
  }

  return {
    accepts: (wasm) => engine.validate(bytesOf(wasm)),
    open: async (specs) => {
      entries = []
      const first = specs.find((spec) => 'url' in spec)
      if (first) await openModel({ ...first, url: `${first.url}&rehearsal` })
      for (const spec of specs) entries.push(await ('url' in spec ? openModel(spec) : openLoop(spec)))
      return entries.map(({ loadMilliseconds, firstRunMilliseconds, memoryBytes }) => ({
        loadMilliseconds,
        firstRunMilliseconds,
        memoryBytes,
      }))
    },
    warmUp: (runs, milliseconds) => {
      const best = entries.map((entry) => settle(entry, runs, milliseconds / entries.length))
      const longest = Math.min(LONG, Math.max(SHORT, ...best.filter((_, i) => entries[i]?.memory)))
      entries.forEach((entry, i) => {
        entry.times = Math.ceil((entry.long ? longest : SHORT) / (best[i] as number))
      })
    },
    rounds: (limits) => repeat(limits, timed),
    steps: (limits) => repeat(limits, timedSteps),
    memoryBytes: () => entries.map((entry) => entry.memory?.() ?? 0),
  }
}
