/** Elements, with text as text: names from a model are never markup. */

type Child = Node | string

/** An element with a class and children. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, className = '', ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

/** A custom property of the page's current colour scheme. */
export function cssColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}
