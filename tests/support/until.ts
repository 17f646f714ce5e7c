// Waiting for what the cloud does by itself.

/** Asks until there is an answer. @throws when there is none in time, saying what was waited for */
export async function until<T>(what: string, probe: () => Promise<T | undefined>, seconds = 120): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let pause = 50; Date.now() < deadline; pause = Math.min(2 * pause, 1000)) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error(`Waited ${seconds} s for ${what}`);
}
