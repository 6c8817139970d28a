// Runs `count` jobs, three at a time, and prints how many failed. A failed run is part of the demo:
// it is in the trace, and does not stop the others.
export async function runJobs(name, count, job) {
  let next = 0;
  let failed = 0;
  const worker = async () => {
    while (next < count) {
      await job(next++).catch(() => { ++failed; });
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  console.log(`${name}: ${count} runs, ${failed} failed`);
}
