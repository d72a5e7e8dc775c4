/** Stores the page in the browser. */

/** Says in a sentence when the page can do without a network. Where a browser refuses service workers, nothing is said: the page works, online. */
export async function keepOffline(say: (text: string) => void): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  try {
    await navigator.serviceWorker.register('./service-worker.js')
    await navigator.serviceWorker.ready
    say('Kept in this browser: it works offline, too.')
  } catch (error) {
    console.warn('The page is not kept for offline use:', error)
  }
}
