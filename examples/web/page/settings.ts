/** The choice of a target, and of the page or a worker. */

import { reasons, targetChoice, workerSwitch } from './elements.ts'
import { type Engine, TARGETS } from './engine.ts'

/** Offers what this browser can run. Calls `changed` with the best choice at first, and then with every new choice. */
export function onEngine(changed: (engine: Engine) => void): void {
  const first = TARGETS.find(({ reason }) => reason === null)
  for (const { name, reason } of TARGETS) targetChoice.append(radio(name, reason, name === first?.name))
  reasons.replaceChildren(...TARGETS.flatMap(({ name, reason }) => (reason ? [sentence(name, reason)] : [])))
  const read = (): void => {
    const chosen = targetChoice.querySelector<HTMLInputElement>(':checked')
    if (chosen) changed({ target: chosen.value as Engine['target'], worker: workerSwitch.checked })
  }
  targetChoice.addEventListener('change', read)
  workerSwitch.addEventListener('change', read)
  read()
}

function radio(name: string, reason: string | null, checked: boolean): HTMLElement {
  const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'target', value: name, checked })
  if (reason) {
    input.disabled = true
    input.setAttribute('aria-describedby', `reason-${name}`)
  }
  const label = document.createElement('label')
  const text = Object.assign(document.createElement('span'), { textContent: name })
  label.append(input, text)
  return label
}

function sentence(name: string, reason: string): HTMLElement {
  return Object.assign(document.createElement('span'), { id: `reason-${name}`, textContent: `${reason} ` })
}
