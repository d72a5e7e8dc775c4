/**
 * A recording as Trace Event JSON, which Perfetto and chrome://tracing open (Google, "Trace Event Format", the
 * JSON object form with complete and metadata events).
 */

import type { Profile, ProfileLayer } from './analyse.ts'
import type { Recording, Round, Span } from './recording.ts'

export interface TraceEvent {
  readonly name: string
  readonly cat?: string
  readonly ph: 'X' | 'M'
  /** Microseconds. */
  readonly ts?: number
  readonly dur?: number
  readonly pid: number
  readonly tid: number
  readonly args: Readonly<Record<string, unknown>>
}

export interface Trace {
  readonly traceEvents: readonly TraceEvent[]
  readonly displayTimeUnit: 'ms'
  readonly otherData: Readonly<Record<string, string | number>>
}

const PID = 1
const TID = 1
/** The most rounds in a trace. More rounds would show nothing new and slow the viewer down. */
const MOST_ROUNDS = 25

/** A trace of the first rounds as they happened, all on one thread. */
export function traceOf(recording: Recording, profile: Profile): Trace {
  const { machine, target, bundle, compilerVersion } = profile
  const metadata = (name: string, value: string): TraceEvent => ({ name, ph: 'M', pid: PID, tid: TID, args: { name: value } })
  return {
    traceEvents: [
      metadata('process_name', `mobilenet-compile profile of ${bundle}`),
      metadata('thread_name', target),
      ...recording.rounds.slice(0, MOST_ROUNDS).flatMap((round, i) => roundEvents(round, i, profile)),
    ],
    displayTimeUnit: 'ms',
    otherData: { bundle, target, compilerVersion, ...machine, gmacPerSCeiling: profile.ceilings.gmacPerS },
  }
}

function roundEvents(round: Round, index: number, { layers, totals, ceilings }: Profile): TraceEvent[] {
  const { calibration, sweeps, whole, marks } = round
  const steps: Span = { begin: marks[0] as number, end: marks[layers.length] as number }
  return [
    ...calibration.map((span) => complete('calibration loop', 'ceiling', span, { medianGmacPerS: ceilings.gmacPerS })),
    ...ceilings.bandwidths.map(({ bytes, gbPerS }, i) =>
      complete('bandwidth loop', 'ceiling', sweeps[i] as Span, { bytes, medianGbPerS: gbPerS }),
    ),
    complete('whole run', 'run', whole, { run: index, macs: totals.macs, gmacPerS: rate(totals.macs, whole) }),
    complete('run step by step', 'run', steps, { run: index, macs: totals.macs, gmacPerS: rate(totals.macs, steps) }),
    ...layers.map((layer, i) => layerEvent(layer, { begin: marks[i] as number, end: marks[i + 1] as number })),
  ]
}

function layerEvent({ layer, nodes, kernel, family, macs, bytes, bound }: ProfileLayer, span: Span): TraceEvent {
  return complete(layer, family, span, { kernel, nodes, macs, gmacPerS: rate(macs, span), bytes, bound })
}

function complete(name: string, cat: string, { begin, end }: Span, args: TraceEvent['args']): TraceEvent {
  const [from, to] = [nanoseconds(begin), nanoseconds(end)]
  return { name, cat, ph: 'X', ts: from / 1e3, dur: (to - from) / 1e3, pid: PID, tid: TID, args }
}

/** Whole microseconds, so that events which nest in time also nest in numbers. */
function nanoseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6)
}

/** Multiply-adds per second, in units of 1e9. */
function rate(macs: number, { begin, end }: Span): number {
  return end > begin ? macs / (end - begin) / 1e6 : 0
}
