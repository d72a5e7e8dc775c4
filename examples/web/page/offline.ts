/** Stores the page in the browser. */

/** Calls `say` with a sentence once the page works without a network. If the browser refuses service workers, the page works only online, and `say` is not called. */
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
