/** Milliseconds of the machine's monotonic clock (CLOCK_MONOTONIC), the same for all processes, Python's time.monotonic() included. */
exports.monotonicMs = () => Number(process.hrtime.bigint()) / 1e6
