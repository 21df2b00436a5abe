// Chromium drops an answer under way together with the handle that was asked: `(await folder.getFileHandle(name)).createSyncAccessHandle()`
// never settles where garbage is collected meanwhile, because nothing holds that handle any more (seen in version 150).

/** Handles that are being asked. */
const held = new Set<object>();

/** What `ask` makes of `handle`, which stays reachable until it has answered. */
export async function whileHeld<H extends object, T>(handle: H, ask: (handle: H) => Promise<T>): Promise<T> {
  held.add(handle);
  try {
    return await ask(handle);
  } finally {
    held.delete(handle);
  }
}
