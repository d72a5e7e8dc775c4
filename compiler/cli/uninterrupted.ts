/** Work that a signal does not break off. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Does synchronous work to its end; a signal that arrives meanwhile ends the process when it is done. */
export function uninterrupted<T>(work: () => T): T {
  const deferred = (signal: NodeJS.Signals): void => {
    release()
    process.kill(process.pid, signal)
  }
  const release = (): void => {
    for (const signal of SIGNALS) process.off(signal, deferred)
  }
  for (const signal of SIGNALS) process.on(signal, deferred)
  try {
    return work()
  } finally {
    // Signals are seen when the event loop polls, which it does between two immediates.
    setImmediate(() => setImmediate(release))
  }
}
