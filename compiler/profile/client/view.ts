/** What the parts of the page share: the profile, colours of kernel families, and which layer is pointed at. */

import type { Profile, ProfileLayer } from '../analyse.ts'
import { type FamilyTotals, familiesOf } from '../families.ts'
import { cssColor } from './dom.ts'

/** Families that every MobileNet has keep their colours from report to report. */
const USUAL = ['pointwise', 'depthwise', 'gemv', 'direct']
const COLORS = 8

type Listener = (index: number | null) => void

export class View {
  readonly profile: Profile
  readonly families: readonly FamilyTotals[]
  readonly #slots: ReadonlyMap<string, number>
  readonly #listeners: Listener[] = []
  #current: number | null = null

  constructor(profile: Profile) {
    this.profile = profile
    this.families = familiesOf(profile.layers)
    const others = this.families.map((f) => f.family).filter((name) => !USUAL.includes(name))
    this.#slots = new Map([...USUAL, ...others].map((name, i) => [name, i]))
  }

  get layers(): readonly ProfileLayer[] {
    return this.profile.layers
  }

  /** Name of the custom property with the family's colour. */
  colorName(family: string): string {
    const slot = this.#slots.get(family) ?? COLORS
    return slot < COLORS ? `family-${slot}` : 'family-other'
  }

  color(family: string): string {
    return cssColor(this.colorName(family))
  }

  /** The layer that the reader points at, in whichever part. */
  get current(): number | null {
    return this.#current
  }

  point(index: number | null): void {
    if (index === this.#current) return
    this.#current = index
    for (const listener of this.#listeners) listener(index)
  }

  onPoint(listener: Listener): void {
    this.#listeners.push(listener)
  }
}
